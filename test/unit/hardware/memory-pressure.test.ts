import { describe, expect, it } from 'vitest';
import type { MemoryPressure } from '../../../src-main/contract/mac.ts';
import {
  nextPressure,
  noPressure,
  parsePressureLevel,
  readPressure,
} from '../../../src-main/hardware/memory-pressure.ts';

describe('the level that macOS gives', () => {
  it.each([
    ['1\n', 'normal'],
    ['2\n', 'warning'],
    ['4\n', 'critical'],
    ['3\n', 'unknown'],
    ['', 'unknown'],
    ['sysctl: unknown oid', 'unknown'],
  ])('%j is %s', (text, level) => {
    expect(parsePressureLevel(text)).toBe(level);
  });

  it('is asked of sysctl on macOS only, and unknown when that fails', async () => {
    const asked: string[] = [];
    const run =
      (exitCode: number | null, stdout: string) => async (file: string, args: readonly string[]) => {
        asked.push([file, ...args].join(' '));
        return { exitCode, stdout };
      };
    expect(await readPressure(run(0, '4\n'), 'darwin')).toBe('critical');
    expect(await readPressure(run(1, '4\n'), 'darwin')).toBe('unknown');
    expect(await readPressure(run(null, ''), 'darwin')).toBe('unknown');
    expect(await readPressure(run(0, '4\n'), 'linux')).toBe('unknown');
    expect(asked).toEqual(Array(3).fill('/usr/sbin/sysctl -n kern.memorystatus_vm_pressure_level'));
  });
});

describe('what is told', () => {
  const told = (...readings: MemoryPressure[]) => {
    let state = noPressure;
    return readings.map((reading) => {
      state = nextPressure(state, reading);
      return state.told;
    });
  };

  it('the first normal reading at once', () => {
    expect(told('normal')).toEqual(['normal']);
  });
  it('a warning only when it lasts', () => {
    expect(told('normal', 'warning', 'normal', 'warning', 'warning')).toEqual([
      'normal',
      'normal',
      'normal',
      'normal',
      'warning',
    ]);
  });
  it('critical at once, also from unknown', () => {
    expect(told('critical')).toEqual(['critical']);
    expect(told('normal', 'critical')).toEqual(['normal', 'critical']);
    expect(told('warning', 'critical')).toEqual(['unknown', 'critical']);
  });
  it('its end only when it lasts', () => {
    expect(told('critical', 'normal', 'critical', 'normal', 'normal')).toEqual([
      'critical',
      'critical',
      'critical',
      'critical',
      'normal',
    ]);
  });
  it('a reading that failed changes nothing', () => {
    expect(told('critical', 'unknown', 'normal', 'unknown', 'normal')).toEqual([
      'critical',
      'critical',
      'critical',
      'critical',
      'critical',
    ]);
  });
});
