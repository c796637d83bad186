/** How short of memory macOS says it is, and when that is worth telling. */
import type { MemoryPressure } from '../contract/mac.ts';

/** `kern.memorystatus_vm_pressure_level`: what Activity Monitor colours green, yellow and red. */
export function parsePressureLevel(text: string): MemoryPressure {
  switch (text.trim()) {
    case '1':
      return 'normal';
    case '2':
      return 'warning';
    case '4':
      return 'critical';
    default:
      return 'unknown';
  }
}

/** A model that loads makes a short warning; only one that lasts is told. Critical is told at once. */
export const readingsUntilWarning = 2;
const readingsUntilNormal = 2;

export interface PressureState {
  /** What is told. */
  readonly told: MemoryPressure;
  /** The reading that differs from it, and how often in a row. */
  readonly next: MemoryPressure;
  readonly count: number;
}

export const noPressure: PressureState = { told: 'unknown', next: 'unknown', count: 0 };

export function nextPressure(state: PressureState, reading: MemoryPressure): PressureState {
  if (reading === 'unknown' || reading === state.told) return { ...state, next: state.told, count: 0 };
  const count = reading === state.next ? state.count + 1 : 1;
  const settled = count >= readingsNeeded(state.told, reading);
  return settled ? { told: reading, next: reading, count: 0 } : { ...state, next: reading, count };
}

function readingsNeeded(told: MemoryPressure, reading: MemoryPressure): number {
  if (reading === 'critical' || told === 'unknown') return reading === 'warning' ? readingsUntilWarning : 1;
  return reading === 'warning' && told === 'normal' ? readingsUntilWarning : readingsUntilNormal;
}

export type PressureRun = (
  file: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly maxOutputBytes: number },
) => Promise<{ readonly exitCode: number | null; readonly stdout: string }>;

/** `unknown` where the system is not macOS or does not say. */
export async function readPressure(run: PressureRun, platform: NodeJS.Platform): Promise<MemoryPressure> {
  if (platform !== 'darwin') return 'unknown';
  const { exitCode, stdout } = await run('/usr/sbin/sysctl', ['-n', 'kern.memorystatus_vm_pressure_level'], {
    timeoutMs: 2_000,
    maxOutputBytes: 1_024,
  });
  return exitCode === 0 ? parsePressureLevel(stdout) : 'unknown';
}
