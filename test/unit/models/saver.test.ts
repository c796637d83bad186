import { expect, it } from 'vitest';
import { createSaver } from '../../../src-main/models/saver.ts';

it('runs once more for all who asked while it ran, never twice at once', async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  let running = 0;
  let most = 0;
  const saver = createSaver(async () => {
    running += 1;
    most = Math.max(most, running);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    running -= 1;
  });
  const first = saver.save();
  const second = saver.save();
  const third = saver.save();
  expect(gates).toHaveLength(1);
  gates[0]?.resolve();
  await first;
  await Promise.resolve();
  expect(gates).toHaveLength(2);
  gates[1]?.resolve();
  await Promise.all([second, third]);
  expect([gates.length, most]).toEqual([2, 1]);
  await saver.idle();
});

it('tells a failure to those it concerns, and works again after it', async () => {
  let count = 0;
  const saver = createSaver(async () => {
    count += 1;
    if (count === 1) throw new Error('full');
  });
  const first = saver.save();
  const second = saver.save();
  await expect(first).rejects.toThrow('full');
  await expect(second).resolves.toBeUndefined();
  await saver.idle();
  expect(count).toBe(2);
});
