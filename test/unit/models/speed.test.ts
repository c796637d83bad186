import { expect, it } from 'vitest';
import { createSpeed, windowMs } from '../../../src-main/models/speed.ts';

it('is that of the last seconds, nothing when nothing came, and not that of a single burst', () => {
  let nowMs = 0;
  const speed = createSpeed(() => nowMs);
  expect(speed.bytesPerSecond()).toBeNull();
  for (let step = 0; step < 100; step += 1) {
    speed.add(1_000);
    nowMs += 100;
  }
  expect(speed.bytesPerSecond()).toBeGreaterThan(9_000);
  expect(speed.bytesPerSecond()).toBeLessThan(11_000);
  nowMs += windowMs + 1;
  expect(speed.bytesPerSecond()).toBeNull();
  speed.clear();
  speed.add(1_000_000);
  expect(speed.bytesPerSecond()).toBeLessThanOrEqual(4_000_000);
});
