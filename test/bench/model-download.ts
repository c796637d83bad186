/** Our download of a model beside curl, from the same server on loopback. Alone: `node test/bench/model-download.ts`. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createDownloads } from '../../src-main/models/downloads.ts';
import { startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { modelRepo } from '../stand-ins/huggingface/repos.ts';
import { median } from './statistics.ts';
import { readUsage } from './usage.ts';

export interface DownloadRun {
  readonly rounds: number;
  readonly megabytes: number;
  /** Of each connection, as a line would bring it; as fast as the machine can unless given. */
  readonly bytesPerSecond?: number;
}

export interface DownloadFigures {
  /** MB/s of each round, in turns. */
  readonly ours: readonly number[];
  readonly curl: readonly number[];
  /** The same with the file on the disk for certain, as ours is. */
  readonly curlSynced: readonly number[];
  /** The same with the hash of the file taken by openssl afterwards, as ours is while it comes; without openssl none. */
  readonly curlVerified: readonly number[];
  /** Processor time of the downloading process, in ms per GB: it tells of the program where the machine is busy. */
  readonly oursCpu: readonly number[];
  readonly curlCpu: readonly number[];
  /** Of our process at its largest, in MB. */
  readonly peakMb: number;
}

export const downloadBudget = 0.9;
const fullRun: DownloadRun = { rounds: 5, megabytes: 768 };
const megabyte = 1_000_000;
const gigabyte = 1_000 * megabyte;
const repo = 'bench/Large-4bit';
/** Downloaded first: our code is compiled and the hub was asked before, as in an app that has been looked at. */
const smallRepo = 'bench/Small-4bit';
const weights = 'model.safetensors';
const hasherFile = path.resolve(import.meta.dirname, '../../dist/hasher/hasher.cjs');

export const hasCurl = (): boolean => spawnSync('curl', ['--version']).status === 0;
const hasOpenssl = (): boolean => spawnSync('openssl', ['version']).status === 0;

export async function benchModelDownload(folder: string, run = fullRun): Promise<DownloadFigures> {
  const server = await startRole('server', String(run.megabytes), String(run.bytesPerSecond ?? ''));
  const verifies = hasOpenssl();
  try {
    const bytes = run.megabytes * megabyte;
    const ours: number[] = [];
    const curl: number[] = [];
    const curlSynced: number[] = [];
    const curlVerified: number[] = [];
    const oursCpu: number[] = [];
    const curlCpu: number[] = [];
    let peakMb = 0;
    /** The first round warms the server up. */
    for (let round = 0; round <= run.rounds; round += 1) {
      const byCurl = await measureCurl(server.said.address ?? '', server.said.commit ?? '', folder, verifies);
      const byUs = await measureOurs(server.said.address ?? '', folder);
      if (round === 0) continue;
      curl.push(rate(bytes, byCurl.ms));
      curlSynced.push(rate(bytes, byCurl.syncedMs));
      if (verifies) curlVerified.push(rate(bytes, byCurl.ms + byCurl.hashMs));
      ours.push(rate(bytes, byUs.ms));
      curlCpu.push(byCurl.cpuMs / (bytes / gigabyte));
      oursCpu.push(byUs.cpuMs / (bytes / gigabyte));
      peakMb = Math.max(peakMb, byUs.peakMb);
    }
    return { ours, curl, curlSynced, curlVerified, oursCpu, curlCpu, peakMb };
  } finally {
    await server.end();
  }
}

const rate = (bytes: number, ms: number) => bytes / megabyte / (ms / 1_000);

/** Follows the hub to the other server, as a person would do it by hand. */
async function measureCurl(
  address: string,
  commit: string,
  folder: string,
  verifies: boolean,
): Promise<{
  readonly ms: number;
  readonly syncedMs: number;
  /** Of openssl alone; 0 unless it verifies. */
  readonly hashMs: number;
  readonly cpuMs: number;
}> {
  const file = path.join(folder, 'curl.safetensors');
  const url = `${address}/${repo}/resolve/${commit}/${weights}`;
  const before = await readUsage(process.pid);
  const beganMs = performance.now();
  const child = spawn('curl', ['--silent', '--fail', '--location', '--output', file, url], {
    stdio: 'ignore',
  });
  const [code]: unknown[] = await once(child, 'exit');
  const ms = performance.now() - beganMs;
  if (code !== 0) throw new Error(`curl ended with ${String(code)}`);
  const after = await readUsage(process.pid);
  const handle = await open(file, 'r+');
  await handle.sync();
  await handle.close();
  const syncedMs = performance.now() - beganMs;
  const hashMs = verifies ? await measureHash(file) : 0;
  await rm(file);
  return { ms, syncedMs, hashMs, cpuMs: after.childrenCpuMs - before.childrenCpuMs };
}

async function measureHash(file: string): Promise<number> {
  const beganMs = performance.now();
  const child = spawn('openssl', ['dgst', '-sha256', file], { stdio: 'ignore' });
  const [code]: unknown[] = await once(child, 'exit');
  if (code !== 0) throw new Error(`openssl ended with ${String(code)}`);
  return performance.now() - beganMs;
}

/** From the wish to the verified model, in a process of its own that is up already, as the app is. */
async function measureOurs(
  address: string,
  folder: string,
): Promise<{ readonly ms: number; readonly cpuMs: number; readonly peakMb: number }> {
  const modelDir = await mkdtemp(path.join(folder, 'models-'));
  const client = await startRole('client', address, modelDir);
  await client.end();
  await rm(modelDir, { recursive: true, force: true });
  const { ms, cpuMs, peakMb } = client.said;
  return { ms: Number(ms), cpuMs: Number(cpuMs), peakMb: Number(peakMb) };
}

interface Role {
  readonly said: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

/** It ends when its stdin does. */
async function startRole(...args: string[]): Promise<Role> {
  const child = spawn(process.execPath, ['--no-warnings', import.meta.filename, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, 'line'), exited.then(() => null)]);
  if (line === null) throw new Error(`${args[0]} ended`);
  const said: unknown = JSON.parse(String(line[0]));
  return {
    said: Object.fromEntries(
      Object.entries(typeof said === 'object' && said !== null ? said : {}).map(([key, value]) => [
        key,
        String(value),
      ]),
    ),
    async end() {
      child.stdin.end();
      await exited;
    },
  };
}

async function serve(megabytes: string, bytesPerSecond: string): Promise<void> {
  const model = modelRepo(repo, { weightsBytes: Number(megabytes) * megabyte });
  const hub = await startHuggingFace({
    repos: [model, modelRepo(smallRepo, { weightsBytes: 16 * megabyte })],
    ...(bytesPerSecond === '' ? {} : { bytesPerSecond: Number(bytesPerSecond) }),
  });
  for (const file of model.files) file.hash();
  process.stdout.write(`${JSON.stringify({ address: hub.address, commit: model.commit })}\n`);
}

async function download(address: string, modelDir: string): Promise<void> {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const failed = Promise.withResolvers<never>();
  let installed = Promise.withResolvers<void>();
  const downloads = createDownloads({
    address,
    fetch,
    token: async () => null,
    hasherFile,
    modelDir: () => modelDir,
    onChange: (all) => {
      look();
      const found = all.find(({ state }) => state === 'failed');
      if (found !== undefined) failed.reject(new Error(found.problem?.message));
    },
    onInstalled: () => installed.resolve(),
    onBug: failed.reject,
  });
  async function fetchOne(id: string): Promise<void> {
    installed = Promise.withResolvers<void>();
    await downloads.download(id);
    await Promise.race([installed.promise, failed.promise]);
  }
  await fetchOne(smallRepo);
  const before = process.cpuUsage();
  const beganMs = performance.now();
  await fetchOne(repo);
  const ms = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(before);
  await downloads.close();
  const cpuMs = (user + system) / 1_000;
  process.stdout.write(`${JSON.stringify({ ms, cpuMs, peakMb: peak / megabyte })}\n`);
}

async function alone(): Promise<void> {
  const parent = existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir();
  const folder = await mkdtemp(path.join(parent, 'mlx-bench-'));
  try {
    const figures = await benchModelDownload(folder);
    const ratio = median(figures.ours) / median(figures.curlVerified);
    process.stdout.write(`${JSON.stringify({ ...figures, ratio }, null, 2)}\n`);
    process.exitCode = ratio >= downloadBudget ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [role, first = '', second = ''] = process.argv.slice(2);
  if (role !== undefined)
    process.stdin
      .on('end', () => {
        if (role === 'server') process.exit();
      })
      .resume();
  if (role === 'server') await serve(first, second);
  else if (role === 'client') await download(first, second);
  else await alone();
}
