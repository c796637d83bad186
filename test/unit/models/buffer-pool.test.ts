import { expect, it } from 'vitest';
import { createBufferPool } from '../../../src-main/models/buffer-pool.ts';

it('there are so many buffers and no more, none over another', () => {
  const pool = createBufferPool(3, 10);
  const taken = [pool.take(), pool.take(), pool.take()];
  expect(pool.take()).toBeNull();
  expect(pool.memory.byteLength).toBe(30);
  expect(new Set(taken.map((buffer) => buffer?.byteOffset))).toEqual(new Set([0, 10, 20]));
  expect(taken.every((buffer) => buffer?.buffer === pool.memory && buffer.length === 10)).toBe(true);
});

it('whoever waits has the next one that comes back, in the order of asking', async () => {
  const pool = createBufferPool(1, 10);
  const only = await pool.next();
  const order: string[] = [];
  const first = pool.next().then((buffer) => {
    order.push('first');
    pool.give(buffer);
  });
  const second = pool.next().then(() => order.push('second'));
  pool.give(only);
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
  expect(pool.take()).toBeNull();
});
