/** A verified model download beside curl's plain one, as a row of the table. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchContext } from '../context.ts';
import { type Measurement, ratioOf } from '../measurement.ts';
import { benchModelDownload, downloadBudget, hasCurl } from '../model-download.ts';
import { median } from '../statistics.ts';

const quickRun = { rounds: 2, megabytes: 128 };
const fullRun = { rounds: 5, megabytes: 1_024 };

export async function measureModelDownload(context: BenchContext): Promise<Measurement> {
  const { options, log } = context;
  if (!hasCurl()) return withoutCurl;
  const run = options.quick ? quickRun : fullRun;
  log('model-download: the same file by us and by curl, in turns');
  /** curl leaves the file to the system, ours is on the disk for certain: in memory the two do the same work. */
  const memory = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const disk = existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir();
  const { ours, curl, oursCpu, curlCpu, peakMb } = await inFolder(context, memory, run);
  const onDisk = await inFolder(context, disk, { ...run, rounds: Math.min(3, run.rounds) });
  return {
    id: 'model-download',
    title: 'model download, verified',
    unit: 'MB/s',
    samples: { ours, bare: curl },
    said: {},
    ratio: `${ratioOf(median(ours), median(curl))} curl`,
    budget: `≥ ${downloadBudget} × curl`,
    kept: median(ours) >= downloadBudget * median(curl),
    notes: [
      `processor time for a gigabyte: ours ${median(oursCpu).toFixed(0)} ms on all threads with its verification, curl ${median(curlCpu).toFixed(0)} ms on one without`,
      `bare is curl; both in ${memory}; our process at its largest: ${peakMb.toFixed(0)} MB`,
      `in ${disk}: ours ${median(onDisk.ours).toFixed(0)} MB/s, curl with its file synced ${median(onDisk.curlSynced).toFixed(0)}, curl that leaves it to the system ${median(onDisk.curl).toFixed(0)}`,
    ],
  };
}

async function inFolder(
  { stage }: BenchContext,
  parent: string,
  run: { readonly rounds: number; readonly megabytes: number },
) {
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
