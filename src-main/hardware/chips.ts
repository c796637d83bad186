/** Memory bandwidth of Apple's chips: the figure that decides how fast a model writes. Pure. */

export type ChipVariant = 'base' | 'pro' | 'max' | 'ultra';

export interface Chip {
  readonly generation: number;
  /** `null`: a kind that is not known yet. */
  readonly variant: ChipVariant | null;
}

export interface Bandwidth {
  readonly gbps: number;
  /** The chip, or which of its versions this is, is not known. */
  readonly isEstimate: boolean;
}

const variants: ReadonlyMap<string, ChipVariant> = new Map([
  ['', 'base'],
  ['Pro', 'pro'],
  ['Max', 'max'],
  ['Ultra', 'ultra'],
]);

/** `Apple M4 Max`, as `machdep.cpu.brand_string` says it; virtual Macs add “(Virtual)”. `null` for anything else. */
export function parseChip(brand: string): Chip | null {
  const match = /^Apple M(\d{1,3})\b *([^(]*)(?:\(Virtual\))?$/.exec(brand.trim());
  const [, generation, word] = match ?? [];
  if (generation === undefined || word === undefined) return null;
  return { generation: Number(generation), variant: variants.get(word.trim()) ?? null };
}

/** Versions of one chip, the slowest first; the first whose limits the machine keeps is it. */
interface Version {
  readonly gbps: number;
  readonly maxGpuCores?: number;
  /** The most memory that is sold with it; decides where the GPU cores do not. */
  readonly maxMemoryGb?: number;
}

/** apple.com's technical specifications, as collected in servers.md F. M3 Ultra is 819, not twice M3 Max. */
const table: Readonly<Record<number, Partial<Readonly<Record<ChipVariant, readonly Version[]>>>>> = {
  1: { base: [{ gbps: 68.25 }], pro: [{ gbps: 200 }], max: [{ gbps: 400 }], ultra: [{ gbps: 800 }] },
  2: { base: [{ gbps: 100 }], pro: [{ gbps: 200 }], max: [{ gbps: 400 }], ultra: [{ gbps: 800 }] },
  3: {
    base: [{ gbps: 100 }],
    pro: [{ gbps: 150 }],
    max: [{ gbps: 300, maxGpuCores: 30, maxMemoryGb: 96 }, { gbps: 400 }],
    ultra: [{ gbps: 819 }],
  },
  4: {
    base: [{ gbps: 120 }],
    pro: [{ gbps: 273 }],
    max: [{ gbps: 410, maxGpuCores: 32, maxMemoryGb: 36 }, { gbps: 546 }],
  },
  5: {
    base: [{ gbps: 153 }],
    pro: [{ gbps: 307 }],
    max: [{ gbps: 460, maxGpuCores: 32, maxMemoryGb: 36 }, { gbps: 614 }],
    ultra: [{ gbps: 1200 }],
  },
  6: { base: [{ gbps: 153, maxMemoryGb: 16 }, { gbps: 170 }] },
};

/** `gpuCores` is `null` when it could not be read: of several versions the slowest is then assumed. */
export function bandwidthOf(chip: Chip, gpuCores: number | null, memoryGb: number): Bandwidth {
  const { generation, variant } = chip;
  if (variant === null) return { gbps: byMemory(memoryGb), isEstimate: true };
  const versions = table[generation]?.[variant];
  if (versions === undefined) {
    return { gbps: Math.min(byMemory(memoryGb), newestKnown(variant)), isEstimate: true };
  }
  const found = versions.find(({ maxGpuCores, maxMemoryGb }) =>
    maxGpuCores !== undefined && gpuCores !== null
      ? gpuCores <= maxGpuCores
      : maxMemoryGb === undefined || memoryGb <= maxMemoryGb,
  );
  const guessed = gpuCores === null && found?.maxGpuCores !== undefined;
  return { gbps: (found ?? fastest(versions)).gbps, isEstimate: guessed };
}

function fastest(versions: readonly Version[]): Version {
  return versions.reduce((best, version) => (version.gbps > best.gbps ? version : best));
}

/** The CLI's guess for a chip that it does not know. */
function byMemory(memoryGb: number): number {
  const steps: readonly (readonly [maxGb: number, gbps: number])[] = [
    [8, 68],
    [16, 100],
    [32, 200],
    [64, 400],
    [128, 546],
  ];
  return steps.find(([maxGb]) => memoryGb <= maxGb)?.[1] ?? 800;
}

/** A chip that is not known yet is taken for no faster than the newest known one of its kind. */
function newestKnown(variant: ChipVariant): number {
  const generations = Object.keys(table)
    .map(Number)
    .sort((a, b) => b - a);
  for (const generation of generations) {
    const versions = table[generation]?.[variant];
    if (versions !== undefined) return fastest(versions).gbps;
  }
  throw new Error(`No chip of the kind ${variant} is known`);
}
