import { expect, it } from 'vitest';
import { drawPort, isOfLane } from '../../tools/port-lane.ts';

it('gives each port of the lane once, and then says that there are no more', () => {
  const drawn = Array.from({ length: 10 }, () => drawPort(100, 140));
  expect(new Set(drawn).size).toBe(10);
  expect(drawn.every((port) => isOfLane(port, 100, 140))).toBe(true);
  expect(() => drawPort(100, 140)).toThrow('has been given');
});
