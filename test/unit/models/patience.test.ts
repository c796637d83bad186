import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hubProblems } from '../../../src-main/catalogue/hub-problems.ts';
import { counted, dropped, limited, never, offline } from '../../../src-main/models/failure.ts';
import { defaultLimits } from '../../../src-main/models/limits.ts';
import { createPatience, type HubPause } from '../../../src-main/models/patience.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const limits = {
  ...defaultLimits,
  firstRetryMs: 1_000,
  maxRetryMs: 8_000,
  maxFailures: 3,
  maxRateLimitMs: 60_000,
};
const trouble = counted(hubProblems.troubled);
const signal = new AbortController().signal;

function patience(pause: HubPause = { untilMs: 0 }) {
  return createPatience({ limits, pause, random: () => 0.5 });
}

/** After how many milliseconds it may go on. */
async function rest(of: ReturnType<typeof patience>): Promise<number> {
  const beganMs = Date.now();
  const ready = of.ready(signal);
  await vi.runAllTimersAsync();
  await ready;
  return Date.now() - beganMs;
}

describe('patience', () => {
  it('waits twice as long each time, up to a limit, and begins anew when something arrives', async () => {
    const subject = patience();
    const rests: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      expect(subject.failed(offline)).toBe(true);
      rests.push(await rest(subject));
    }
    expect(rests).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
    subject.moved();
    subject.failed(offline);
    expect(await rest(subject)).toBe(1_000);
  });

  it('ends after so many faults in a row, but never for want of a network', async () => {
    const subject = patience();
    const verdicts: boolean[] = [];
    for (let round = 0; round < 4; round += 1) {
      verdicts.push(subject.failed(trouble));
      await rest(subject);
    }
    expect(verdicts).toEqual([true, true, true, false]);
    const lost = patience();
    for (let round = 0; round < 50; round += 1) {
      expect(lost.failed(offline)).toBe(true);
      await rest(lost);
    }
    expect(patience().failed(never(hubProblems.gated))).toBe(false);
  });

  it('takes what several connections say at once for one failure', async () => {
    const subject = patience();
    for (let stream = 0; stream < 8; stream += 1) expect(subject.failed(trouble)).toBe(true);
    expect(await rest(subject)).toBe(1_000);
  });

  it('goes on at once after a wake, and after a connection that it ended itself', async () => {
    const subject = patience();
    expect(subject.failed(dropped)).toBe(true);
    expect(await rest(subject)).toBe(0);
    subject.failed(trouble);
    const ready = subject.ready(signal);
    expect(subject.waitsFor).toBe(hubProblems.troubled);
    subject.wake();
    await ready;
    expect(subject.waitsFor).toBeNull();
  });

  it('keeps to the hub’s own limit, also over a wake and for every download, but not for ever', async () => {
    const pause: HubPause = { untilMs: 0 };
    const subject = patience(pause);
    subject.failed(limited(30));
    const ready = subject.ready(signal);
    await vi.advanceTimersByTimeAsync(10_000);
    subject.wake();
    let isReady = false;
    void ready.then(() => {
      isReady = true;
    });
    await vi.advanceTimersByTimeAsync(19_999);
    expect(isReady).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(isReady).toBe(true);
    subject.failed(limited(999_999));
    expect(await rest(patience(pause))).toBe(60_000);
  });

  it('is not held up by a clock that was set back', async () => {
    const farAhead = Date.now() + 1e12;
    expect(await rest(patience({ untilMs: farAhead }))).toBe(limits.maxRateLimitMs);
    let nowMs = farAhead;
    const subject = createPatience({ limits, pause: { untilMs: 0 }, nowMs: () => nowMs });
    subject.failed(trouble);
    nowMs = 0;
    expect(await rest(subject)).toBeLessThanOrEqual(1.5 * limits.maxRetryMs);
  });

  it('ends with its signal', async () => {
    const subject = patience();
    const stop = new AbortController();
    subject.failed(offline);
    const ready = subject.ready(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(ready).rejects.toThrow('stopped');
    expect(vi.getTimerCount()).toBe(0);
  });
});
