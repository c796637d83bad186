/** Asks the system what this Mac is and how much memory it has to give. */
import type { MemoryPressure } from '../contract/mac.ts';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import { gpuLimitBytes } from '../stack/memory.ts';
import type { RunTool } from '../supervisor/child.ts';
import { hardwareWords } from '../words/index.ts';
import { bandwidthOf, parseChip } from './chips.ts';
import { parsePressureLevel } from './memory-pressure.ts';
import { type HardwareProfile, profileIdOf } from './profile.ts';
import {
  parseAvailableBytes,
  parseGpuCores,
  parseSysctl,
  parseWiredLimitBytes,
  wholeNumber,
} from './readings.ts';

const sysctl = '/usr/sbin/sysctl';
const systemProfiler = '/usr/sbin/system_profiler';
const vmStat = '/usr/bin/vm_stat';

const sysctlLimitMs = 10_000;
/** Usually 0.3 s, much longer right after login. */
const systemProfilerLimitMs = 30_000;
/** Asked before each start of a server, which must not wait long for it. */
const vmStatLimitMs = 2_000;
const maxOutputBytes = 1024 * 1024;

const bytesPerGib = 1024 ** 3;

export async function detectHardware(run: RunTool): Promise<Result<HardwareProfile>> {
  const values = await askSysctl(run, ['machdep.cpu.brand_string', 'hw.memsize'], sysctlLimitMs);
  const brand = values.get('machdep.cpu.brand_string');
  const memoryBytes = wholeNumber(values.get('hw.memsize'));
  if (brand === undefined || memoryBytes === null || memoryBytes < bytesPerGib) return fail(noSysctl);
  const chip = parseChip(brand);
  if (chip === null) return fail(notAppleSilicon(brand));
  const displays = await run(systemProfiler, ['SPDisplaysDataType', '-json'], {
    timeoutMs: systemProfilerLimitMs,
    maxOutputBytes,
  });
  const gpuCores = parseGpuCores(displays.stdout);
  const memoryGb = Math.floor(memoryBytes / bytesPerGib);
  const { gbps, isEstimate } = bandwidthOf(chip, gpuCores, memoryGb);
  return ok({
    chip: brand.trim(),
    gpuCores: gpuCores ?? 0,
    memoryGb,
    bandwidthGbps: gbps,
    isEstimate,
    profileId: profileIdOf(brand.trim(), memoryGb),
  });
}

/** What the GPU may use: the limit that somebody has set, or the system's default. */
export async function readGpuLimitBytes(run: RunTool, totalBytes: number): Promise<number> {
  const values = await askSysctl(run, ['iogpu.wired_limit_mb'], sysctlLimitMs);
  const set = parseWiredLimitBytes(values.get('iogpu.wired_limit_mb'));
  return set === null ? gpuLimitBytes(totalBytes) : Math.min(set, totalBytes);
}

export interface MemoryNow {
  readonly availableBytes: number;
  readonly pressure: MemoryPressure;
}

/** `null` when the system does not say: nothing may then be concluded. */
export async function readMemoryNow(run: RunTool, totalBytes: number): Promise<MemoryNow | null> {
  const [stat, values] = await Promise.all([
    run(vmStat, [], { timeoutMs: vmStatLimitMs, maxOutputBytes }),
    askSysctl(run, ['kern.memorystatus_vm_pressure_level'], vmStatLimitMs),
  ]);
  const availableBytes = parseAvailableBytes(stat.stdout, totalBytes);
  if (availableBytes === null) return null;
  const pressure = parsePressureLevel(values.get('kern.memorystatus_vm_pressure_level') ?? '');
  return { availableBytes, pressure };
}

/** One name that is unknown makes the exit code 1; the others are printed all the same. */
async function askSysctl(
  run: RunTool,
  names: readonly string[],
  timeoutMs: number,
): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await run(sysctl, names, { timeoutMs, maxOutputBytes });
  return parseSysctl(stdout);
}

const noSysctl = problem('hardware-unknown', hardwareWords.cannotTell, hardwareWords.needsAppleSilicon);

const notAppleSilicon = (brand: string) =>
  problem(
    'not-apple-silicon',
    hardwareWords.notAppleSilicon(/^[\w ()@.,-]{1,80}$/.test(brand) ? brand.trim() : null),
    hardwareWords.useLaterMac,
  );
