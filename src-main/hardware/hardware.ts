/** What this Mac is, known once per launch: detected on macOS; elsewhere the profile that lies in home, if there is one. */
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { errnoOf } from '../files/file-problems.ts';
import type { HomeFiles } from '../files/types.ts';
import { gpuLimitBytes } from '../stack/memory.ts';
import type { RunTool } from '../supervisor/child.ts';
import { hardwareWords } from '../words/index.ts';
import { detectHardware, type MemoryNow, readGpuLimitBytes, readMemoryNow } from './detect.ts';
import { type HardwareProfile, readProfile, writeProfile } from './profile.ts';

export interface HardwareDeps {
  readonly platform: NodeJS.Platform;
  readonly run: RunTool;
  readonly files: HomeFiles;
  /** `profile.json` in home. */
  readonly file: string;
  /** Of the computer this runs on. */
  readonly totalBytes: number;
}

export interface MachineMemory {
  readonly totalBytes: number;
  /** What the GPU may use of it. */
  readonly gpuLimitBytes: number;
}

export interface Hardware {
  /** Fast: needed before the first server starts. */
  memory(): Promise<MachineMemory>;
  /** The whole profile; on macOS detected once and kept in `profile.json` when that says something else. */
  profile(): Promise<Result<HardwareProfile>>;
  /** What is free at this moment, or `null` where the system does not say. */
  memoryNow(): Promise<MemoryNow | null>;
}

const bytesPerGib = 1024 ** 3;

export function createHardware(deps: HardwareDeps): Hardware {
  const { platform, run, files, file, totalBytes } = deps;
  let detection: Promise<Result<HardwareProfile>> | null = null;

  async function detect(): Promise<Result<HardwareProfile>> {
    const found = await detectHardware(run);
    if (!found.ok) return found;
    const kept = await readProfile(files, file);
    /** A file that cannot be used is replaced: nothing in it is anybody's work. Unwritable is no obstacle either. */
    if (kept.kind !== 'value' || !isSame(kept.value, found.value))
      await writeProfile(files, file, found.value);
    return found;
  }

  async function lying(): Promise<Result<HardwareProfile>> {
    const read = await readProfile(files, file);
    if (read.kind === 'value') return ok(read.value);
    return fail(read.kind === 'refused' ? read.problem : notMacOs);
  }

  return {
    async memory() {
      if (platform === 'darwin') {
        return { totalBytes, gpuLimitBytes: await readGpuLimitBytes(run, totalBytes) };
      }
      const pretended = await lying();
      const bytes = pretended.ok ? pretended.value.memoryGb * bytesPerGib : totalBytes;
      return { totalBytes: bytes, gpuLimitBytes: gpuLimitBytes(bytes) };
    },
    async profile() {
      if (platform !== 'darwin') return await lying();
      detection ??= detect();
      const found = await detection;
      if (!found.ok) detection = null;
      return found;
    },
    async memoryNow() {
      if (platform === 'darwin') return await readMemoryNow(run, totalBytes);
      return { availableBytes: os.freemem(), pressure: 'normal' };
    },
  };
}

function isSame(a: HardwareProfile, b: HardwareProfile): boolean {
  return (
    a.chip === b.chip &&
    a.gpuCores === b.gpuCores &&
    a.memoryGb === b.memoryGb &&
    a.bandwidthGbps === b.bandwidthGbps &&
    a.isEstimate === b.isEstimate &&
    a.profileId === b.profileId
  );
}

const notMacOs: Problem = problem(
  'hardware-unknown',
  hardwareWords.notAMac,
  hardwareWords.profileTakesItsPlace,
);

const maxParents = 64;

/** Free space where a folder is, or will be: the nearest parent that exists answers. `null` when none does. */
export async function freeDiskBytes(folder: string): Promise<number | null> {
  let place = path.resolve(folder);
  for (let step = 0; step < maxParents; step += 1) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch (error) {
      if (errnoOf(error) === null) throw error;
      const parent = path.dirname(place);
      if (parent === place) return null;
      place = parent;
    }
  }
  return null;
}
