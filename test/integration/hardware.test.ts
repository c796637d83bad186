/** Detection with tools that answer as macOS does, and the profile on a real disk. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHomeFiles } from '../../src-main/files/home-files.ts';
import { createHardware, freeDiskBytes } from '../../src-main/hardware/hardware.ts';
import { profileIdOf } from '../../src-main/hardware/profile.ts';
import type { RunTool } from '../../src-main/supervisor/child.ts';
import { m4ProProfile } from '../stand-ins/macos/mac-tools.ts';
import { temporaryFolder } from './support/rig.ts';

const gib = 1024 ** 3;

interface FakeMac {
  readonly brand?: string;
  readonly memoryBytes?: number;
  readonly gpuCores?: string;
  readonly wiredLimitMb?: number;
  readonly pressure?: number;
  readonly vmStat?: string;
}

/** Counts what is asked; every tool can be missing. */
function fakeTools(mac: FakeMac | null) {
  const asked: string[] = [];
  const run: RunTool = async (file, args) => {
    asked.push(path.basename(file));
    const missing = { exitCode: null, stdout: '' };
    if (mac === null) return missing;
    switch (path.basename(file)) {
      case 'sysctl': {
        const known: Record<string, string | number | undefined> = {
          'machdep.cpu.brand_string': mac.brand,
          'hw.memsize': mac.memoryBytes,
          'iogpu.wired_limit_mb': mac.wiredLimitMb,
          'kern.memorystatus_vm_pressure_level': mac.pressure,
        };
        const lines = args.flatMap((name) =>
          known[name] === undefined ? [] : [`${name}: ${known[name]}\n`],
        );
        return { exitCode: lines.length === args.length ? 0 : 1, stdout: lines.join('') };
      }
      case 'system_profiler':
        return mac.gpuCores === undefined
          ? missing
          : { exitCode: 0, stdout: JSON.stringify({ SPDisplaysDataType: [{ sppci_cores: mac.gpuCores }] }) };
      case 'vm_stat':
        return mac.vmStat === undefined ? missing : { exitCode: 0, stdout: mac.vmStat };
      default:
        throw new Error(`asked ${file}`);
    }
  };
  return { run, asked };
}

const m4Pro: FakeMac = { brand: 'Apple M4 Pro', memoryBytes: 51_539_607_552, gpuCores: '20' };

function hardwareOf(mac: FakeMac | null, platform: NodeJS.Platform = 'darwin') {
  const home = path.join(temporaryFolder(), 'home');
  mkdirSync(home, { mode: 0o700 });
  const file = path.join(home, 'profile.json');
  const tools = fakeTools(mac);
  const totalBytes = mac?.memoryBytes ?? 16 * gib;
  const files = createHomeFiles({ home });
  const hardware = createHardware({ platform, run: tools.run, files, file, totalBytes });
  return { hardware, file, ...tools };
}

const cliProfile = {
  chip: 'Apple M3 Ultra',
  gpu_cores: 80,
  memory_gb: 512,
  bandwidth_gbps: 819,
  profile_id: 'm3-ultra-512',
};

describe('on a Mac', () => {
  it('the profile is detected once and written as the CLI writes it', async () => {
    const { hardware, file, asked } = hardwareOf(m4Pro);
    const [first] = await Promise.all([hardware.profile(), hardware.profile()]);
    expect(first).toEqual({
      ok: true,
      value: {
        chip: 'Apple M4 Pro',
        gpuCores: 20,
        memoryGb: 48,
        bandwidthGbps: 273,
        isEstimate: false,
        profileId: 'm4-pro-48',
      },
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(m4ProProfile);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(asked).toEqual(['sysctl', 'system_profiler']);
  });

  it('a file that already says the same is left alone, and one that is damaged is replaced', async () => {
    const first = hardwareOf(m4Pro);
    await first.hardware.profile();
    const before = statSync(first.file).mtimeMs;
    const files = createHomeFiles({ home: path.dirname(first.file) });
    const again = () =>
      createHardware({
        platform: 'darwin',
        run: first.run,
        files,
        file: first.file,
        totalBytes: 48 * gib,
      }).profile();
    expect((await again()).ok).toBe(true);
    expect(statSync(first.file).mtimeMs).toBe(before);
    for (const damage of ['', '{', '[]', '{"chip":1}', '\0'.repeat(100), '{"a":'.repeat(1000)]) {
      writeFileSync(first.file, damage, { mode: 0o600 });
      expect(await again()).toMatchObject({ ok: true, value: { profileId: 'm4-pro-48' } });
      expect(JSON.parse(readFileSync(first.file, 'utf8'))).toMatchObject({ profile_id: 'm4-pro-48' });
    }
  });

  it('an unknown chip is estimated and marked', async () => {
    const { hardware } = hardwareOf({ brand: 'Apple M9 Max', memoryBytes: 64 * gib, gpuCores: '60' });
    expect(await hardware.profile()).toMatchObject({
      ok: true,
      value: { bandwidthGbps: 400, isEstimate: true, profileId: 'm9-max-64' },
    });
  });

  it('without system_profiler the profile stands, with no GPU cores', async () => {
    const { hardware } = hardwareOf({ brand: 'Apple M4 Max', memoryBytes: 36 * gib });
    expect(await hardware.profile()).toMatchObject({
      ok: true,
      value: { gpuCores: 0, bandwidthGbps: 410, isEstimate: true },
    });
  });

  it('an Intel processor is refused with a sentence', async () => {
    const { hardware } = hardwareOf({
      brand: 'Intel(R) Core(TM) i9-9880H CPU @ 2.30GHz',
      memoryBytes: 16 * gib,
    });
    expect(await hardware.profile()).toMatchObject({
      ok: false,
      error: {
        code: 'not-apple-silicon',
        message:
          'This computer has the processor “Intel(R) Core(TM) i9-9880H CPU @ 2.30GHz”, but MLX runs on Apple silicon only.',
      },
    });
  });

  it('without sysctl it says so, and asks again the next time', async () => {
    const { hardware, asked } = hardwareOf(null);
    expect(await hardware.profile()).toMatchObject({ ok: false, error: { code: 'hardware-unknown' } });
    await hardware.profile();
    expect(asked).toEqual(['sysctl', 'sysctl']);
  });

  it('the GPU may use what somebody has set, else the system’s share', async () => {
    const limit = async (mac: FakeMac) => (await hardwareOf(mac).hardware.memory()).gpuLimitBytes;
    expect(await limit({ ...m4Pro, wiredLimitMb: 40_960 })).toBe(40 * gib);
    expect(await limit({ ...m4Pro, wiredLimitMb: 0 })).toBe(36 * gib);
    expect(await limit(m4Pro)).toBe(36 * gib);
    expect(await limit({ ...m4Pro, wiredLimitMb: 999_999 })).toBe(48 * gib);
  });

  it('what is free now comes with the pressure, and is not known without vm_stat', async () => {
    const vmStat = [
      'Mach Virtual Memory Statistics: (page size of 16384 bytes)',
      ...['active', 'inactive', 'speculative', 'wired down', 'purgeable'].map(
        (kind) => `Pages ${kind}: ${kind === 'purgeable' ? 0 : 524_288}.`,
      ),
      'File-backed pages: 0.',
      'Pages occupied by compressor: 0.',
    ].join('\n');
    const now = (mac: FakeMac) => hardwareOf(mac).hardware.memoryNow();
    expect(await now({ ...m4Pro, vmStat, pressure: 2 })).toEqual({
      availableBytes: 16 * gib,
      pressure: 'warning',
    });
    expect(await now({ ...m4Pro, vmStat })).toEqual({ availableBytes: 16 * gib, pressure: 'unknown' });
    expect(await now({ ...m4Pro, pressure: 4 })).toBeNull();
  });
});

describe('anywhere else', () => {
  it('the profile that lies in home is taken, its memory too; no tool is run', async () => {
    const { hardware, file, asked } = hardwareOf(null, 'linux');
    writeFileSync(file, JSON.stringify(cliProfile), { mode: 0o600 });
    expect(await hardware.profile()).toEqual({
      ok: true,
      value: {
        chip: 'Apple M3 Ultra',
        gpuCores: 80,
        memoryGb: 512,
        bandwidthGbps: 819,
        isEstimate: false,
        profileId: 'm3-ultra-512',
      },
    });
    expect(await hardware.memory()).toEqual({ totalBytes: 512 * gib, gpuLimitBytes: 384 * gib });
    expect(asked).toEqual([]);
  });

  it('without one it says that this is no Mac, and writes nothing', async () => {
    const { hardware, file } = hardwareOf(null, 'linux');
    expect(await hardware.profile()).toMatchObject({ ok: false, error: { code: 'hardware-unknown' } });
    expect(await hardware.memory()).toMatchObject({ totalBytes: 16 * gib });
    expect(() => statSync(file)).toThrow();
    const now = await hardware.memoryNow();
    expect(now?.availableBytes).toBeGreaterThan(0);
    expect(now?.availableBytes).toBeLessThanOrEqual(os.totalmem());
  });

  it('a damaged one is told and otherwise as if it were not there', async () => {
    const { hardware, file } = hardwareOf(null, 'linux');
    writeFileSync(file, '{"chip": "Apple M4",', { mode: 0o600 });
    expect(await hardware.profile()).toMatchObject({ ok: false, error: { code: 'record-unreadable' } });
    expect(await hardware.memory()).toMatchObject({ totalBytes: 16 * gib });
  });
});

describe('free disk space', () => {
  it('is that of the nearest folder that exists', async () => {
    const folder = temporaryFolder();
    const here = await freeDiskBytes(folder);
    expect(here).toBeGreaterThan(0);
    const later = await freeDiskBytes(path.join(folder, 'models', 'not-yet', 'there'));
    expect(Math.abs((later ?? 0) - (here ?? 0))).toBeLessThan(1e9);
  });
});

describe('profile id', () => {
  it('is the chip without Apple, and the memory', () => {
    expect(profileIdOf('Apple M4 Pro', 48)).toBe('m4-pro-48');
    expect(profileIdOf('Apple M1', 8)).toBe('m1-8');
  });
});
