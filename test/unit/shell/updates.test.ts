import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UpdateStatus } from '../../../src-main/contract/updates.ts';
import {
  checkIntervalMs,
  createUpdates,
  downloadLimitMs,
  firstCheckMs,
  installLimitMs,
  type Updater,
  updateProblem,
} from '../../../src-main/shell/updates.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

interface Setup {
  readonly isInstalled?: boolean;
  readonly found?: string | null;
  /** What the small question before it learns. */
  readonly isNewest?: boolean;
  readonly install?: () => void;
}

function setUp(more: Setup = {}) {
  const seen = {
    found: more.found ?? null,
    automatic: true,
    asked: 0,
    loads: 0,
    checks: 0,
    ready: [] as string[],
    quits: 0,
    installs: 0,
    states: [] as UpdateStatus['state'][],
    last: null as UpdateStatus | null,
  };
  let download = Promise.withResolvers<void>();
  let on: Parameters<Updater['download']>[0] | null = null;
  const updater: Updater = {
    async check() {
      seen.checks += 1;
      return seen.found;
    },
    download(listener) {
      on = listener;
      download = Promise.withResolvers();
      return download.promise;
    },
    install: () => {
      seen.installs += 1;
      more.install?.();
    },
  };
  const updates = createUpdates({
    isInstalled: more.isInstalled ?? true,
    async isNewest() {
      seen.asked += 1;
      return more.isNewest ?? false;
    },
    async load() {
      seen.loads += 1;
      return updater;
    },
    isAutomatic: () => seen.automatic,
    publish(status) {
      seen.last = status;
      if (seen.states.at(-1) !== status.state) seen.states.push(status.state);
    },
    onReady: (version) => seen.ready.push(version),
    quit: () => {
      seen.quits += 1;
    },
    log: () => {},
    now: () => 7,
  });
  return {
    seen,
    updates,
    progress: (fraction: number) => on?.progress(fraction),
    verifying: () => on?.verifying(),
    verified: async () => {
      download.resolve();
      await settle();
    },
    refuse: async (error: unknown) => {
      download.reject(error);
      await settle();
    },
    check: async () => {
      const reply = await updates.handlers['update.check']({});
      await settle();
      return reply;
    },
  };
}

describe('looking for an update', () => {
  it('a minute after the start, then daily, and nothing is loaded before', async () => {
    const { seen, updates } = setUp();
    updates.start();
    await vi.advanceTimersByTimeAsync(firstCheckMs - 1);
    expect([seen.loads, seen.checks]).toEqual([0, 0]);
    await vi.advanceTimersByTimeAsync(1);
    expect([seen.loads, seen.checks]).toEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(checkIntervalMs);
    expect([seen.loads, seen.checks]).toEqual([1, 2]);
    updates.close();
    await vi.advanceTimersByTimeAsync(2 * checkIntervalMs);
    expect(seen.checks).toBe(2);
  });

  it('of this very version loads nothing, however often it is found', async () => {
    const { seen, check } = setUp({ isNewest: true });
    await check();
    expect(seen.last).toMatchObject({ state: 'idle', version: null, checkedAt: 7, problem: null });
    await check();
    expect([seen.asked, seen.loads, seen.checks]).toEqual([2, 0, 0]);
  });

  it('asks the updater alone from when that is loaded', async () => {
    const { seen, check } = setUp({ found: null });
    await check();
    await check();
    expect([seen.asked, seen.loads, seen.checks]).toEqual([1, 1, 2]);
  });

  it('not by itself while it is switched off; by a click all the same', async () => {
    const { seen, updates, check } = setUp();
    seen.automatic = false;
    updates.start();
    await vi.advanceTimersByTimeAsync(firstCheckMs + checkIntervalMs);
    expect(seen.checks).toBe(0);
    await check();
    expect(seen.checks).toBe(1);
    updates.close();
  });

  it('a copy that is not installed says so and never looks', async () => {
    const { seen, updates, check } = setUp({ isInstalled: false, found: '2.0.0' });
    updates.start();
    await vi.advanceTimersByTimeAsync(firstCheckMs + checkIntervalMs);
    expect(await check()).toMatchObject({ ok: false, error: { code: 'update-not-installed' } });
    expect([seen.loads, seen.last?.state]).toEqual([0, 'unavailable']);
  });

  it('twice at once is one look', async () => {
    const { seen, check } = setUp({ found: '2.0.0' });
    await Promise.all([check(), check()]);
    expect(seen.checks).toBe(1);
  });

  it('the newest version is told as known', async () => {
    const { seen, check } = setUp();
    await check();
    expect(seen.states).toEqual(['idle', 'checking', 'idle']);
    expect(seen.last).toMatchObject({ checkedAt: 7, version: null, problem: null });
  });
});

describe('an update', () => {
  it('is downloaded, verified, and installed only when the user says so', async () => {
    const { seen, updates, check, progress, verifying, verified } = setUp({ found: '2.0.0' });
    await check();
    progress(0.5);
    expect(seen.last).toMatchObject({ state: 'downloading', version: '2.0.0', fraction: 0.5 });
    expect(await updates.handlers['update.install']({})).toMatchObject({ ok: false });
    expect(updates.install(() => {})).toBe(false);
    verifying();
    expect(seen.last?.state).toBe('verifying');
    await verified();
    expect(seen.states).toEqual(['idle', 'checking', 'downloading', 'verifying', 'ready']);
    expect([seen.ready, seen.quits, seen.installs]).toEqual([['2.0.0'], 0, 0]);
    expect(await updates.handlers['update.install']({})).toEqual({ ok: true, value: {} });
    expect([seen.quits, seen.installs]).toEqual([1, 0]);
    expect(updates.install(() => {})).toBe(true);
    expect(seen.installs).toBe(1);
  });

  it.each([
    ['without a word', () => {}],
    [
      'with an error',
      () => {
        throw new Error('no update');
      },
    ],
  ])(
    'that is not installed after all, %s, does not leave the app without its servers',
    async (_what, install) => {
      const { updates, check, verified } = setUp({ found: '2.0.0', install });
      await check();
      await verified();
      let reopened = 0;
      expect(updates.install(() => (reopened += 1))).toBe(true);
      await vi.advanceTimersByTimeAsync(installLimitMs);
      expect(reopened).toBeGreaterThan(0);
    },
  );

  it('that is ready is not looked for again', async () => {
    const { seen, updates, check, verified } = setUp({ found: '2.0.0' });
    await check();
    await verified();
    updates.start();
    await vi.advanceTimersByTimeAsync(firstCheckMs);
    await check();
    expect(seen.checks).toBe(1);
    updates.close();
  });

  it('that fails leaves this version as it was, and may be tried again', async () => {
    const { seen, updates, check, refuse, verified } = setUp({ found: '2.0.0' });
    await check();
    await refuse(Object.assign(new Error('sha512 checksum mismatch'), { code: 'ERR_CHECKSUM_MISMATCH' }));
    expect(seen.last).toMatchObject({ state: 'failed', problem: { code: 'update-damaged' } });
    expect(updates.install(() => {})).toBe(false);
    await check();
    await verified();
    expect(seen.last).toMatchObject({ state: 'ready', problem: null });
  });

  it('that never ends is given up', async () => {
    const { seen, check } = setUp({ found: '2.0.0' });
    await check();
    await vi.advanceTimersByTimeAsync(downloadLimitMs);
    expect(seen.last).toMatchObject({ state: 'failed', problem: { code: 'update-offline' } });
  });
});

describe('what went wrong', () => {
  it.each([
    ['net::ERR_INTERNET_DISCONNECTED', '', 'update-offline'],
    ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', 'update-offline'],
    ['503 ', 'HTTP_ERROR_503', 'update-offline'],
    ['Cannot find latest-mac.yml', 'ERR_UPDATER_CHANNEL_FILE_NOT_FOUND', 'update-none-published'],
    ['Unable to find latest version', 'ERR_UPDATER_LATEST_VERSION_NOT_FOUND', 'update-none-published'],
    ['sha512 checksum mismatch, expected a, got b', 'ERR_CHECKSUM_MISMATCH', 'update-damaged'],
    [
      'Code signature at URL file:///x did not pass validation: code failed to satisfy specified code requirement(s)',
      '',
      'update-not-signed',
    ],
    ['Could not get code signature for running application', '', 'update-not-signed'],
    ['Cannot update while running on a read-only volume.', '', 'update-read-only'],
    ['ENOSPC: no space left on device, write', 'ENOSPC', 'update-disk-full'],
    ['something else', '', 'update-failed'],
  ])('%s', (message, code, expected) => {
    expect(updateProblem(Object.assign(new Error(message), { code })).code).toBe(expected);
  });

  it('a thrown thing that is no error', () => {
    expect(updateProblem('net::ERR_FAILED').code).toBe('update-failed');
  });
});
