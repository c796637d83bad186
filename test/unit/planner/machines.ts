/** Macs as they are sold, as requests for a plan. */
import path from 'node:path';
import { type Catalogue, loadCatalogue } from '../../../src-main/catalogue/load.ts';
import { bandwidthOf, parseChip } from '../../../src-main/hardware/chips.ts';
import { profileIdOf } from '../../../src-main/hardware/profile.ts';
import type { Intent, PlanMachine, PlanRequest } from '../../../src-main/planner/types.ts';
import { gpuLimitBytes } from '../../../src-main/stack/memory.ts';

const shipped = path.resolve(import.meta.dirname, '../../../assets/catalogue');
export const loadShipped = (): Promise<Catalogue> => loadCatalogue(shipped);

export function machineOf(chip: string, gpuCores: number, memoryGb: number): PlanMachine {
  const parsed = parseChip(chip);
  if (parsed === null) throw new Error(`${chip} is no chip`);
  const totalBytes = memoryGb * 1024 ** 3;
  return {
    chip,
    profileId: profileIdOf(chip, memoryGb),
    totalBytes,
    gpuLimitBytes: gpuLimitBytes(totalBytes),
    bandwidthGbps: bandwidthOf(parsed, gpuCores, memoryGb).gbps,
  };
}

/** Chip, GPU cores, memory sizes in GB. */
export const sold: readonly (readonly [chip: string, gpuCores: number, memoryGb: readonly number[]])[] = [
  ['Apple M1', 8, [8, 16]],
  ['Apple M1 Pro', 16, [16, 32]],
  ['Apple M1 Max', 32, [32, 64]],
  ['Apple M1 Ultra', 64, [64, 128]],
  ['Apple M2', 10, [8, 16, 24]],
  ['Apple M2 Pro', 19, [16, 32]],
  ['Apple M2 Max', 38, [32, 64, 96]],
  ['Apple M2 Ultra', 76, [64, 128, 192]],
  ['Apple M3', 10, [8, 16, 24]],
  ['Apple M3 Pro', 18, [18, 36]],
  ['Apple M3 Max', 30, [36, 96]],
  ['Apple M3 Max', 40, [48, 64, 128]],
  ['Apple M3 Ultra', 80, [96, 256, 512]],
  ['Apple M4', 10, [16, 24, 32]],
  ['Apple M4 Pro', 20, [24, 48, 64]],
  ['Apple M4 Max', 32, [36]],
  ['Apple M4 Max', 40, [48, 64, 128]],
  ['Apple M5', 10, [16, 24, 32]],
  ['Apple M5 Pro', 20, [24, 48, 64]],
  ['Apple M5 Max', 40, [48, 64, 128]],
  ['Apple M5 Ultra', 80, [96, 256, 512]],
  ['Apple M6', 10, [16, 24, 32]],
];

export function requestFor(
  catalogue: Catalogue,
  machine: PlanMachine,
  intent: Intent = 'balanced',
  change: Partial<PlanRequest> = {},
): PlanRequest {
  return {
    machine,
    intent,
    ranking: 'quality',
    budgetPct: 40,
    quant: 'int4',
    models: catalogue.entries,
    measured: [],
    ...change,
  };
}
