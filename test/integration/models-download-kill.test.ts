/** `kill -9` at a hundred random moments of downloads: nothing recorded is lost, nothing partial is ever offered. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'vite';
import { expect, it, onTestFinished } from 'vitest';
import { mebibyte } from '../../src-main/models/limits.ts';
import { addRange, type Range, type Ranges } from '../../src-main/models/ranges.ts';
import { inspectOwnModel } from '../../src-main/models/ready.ts';
import { readProgress } from '../../src-main/models/records.ts';
import { inspectModelFolder } from '../../src-main/stack/model-folder.ts';
import { bytesOf } from '../stand-ins/huggingface/content.ts';
import { type SeenRequest, startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { modelRepo } from '../stand-ins/huggingface/repos.ts';
import type { DownloadingInput } from './support/downloading-process.ts';
import { startHelper } from './support/processes.ts';
import { temporaryFolder } from './support/rig.ts';
import { findTampered } from './support/tampered.ts';

const kills = 100;
/** A life is counted by what happens in it, not by a clock: a busy machine must not end it before it begins. */
const mostChanges = 24;
const longestAfterMs = 6;
const oneInTampers = 12;
const limits = {
  streams: 4,
  aloneMs: 0,
  segmentBytes: mebibyte / 2,
  chunkBytes: 192 * 1024,
  writeBytes: 64 * 1024,
  firstRetryMs: 10,
  tellMs: 4,
};
const repo = 'mlx-community/Killed-1B-4bit';
const model = modelRepo(repo, { weightsBytes: 4 * mebibyte, shards: 2 });
const truth = new Map(model.files.map((file) => [file.path, bytesOf(file.content)]));

type Recorded = ReadonlyMap<string, Ranges>;

it('a download that is killed a hundred times goes on each time, and loses no more than a chunk per stream', async () => {
  process.env['NODE_COMPILE_CACHE'] ??= temporaryFolder();
  const { program, hasher } = await bundle();
  const hub = await startHuggingFace({ repos: [model] });
  onTestFinished(hub.close);
  hub.faults.set(repo, '*', { bytesPerSecond: 4 * mebibyte });
  /** Started ahead: what takes time is the start of Node, not the download. */
  const startChild = () => startHelper(program, null);
  const waiting = [startChild(), startChild()];
  const random = seededRandom(20_261_122);
  let folders = nextFolders();
  let recorded: Recorded = new Map();
  let tampered = new Set<string>();
  const tally = { killed: 0, models: 0, tampered: 0, mid: 0, mostUnrecorded: 0 };

  while (tally.killed < kills) {
    const before = hub.seen.length;
    const child = waiting.shift() ?? startChild();
    waiting.push(startChild());
    expect(await child.line()).toBe('up');
    const input: DownloadingInput = {
      address: hub.address,
      modelDir: path.dirname(folders.final),
      hasherFile: hasher,
      repo,
      limits,
    };
    child.say(JSON.stringify(input));
    const changes = Math.floor(random() * mostChanges);
    let said = '';
    for (let count = 0; count < changes && said !== 'done'; count += 1) said = await child.line();
    if (said !== 'done') await delay(random() * longestAfterMs);
    await child.kill();
    expect(said).not.toContain('failed');
    if (said !== 'done') tally.killed += 1;
    expectNothingTwice(hub.seen.slice(before), recorded, tampered);

    const final = await inspectOwnModel(folders.final);
    if (final.state === 'ready') {
      /** Whole by its content, whatever happened on the way. */
      expect(findTampered(folders.final, final.manifest.files)).toBeNull();
      expect(final.manifest.files).toHaveLength(model.files.length - 2);
      folders = nextFolders();
      recorded = new Map();
      tampered = new Set();
      tally.models += 1;
      continue;
    }
    expect(existsSync(folders.final)).toBe(false);
    if (existsSync(folders.partial)) {
      expect(await inspectModelFolder(folders.partial)).toMatchObject({ state: 'incomplete' });
    }
    recorded = await readRecorded(folders.partial);
    if (recorded.size > 0) tally.mid += 1;
    const unrecorded = await expectTrueRecord(folders.partial, recorded, tampered);
    tally.mostUnrecorded = Math.max(tally.mostUnrecorded, unrecorded);
    expect(unrecorded).toBeLessThanOrEqual(limits.streams * limits.chunkBytes);
    if (random() * oneInTampers < 1 && (await tamper(folders.partial, recorded, tampered)))
      tally.tampered += 1;
  }
  process.stdout.write(`${JSON.stringify(tally)}\n`);
  /** The moments were spread: models came to their end, and most deaths were in the middle of one. */
  expect(tally.models).toBeGreaterThanOrEqual(3);
  expect(tally.mid).toBeGreaterThan(kills / 2);
  expect(tally.tampered).toBeGreaterThan(0);
}, 600_000);

/** As one file: of a hundred starts of Node most of the time would go into finding and compiling modules. */
async function bundle(): Promise<{ readonly program: string; readonly hasher: string }> {
  const outDir = temporaryFolder();
  await build({
    configFile: false,
    logLevel: 'silent',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir,
      target: 'node24',
      rollupOptions: {
        input: {
          program: path.join(import.meta.dirname, 'support/downloading-process.ts'),
          hasher: path.join(import.meta.dirname, '../../src-main/models/hashing/hasher.ts'),
        },
        treeshake: { manualPureFunctions: ['z'] },
        output: { format: 'es', entryFileNames: '[name].mjs' },
      },
    },
  });
  return { program: path.join(outDir, 'program.mjs'), hasher: path.join(outDir, 'hasher.mjs') };
}

function nextFolders(): { readonly final: string; readonly partial: string } {
  const final = path.join(temporaryFolder(), 'models', 'Killed-1B-4bit');
  return { final, partial: `${final}.partial` };
}

async function readRecorded(partial: string): Promise<Recorded> {
  const read = await readProgress(partial);
  /** It is written as a whole: killed or not, it can always be read. */
  expect(read.kind).not.toBe('refused');
  return read.kind === 'value'
    ? new Map(read.value.files.map(({ path: name, done }) => [name, done]))
    : new Map();
}

/** Every recorded byte is on the disk as it should be; how many more there are that no record says. */
async function expectTrueRecord(
  partial: string,
  recorded: Recorded,
  tampered: ReadonlySet<string>,
): Promise<number> {
  let unrecorded = 0;
  for (const [name, done] of recorded) {
    if (tampered.has(name)) continue;
    const file = path.join(partial, name);
    const onDisk = existsSync(file) ? await readFile(file) : Buffer.alloc(0);
    const wanted = truth.get(name) ?? Buffer.alloc(0);
    for (const [start, end] of done) {
      expect(onDisk.subarray(start, end).equals(wanted.subarray(start, end)), `${name} ${start}`).toBe(true);
    }
    const safe = Buffer.alloc(onDisk.length);
    for (const [start, end] of done) onDisk.copy(safe, start, start, end);
    const more = countWritten(onDisk) - countWritten(safe);
    unrecorded += more;
    /** What no record says may be anything: the next run must not build on it, and it is not counted again. */
    if (more > 0) await writeFile(file, safe);
  }
  return unrecorded;
}

/** No byte of a model is zero here, and every byte that was never written is. */
function countWritten(bytes: Buffer): number {
  let count = 0;
  for (let index = 0; index < bytes.length; index += 1) if (bytes[index] !== 0) count += 1;
  return count;
}

/** What was recorded when the last run died is not asked for again. */
function expectNothingTwice(
  seen: readonly SeenRequest[],
  recorded: Recorded,
  tampered: ReadonlySet<string>,
): void {
  const asked = new Map<string, Ranges>();
  for (const { url, range } of seen) {
    const parsed = new URL(url, 'http://x');
    const name =
      parsed.searchParams.get('file') ?? /\/resolve\/[0-9a-f]{40}\/(.+)$/.exec(parsed.pathname)?.[1];
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (name === undefined || start === undefined || end === undefined || tampered.has(name)) continue;
    asked.set(name, addRange(asked.get(name) ?? [], [Number(start), Number(end) + 1]));
  }
  for (const [name, ranges] of asked) {
    for (const range of ranges) {
      for (const done of recorded.get(name) ?? []) expect(overlap(range, done), `${name} ${range}`).toBe(0);
    }
  }
}

const overlap = (a: Range, b: Range) => Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]));

/** Changes one recorded byte of the weights. */
async function tamper(partial: string, recorded: Recorded, tampered: Set<string>): Promise<boolean> {
  for (const [name, done] of recorded) {
    const [first] = done;
    if (!name.endsWith('.safetensors') || first === undefined) continue;
    const file = path.join(partial, name);
    const bytes = await readFile(file);
    const middle = Math.floor((first[0] + first[1]) / 2);
    bytes[middle] = ((bytes[middle] ?? 0) % 255) + 1;
    await writeFile(file, bytes);
    tampered.add(name);
    return true;
  }
  return false;
}

/** The same moments on every run, as far as a machine allows. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
