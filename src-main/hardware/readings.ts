/** What `sysctl`, `system_profiler` and `vm_stat` print, as numbers. Pure; anything unexpected is `null`. */
import * as z from 'zod';

/** The lines `name: value` of `sysctl name…`; names that the system does not know are absent. */
export function parseSysctl(output: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of output.split('\n')) {
    const match = /^([a-z]\w*(?:\.\w+)+): (.*)$/i.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], match[2].trim());
  }
  return values;
}

export function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return null;
  return Number(text);
}

/** `iogpu.wired_limit_mb`: 0 is the system's default, which is not said anywhere. */
export function parseWiredLimitBytes(text: string | undefined): number | null {
  const megabytes = wholeNumber(text);
  return megabytes === null || megabytes === 0 ? null : megabytes * 1024 ** 2;
}

const displaysSchema = z.object({
  SPDisplaysDataType: z.array(z.object({ sppci_cores: z.union([z.string(), z.number()]).optional() })),
});

const maxGpuCores = 1024;

/** Of `system_profiler SPDisplaysDataType -json`; on Apple silicon the first entry with cores is the chip itself. */
export function parseGpuCores(output: string): number | null {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    return null;
  }
  const checked = displaysSchema.safeParse(value);
  if (!checked.success) return null;
  for (const { sppci_cores: cores } of checked.data.SPDisplaysDataType) {
    const count = wholeNumber(cores === undefined ? undefined : String(cores));
    if (count !== null && count > 0 && count <= maxGpuCores) return count;
  }
  return null;
}

/**
 * What programs may still take, from `vm_stat`: all that is not in use, where "in use" is what Activity Monitor
 * counts (active, inactive, speculative, wired and compressed pages without purgeable and file-backed ones).
 */
export function parseAvailableBytes(vmStat: string, totalBytes: number): number | null {
  const pageBytes = wholeNumber(/page size of (\d+) bytes/.exec(vmStat)?.[1]);
  const pages = (label: string) =>
    wholeNumber(new RegExp(`^"?${label}"?:\\s+(\\d+)\\.?$`, 'm').exec(vmStat)?.[1]);
  const used = ['active', 'inactive', 'speculative', 'wired down'].map((kind) => pages(`Pages ${kind}`));
  const compressed = pages('Pages occupied by compressor');
  const returnable = [pages('Pages purgeable'), pages('File-backed pages')];
  const all = [pageBytes, compressed, ...used, ...returnable];
  if (pageBytes === null || all.includes(null)) return null;
  const sum = (counts: readonly (number | null)[]) =>
    counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  const usedBytes = (sum(used) + (compressed ?? 0) - sum(returnable)) * pageBytes;
  return Math.min(totalBytes, Math.max(0, totalBytes - usedBytes));
}
