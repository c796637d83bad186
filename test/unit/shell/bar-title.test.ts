import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { barTitle, throttleTitle, titleIntervalMs } from '../../../src-main/shell/bar-title.ts';
import { noActivity } from '../../../src-main/supervisor/activity.ts';
import { snapshots } from '../status/snapshots.ts';

describe('the text beside the icon', () => {
  const busy = { requests: 2, tokensPerSecond: 83.7 };

  it('is none unless it was chosen', () => {
    expect(barTitle('none', snapshots.healthy, busy)).toBe('');
  });
  it('is how many models are ready of those wanted, and nothing when none is', () => {
    expect(barTitle('models', snapshots.healthy, noActivity)).toMatch(/^(\d)\/\1$/);
    expect(barTitle('models', snapshots.off, noActivity)).toBe('');
  });
  it('is the speed in whole tokens while requests run, and nothing otherwise', () => {
    expect(barTitle('speed', snapshots.healthy, busy)).toBe('84 tok/s');
    expect(barTitle('speed', snapshots.healthy, { ...busy, requests: 0 })).toBe('');
  });
});

describe('setting it', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('happens at once, then at most once a second with the newest, and never with the same', () => {
    const set: string[] = [];
    const title = throttleTitle((text) => set.push(text));
    title.set('');
    expect(set).toEqual([]);
    title.set('1/3');
    title.set('2/3');
    title.set('3/3');
    expect(set).toEqual(['1/3']);
    vi.advanceTimersByTime(titleIntervalMs);
    expect(set).toEqual(['1/3', '3/3']);
    title.set('2/3');
    title.set('3/3');
    vi.advanceTimersByTime(titleIntervalMs * 3);
    expect(set).toEqual(['1/3', '3/3']);
    expect(vi.getTimerCount()).toBe(0);
    title.set('');
    expect(set.at(-1)).toBe('');
  });
});
