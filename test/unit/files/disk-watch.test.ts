/** Told once when the disk becomes short, once when there is room again, and nothing while it cannot be told. */
import { expect, it } from 'vitest';
import { enoughBytes, lowBytes, watchDisk } from '../../../src-main/files/disk-watch.ts';

it('tells of the change, not of the state', async () => {
  const told: string[] = [];
  let free: number | null = lowBytes;
  const disk = watchDisk({
    folder: '/x',
    onLow: (bytes) => told.push(`low ${bytes}`),
    onEnough: () => told.push('enough'),
    freeBytes: async () => free,
    intervalMs: 1e9,
  });
  await disk.look();
  expect(told).toEqual([]);
  for (free of [lowBytes - 1, 5, null, enoughBytes - 1, lowBytes]) await disk.look();
  expect(told).toEqual([`low ${lowBytes - 1}`]);
  for (free of [enoughBytes, enoughBytes * 2]) await disk.look();
  expect(told).toEqual([`low ${lowBytes - 1}`, 'enough']);
  free = 0;
  await disk.look();
  expect(told.at(-1)).toBe('low 0');
  disk.close();
});

it('reads a real disk, and survives a folder that is gone', async () => {
  const told: number[] = [];
  const disk = watchDisk({
    folder: '/nowhere/at/all',
    onLow: (bytes) => told.push(bytes),
    onEnough: () => told.push(0),
  });
  await disk.look();
  disk.close();
  expect(told).toEqual([]);
});
