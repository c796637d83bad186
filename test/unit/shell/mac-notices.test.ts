import { describe, expect, it } from 'vitest';
import { noticeSchema } from '../../../src-main/contract/status.ts';
import {
  hiddenIconNotice,
  largestRunning,
  pointerNotice,
  pressureNoticeOf,
  quitNotice,
  updateNotice,
  watchdogNotice,
} from '../../../src-main/shell/mac-notices.ts';
import { callOfNotice } from '../../../src-main/status/summary.ts';
import { gateway, tier } from '../status/snapshots.ts';

const gib = 2 ** 30;
const services = [
  tier('fast', 'healthy', { memoryBytes: 3 * gib }),
  tier('standard', 'healthy', { memoryBytes: 20 * gib }),
  tier('longctx', 'stopped', { memoryBytes: 40 * gib }),
  tier('huge', 'stopping', { memoryBytes: 50 * gib, pid: 12 }),
  gateway('healthy', { memoryBytes: 90 * gib }),
];

describe('too little memory', () => {
  it('names the largest model that runs, and stops it with one click', () => {
    expect(largestRunning(services)?.id).toBe('standard');
    const notice = pressureNoticeOf('critical', services, 1);
    expect(notice).toMatchObject({ severity: 'error', action: { label: 'Stop standard' } });
    expect(notice?.message).toContain('standard is the largest that runs, with about 20');
    expect(notice?.action && callOfNotice(notice.action)).toEqual({
      name: 'service.stop',
      input: { id: 'standard' },
    });
  });

  it('is not said while all is well, nor when no model of ours could be stopped for it', () => {
    expect(pressureNoticeOf('normal', services, 1)).toBeNull();
    expect(pressureNoticeOf('unknown', services, 1)).toBeNull();
    expect(pressureNoticeOf('critical', [tier('fast', 'stopped'), gateway('healthy')], 1)).toBeNull();
  });

  it('comes back after it was dismissed when memory becomes short again', () => {
    expect(pressureNoticeOf('warning', services, 1)?.id).not.toBe(
      pressureNoticeOf('warning', services, 2)?.id,
    );
    expect(pressureNoticeOf('warning', services, 1)?.severity).toBe('warning');
  });
});

describe('the notices', () => {
  it.each([
    ['watchdog', watchdogNotice, 'login.removeWatchdog'],
    ['hidden icon', hiddenIconNotice, 'menuBar.openSettings'],
    ['pointer', pointerNotice, null],
    ['update', updateNotice('0.2.0'), 'update.install'],
    ['waiting quit', quitNotice(2, 'quit'), 'app.keepRunning'],
  ])('%s fits the contract and does what its button says', (_what, notice, command) => {
    expect(noticeSchema.parse(notice)).toEqual(notice);
    expect(notice.action === null ? null : callOfNotice(notice.action).name).toBe(command);
  });

  it('a quit that waits says for how many', () => {
    expect(quitNotice(1, 'quit').message).toContain('One request is still running');
    expect(quitNotice(3, 'update').message).toContain('3 requests are still running');
  });
});
