/** A verified model download beside curl, as rows of the table: on a fast line, and as fast as the machine can. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchContext } from '../context.ts';
import { type Measurement, ratioOf } from '../measurement.ts';
import {
  benchModelDownload,
  type DownloadFigures,
  type DownloadRun,
  downloadBudget,
  hasCurl,
} from '../model-download.ts';
import { median } from '../statistics.ts';

const quickRun: DownloadRun = { rounds: 2, megabytes: 128 };
const fullRun: DownloadRun = { rounds: 5, megabytes: 1_024 };
/** 2.5 Gbit/s, more than the fastest Wi-Fi of a Mac brings. */
const lineBytesPerSecond = 312_500_000;
const megabyte = 1_000_000;

export async function measureModelDownload(context: BenchContext): Promise<Measurement[]> {
  const { options, log } = context;
  if (!hasCurl()) return [withoutCurl];
  const run = options.quick ? quickRun : fullRun;
  log('model-download: the same file by us and by curl, in turns');
  /** curl leaves the file to the system, ours is on the disk for certain: in memory the two do the same work. */
  const memory = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const disk = existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir();
  const fewer = { ...run, rounds: Math.min(3, run.rounds) };
  const line = await inFolder(context, memory, { ...fewer, bytesPerSecond: lineBytesPerSecond });
  const free = await inFolder(context, memory, run);
  const onDisk = await inFolder(context, disk, fewer);
  return [onLine(line), asFastAsCanBe(free, onDisk, memory, disk)];
}

function onLine({ ours, curl, oursCpu, curlCpu }: DownloadFigures): Measurement {
  return {
    id: 'model-download',
    title: 'model download, verified, on a line of 2.5 Gbit/s',
    unit: 'MB/s',
    samples: { ours, bare: curl },
    said: {},
    ratio: `${ratioOf(median(ours), median(curl))} curl`,
    budget: `≥ ${downloadBudget} × curl`,
    kept: median(ours) >= downloadBudget * median(curl),
    notes: [
      `each connection brings ${lineBytesPerSecond / megabyte} MB/s at most, so ours takes one, as curl does, which verifies nothing; processor time for a gigabyte: ours ${median(oursCpu).toFixed(0)} ms, curl ${median(curlCpu).toFixed(0)}`,
    ],
  };
}

/**
 * Beside curl with the same work to do: alone it brings more than one thread can hash where both are as fast as memory,
 * and the hash of a file is taken from its first byte to its last.
 */
function asFastAsCanBe(
  { ours, curl, curlVerified, oursCpu, curlCpu, peakMb }: DownloadFigures,
  onDisk: DownloadFigures,
  memory: string,
  disk: string,
): Measurement {
  const isComparable = curlVerified.length > 0;
  return {
    id: 'model-download',
    title: 'model download, verified, as fast as can be',
    unit: 'MB/s',
    samples: { ours, ...(isComparable ? { bare: curlVerified } : {}) },
    said: isComparable ? {} : { bare: 'openssl is not there' },
    ratio: isComparable ? `${ratioOf(median(ours), median(curlVerified))} curl, openssl` : '–',
    budget: `≥ ${downloadBudget} × curl, openssl`,
    kept: isComparable ? median(ours) >= downloadBudget * median(curlVerified) : null,
    notes: [
      `bare is curl and then openssl dgst -sha256; both in ${memory}; curl that verifies nothing: ${median(curl).toFixed(0)} MB/s, ours ${ratioOf(median(ours), median(curl))} of it`,
      `processor time for a gigabyte: ours ${median(oursCpu).toFixed(0)} ms on all threads with its verification, curl ${median(curlCpu).toFixed(0)} ms on one without; our process at its largest: ${peakMb.toFixed(0)} MB`,
      `in ${disk}: ours ${median(onDisk.ours).toFixed(0)} MB/s, curl with its file synced ${median(onDisk.curlSynced).toFixed(0)}, curl that leaves it to the system ${median(onDisk.curl).toFixed(0)}`,
    ],
  };
}

async function inFolder({ stage }: BenchContext, parent: string, run: DownloadRun): Promise<DownloadFigures> {
  const folder = await mkdtemp(path.join(parent, 'mlx-bench-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  return await benchModelDownload(folder, run);
}

const withoutCurl: Measurement = {
  id: 'model-download',
  title: 'model download, verified',
  unit: 'MB/s',
  samples: {},
  said: { bare: 'curl is not there' },
  ratio: '–',
  budget: `≥ ${downloadBudget} × curl`,
  kept: null,
  notes: [],
};
