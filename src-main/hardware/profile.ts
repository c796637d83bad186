/** `profile.json`: what this Mac is, in the CLI's format. */
import * as z from 'zod';
import type { Result } from '../contract/result.ts';
import { type ReadJson, readJson, writeJson } from '../files/json-files.ts';
import type { HomeFiles } from '../files/types.ts';

export interface HardwareProfile {
  /** `Apple M4 Pro`. */
  readonly chip: string;
  /** 0 when it could not be read. */
  readonly gpuCores: number;
  /** Whole GiB, as Apple sells it. */
  readonly memoryGb: number;
  readonly bandwidthGbps: number;
  readonly isEstimate: boolean;
  /** Names the files of measured figures: `m4-pro-48`. */
  readonly profileId: string;
}

const maxProfileBytes = 64 * 1024;
/** Twice the largest Mac there is; a wrong file must not lead to absurd plans. */
const maxMemoryGb = 1024;
const maxBandwidthGbps = 10_000;

const fileSchema = z.looseObject({
  chip: z.string().min(1).max(100),
  gpu_cores: z.number().int().min(0).max(1024),
  memory_gb: z.number().int().min(1).max(maxMemoryGb),
  bandwidth_gbps: z.number().positive().max(maxBandwidthGbps),
  is_estimate: z.boolean().default(false),
  profile_id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
});

export function profileIdOf(chip: string, memoryGb: number): string {
  return `${chip
    .replace(/^Apple /, '')
    .toLowerCase()
    .replaceAll(' ', '-')}-${memoryGb}`;
}

/** A file that cannot be used is told as such and otherwise counts as absent. */
export async function readProfile(files: HomeFiles, file: string): Promise<ReadJson<HardwareProfile>> {
  const read = await readJson(files, file, fileSchema, maxProfileBytes);
  if (read.kind !== 'value') return read;
  const { chip, gpu_cores, memory_gb, bandwidth_gbps, is_estimate, profile_id } = read.value;
  return {
    kind: 'value',
    value: {
      chip,
      gpuCores: gpu_cores,
      memoryGb: memory_gb,
      bandwidthGbps: bandwidth_gbps,
      isEstimate: is_estimate,
      profileId: profile_id,
    },
  };
}

export function writeProfile(
  files: HomeFiles,
  file: string,
  profile: HardwareProfile,
): Promise<Result<void>> {
  return writeJson(files, file, {
    chip: profile.chip,
    gpu_cores: profile.gpuCores,
    memory_gb: profile.memoryGb,
    bandwidth_gbps: profile.bandwidthGbps,
    is_estimate: profile.isEstimate,
    profile_id: profile.profileId,
  });
}
