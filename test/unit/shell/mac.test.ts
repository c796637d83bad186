/** What macOS says of its memory, on its way to the user: asked, told, withdrawn. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Notice, Snapshot } from '../../../src-main/contract/status.ts';
import { readingsUntilWarning } from '../../../src-main/hardware/memory-pressure.ts';
import { createMac, type Mac, pressureIntervalMs } from '../../../src-main/shell/mac.ts';
import { createStatusStore, type StatusStore } from '../../../src-main/status/store.ts';
import { snapshots, tier } from '../status/snapshots.ts';

vi.mock('electron', () => ({
  app: {
    isPackaged: false,
    getLoginItemSettings: () => ({ status: 'not-registered' }),
    isInApplicationsFolder: () => false,
  },
  powerMonitor: {
    on: () => {},
    isOnBatteryPower: () => false,
    getCurrentThermalState: () => 'nominal',
  },
  powerSaveBlocker: { start: () => 1, stop: () => {} },
  screen: { getAllDisplays: () => [] },
  shell: {},
  session: {},
}));

const levels = { normal: '1', warning: '2', critical: '4' } as const;

let level: keyof typeof levels;
let asked: string[];
let board: Map<string, Notice>;
let status: StatusStore;
let mac: Mac;

beforeEach(() => {
  vi.useFakeTimers();
  level = 'normal';
  asked = [];
  board = new Map();
});
afterEach(() => {
  mac.close();
  vi.useRealTimers();
});

async function start(snapshot: Snapshot, platform: NodeJS.Platform = 'darwin'): Promise<void> {
  status = createStatusStore(snapshots.opening);
  mac = createMac({
    status,
    run: async (file, args) => {
      asked.push([file, ...args].join(' '));
      return { exitCode: 0, signal: null, stdout: `${levels[level]}\n`, stderr: '', timedOut: false };
    },
    userHome: '/Users/ada',
    uid: 501,
    platform,
    post: (notice) => void board.set(notice.id, notice),
    withdraw: (id) => void board.delete(id),
    isFirstRun: false,
    setKeepAwake: async () => {
      throw new Error('nobody asked for it');
    },
    setTitle: () => {},
    log: () => {},
  });
  status.update({ services: snapshot.services, memory: snapshot.memory });
  await vi.advanceTimersByTimeAsync(0);
}

const readings = (count: number) => vi.advanceTimersByTimeAsync(count * pressureIntervalMs);
const told = () => [...board.values()].map(({ severity, action }) => [severity, action?.kind]);

it('lasting shortness is told with the stop that frees most, gets worse and better, and each time is news', async () => {
  await start(snapshots.healthy);
  expect(asked).toEqual(['/usr/sbin/sysctl -n kern.memorystatus_vm_pressure_level']);
  expect([told(), status.snapshot().mac.memoryPressure]).toEqual([[], 'normal']);

  level = 'warning';
  await readings(readingsUntilWarning - 1);
  expect(told()).toEqual([]);
  await readings(1);
  expect(told()).toEqual([['warning', 'stop-service']]);
  expect(status.snapshot().mac.memoryPressure).toBe('warning');
  const [first] = board.keys();

  level = 'critical';
  await readings(1);
  expect(told()).toEqual([['error', 'stop-service']]);
  expect([...board.keys()]).not.toEqual([first]);

  level = 'normal';
  await readings(3);
  expect([told(), status.snapshot().mac.memoryPressure]).toEqual([[], 'normal']);
});

it('once the stop that it offers is under way it is told no more, and another only if that was not enough', async () => {
  level = 'critical';
  const running = [
    tier('standard', 'healthy', { memoryBytes: 20e9 }),
    tier('fast', 'healthy', { memoryBytes: 3e9 }),
  ];
  await start({ ...snapshots.healthy, services: running });
  const services = () =>
    [...board.values()].flatMap(({ action }) => (action && 'service' in action ? action.service : []));
  expect(services()).toEqual(['standard']);
  const [first] = board.keys();

  status.update({ services: [tier('standard', 'stopping', { memoryBytes: 20e9 }), ...running.slice(1)] });
  expect(services()).toEqual([]);
  await readings(1);
  expect(services()).toEqual(['fast']);
  expect([...board.keys()]).not.toEqual([first]);

  status.update({ services: running.map(({ id }) => tier(id, 'stopped')) });
  expect(services()).toEqual([]);
});

it('put away by the user it stays so while nothing changes, also when the model it names comes back from a crash', async () => {
  level = 'critical';
  const standard = tier('standard', 'healthy', { memoryBytes: 20e9 });
  await start({ ...snapshots.healthy, services: [standard] });
  expect(board.size).toBe(1);
  board.clear();
  await readings(2);
  status.update({ services: [tier('standard', 'backing-off', { memoryBytes: 20e9, pid: null })] });
  await readings(1);
  status.update({ services: [standard] });
  await readings(2);
  expect([...board.keys()]).toEqual([]);
});

it('nobody asks while nothing runs, while the Mac sleeps, or where there is no such reading', async () => {
  await start(snapshots.off);
  await readings(3);
  expect(asked).toEqual([]);
  mac.close();

  await start(snapshots.healthy, 'linux');
  await readings(3);
  expect(asked).toEqual([]);
  mac.close();

  await start(snapshots.healthy);
  mac.suspend();
  const before = asked.length;
  await readings(3);
  expect(asked.length).toBe(before);
  mac.resume();
  await readings(1);
  expect(asked.length).toBeGreaterThan(before);
});
