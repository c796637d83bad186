import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  awakeMs,
  createPower,
  resumeLostMs,
  sleepSlackMs,
  straddlesSleep,
} from '../../../src-main/supervisor/power.ts';

const at = (wallMs: number, monotonicMs: number) => ({ wallMs, monotonicMs });
const start = at(1_000_000, 0);

describe('a sleep between two instants', () => {
  it.each([
    ['nothing but time passed', at(1_001_000, 1_000), false],
    ['a timer came late within the slack', at(1_000_000 + 1_000 + sleepSlackMs, 1_000 + sleepSlackMs), false],
    ['the monotonic clock stood still', at(1_000_000 + 3_600_000, 1_000), true],
    ['the monotonic clock ran on', at(1_000_000 + 3_600_000, 3_600_000), true],
    ['the wall clock was set back', at(0, 1_000), true],
  ])('%s', (_what, then, slept) => {
    expect(straddlesSleep(start, then, 1_000)).toBe(slept);
  });

  it('counts as no more than what was expected', () => {
    expect(awakeMs(start, at(1_000_900, 900), 1_000)).toBe(900);
    expect(awakeMs(start, at(1_002_500, 2_500), 1_000)).toBe(2_500);
    expect(awakeMs(start, at(4_600_000, 3_600_000), 1_000)).toBe(1_000);
    expect(awakeMs(start, at(4_600_000, 400), 1_000)).toBe(400);
  });
});

describe('power', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets whoever waits go on at the wake, and nobody wait while awake', async () => {
    const power = createPower();
    await power.awake();
    power.suspend();
    let awake = false;
    const waiting = power.awake().then(() => {
      awake = true;
    });
    await Promise.resolve();
    expect([power.suspended, awake, power.wakeCount]).toEqual([true, false, 0]);
    power.resume();
    await waiting;
    expect([power.suspended, awake, power.wakeCount]).toEqual([false, true, 1]);
  });

  it('is not off for ever when the wake is never told', async () => {
    vi.useFakeTimers();
    const power = createPower();
    power.suspend();
    const waiting = power.awake();
    vi.advanceTimersByTime(resumeLostMs - 1);
    expect(power.suspended).toBe(true);
    vi.advanceTimersByTime(1);
    await waiting;
    expect([power.suspended, power.wakeCount]).toEqual([false, 1]);
  });

  it('told of the wake in time counts one wake only', () => {
    vi.useFakeTimers();
    const power = createPower();
    power.suspend();
    power.resume();
    vi.advanceTimersByTime(10 * resumeLostMs);
    expect(power.wakeCount).toBe(1);
  });
});
