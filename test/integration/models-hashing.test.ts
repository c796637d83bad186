/** The hash thread over real files: from memory in order, else from the disk, and what happens when either fails. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createHashThread, HashThreadEnded, stepBytes } from '../../src-main/models/hashing/hash-thread.ts';
import type { RepoFile } from '../../src-main/models/repo-files.ts';
import { temporaryFolder } from './support/rig.ts';

const hasher = new URL('../../src-main/models/hashing/hasher.ts', import.meta.url);
const { signal } = new AbortController();

const fileOf = (content: Buffer, hex = createHash('sha256').update(content).digest('hex')): RepoFile => ({
  path: 'model.safetensors',
  sizeBytes: content.length,
  hash: { kind: 'sha256', hex },
});

/** `held` is what the disk has. */
async function rig(held: Buffer, options: { readonly hasher?: URL | string } = {}) {
  const memory = new SharedArrayBuffer(1_000);
  const thread = createHashThread(options.hasher ?? hasher, memory);
  const name = path.join(temporaryFolder(), 'file');
  writeFileSync(name, held);
  const handle = await open(name, 'r+');
  onTestFinished(async () => {
    await thread.close();
    await handle.close();
  });
  /** Puts bytes into the memory, where the next ones may go on top only after the answer. */
  function put(bytes: Buffer): Buffer {
    const place = Buffer.from(memory, 0, bytes.length);
    bytes.copy(place);
    return place;
  }
  return { thread, handle, put };
}

it('what comes in order is hashed from memory, and the disk is not looked at', async () => {
  const content = randomBytes(2_500);
  const { thread, handle, put } = await rig(Buffer.alloc(2_500));
  const hash = thread.begin(fileOf(content), handle);
  for (const start of [0, 1_000, 2_000]) {
    const taken = hash.offer(start, put(content.subarray(start, start + 1_000)), 0);
    expect(taken).not.toBeNull();
    await taken;
  }
  await hash.follow(2_500, signal);
  expect(hash.matches()).toBe(true);
});

it('what does not is left for the disk, and between the two nothing is lost', async () => {
  const content = randomBytes(2_500 + stepBytes);
  const { thread, handle, put } = await rig(content);
  const hash = thread.begin(fileOf(content), handle);
  /** Nothing before it is there. */
  expect(hash.offer(1_000, put(content.subarray(1_000, 1_100)), 0)).toBeNull();
  await hash.offer(0, put(content.subarray(0, 700)), 0);
  /** All before it is. */
  const later = 1_500 + stepBytes;
  await hash.offer(later, put(content.subarray(later, later + 500)), later);
  expect(hash.askedBytes).toBe(later + 500);
  /** It has this already. */
  expect(hash.offer(later, put(content.subarray(later, later + 500)), later)).toBeNull();
  expect(hash.matches()).toBe(false);
  await hash.follow(content.length, signal);
  expect(hash.matches()).toBe(true);
});

it('memory that is not shared cannot be seen by the thread: the disk it is', async () => {
  const content = randomBytes(100);
  const { thread, handle } = await rig(content);
  const hash = thread.begin(fileOf(content), handle);
  expect(hash.offer(0, content, 0)).toBeNull();
  await hash.follow(100, signal);
  expect(hash.matches()).toBe(true);
});

it('one byte that differs is found, in memory and on the disk', async () => {
  const content = randomBytes(1_000);
  const other = Buffer.from(content);
  other[500] = (other[500] ?? 0) ^ 1;
  const { thread, handle, put } = await rig(other);
  const onDisk = thread.begin(fileOf(content), handle);
  await onDisk.follow(1_000, signal);
  expect(onDisk.matches()).toBe(false);
  const inMemory = thread.begin(fileOf(content), handle);
  await inMemory.offer(0, put(other), 0);
  await inMemory.follow(1_000, signal);
  expect(inMemory.matches()).toBe(false);
});

it('several files at a time do not get into each other’s way, git’s own hash and an empty file among them', async () => {
  const content = randomBytes(800);
  const { thread, handle, put } = await rig(content);
  const blob = createHash('sha1').update('blob 800\0').update(content).digest('hex');
  const git = thread.begin({ ...fileOf(content), hash: { kind: 'git-sha1', hex: blob } }, handle);
  const weights = thread.begin(fileOf(content), handle);
  const empty = thread.begin(fileOf(Buffer.alloc(0)), handle);
  await git.offer(0, put(content.subarray(0, 400)), 0);
  await Promise.all([weights.follow(800, signal), git.follow(800, signal), empty.follow(0, signal)]);
  expect([git.matches(), weights.matches(), empty.matches()]).toEqual([true, true, true]);
});

it('a file that became shorter is lost, and never matches', async () => {
  const content = randomBytes(1_000);
  const { thread, handle } = await rig(content.subarray(0, 600));
  const hash = thread.begin(fileOf(content), handle);
  await hash.follow(1_000, signal);
  expect([hash.isLost, hash.matches()]).toEqual([true, false]);
});

it('a disk that cannot be read is said in the system’s words, also to whoever asks again', async () => {
  const { thread } = await rig(Buffer.alloc(0));
  const hash = thread.begin(fileOf(randomBytes(1_000)), { fd: 1_000_000 });
  await expect(hash.follow(1_000, signal)).rejects.toMatchObject({ code: 'EBADF' });
  await expect(hash.follow(1_000, signal)).rejects.toMatchObject({ code: 'EBADF' });
});

it('a long reading ends with its signal, and with the thread', async () => {
  const content = Buffer.alloc(3 * stepBytes);
  const { thread, handle } = await rig(content);
  const stop = new AbortController();
  const hash = thread.begin(fileOf(content), handle);
  const following = hash.follow(content.length, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(following).rejects.toThrow('stopped');
  const ended = expect(hash.follow(content.length, signal)).rejects.toBeInstanceOf(HashThreadEnded);
  await thread.close();
  await ended;
});

it('a thread that ends by itself keeps nobody waiting', async () => {
  const broken = path.join(temporaryFolder(), 'broken.mjs');
  writeFileSync(broken, 'throw new Error("broken");');
  const { thread, handle, put } = await rig(Buffer.alloc(10), { hasher: broken });
  const hash = thread.begin(fileOf(randomBytes(10)), handle);
  await expect(hash.offer(0, put(randomBytes(5)), 0)).rejects.toBeInstanceOf(HashThreadEnded);
  await expect(hash.follow(10, signal)).rejects.toBeInstanceOf(HashThreadEnded);
});
