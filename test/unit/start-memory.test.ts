import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ServiceState } from '../../src-main/contract/status.ts';
import { releaseStartMemory, releaseWhenSettled, startSettlesMs } from '../../src-main/start-memory.ts';
import { createStatusStore } from '../../src-main/status/store.ts';
import { snapshots, tier } from './status/snapshots.ts';

/** Registers what nobody holds once this has returned. */
function leaveGarbage(registry: FinalizationRegistry<string>): void {
  registry.register({ takes: 'room' }, 'garbage');
}

describe('releaseStartMemory', () => {
  it('collects what nobody holds any more, and leaves no gc behind', async () => {
    const collected: string[] = [];
    const registry = new FinalizationRegistry<string>((what) => collected.push(what));
    leaveGarbage(registry);
    await vi.waitFor(
      () => {
        releaseStartMemory();
        expect(collected).toEqual(['garbage']);
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(registry).toBeInstanceOf(FinalizationRegistry);
    expect('gc' in globalThis).toBe(false);
  });
});

describe('releaseWhenSettled', () => {
  function setUp(...states: ServiceState[]) {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const services = (each: readonly ServiceState[]) =>
      each.map((state, index) => tier(`tier-${index}`, state));
    const status = createStatusStore({ ...snapshots.healthy, services: services(states) });
    const release = vi.fn();
    releaseWhenSettled(status, release);
    return { release, become: (...next: ServiceState[]) => status.update({ services: services(next) }) };
  }

  it('gives back once, a while after the last server has come up', () => {
    const { release, become } = setUp('healthy', 'starting');
    vi.advanceTimersByTime(10 * startSettlesMs);
    expect(release).not.toHaveBeenCalled();
    become('healthy', 'healthy');
    vi.advanceTimersByTime(startSettlesMs - 1);
    expect(release).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    become('degraded', 'healthy');
    vi.advanceTimersByTime(10 * startSettlesMs);
    expect(release).toHaveBeenCalledOnce();
  });

  it('waits anew when something begins meanwhile, and gives back again after a later start', () => {
    const { release, become } = setUp('healthy', 'stopped');
    vi.advanceTimersByTime(startSettlesMs - 1);
    become('healthy', 'starting');
    vi.advanceTimersByTime(startSettlesMs);
    expect(release).not.toHaveBeenCalled();
    become('healthy', 'failed');
    vi.advanceTimersByTime(startSettlesMs);
    expect(release).toHaveBeenCalledOnce();
    become('backing-off', 'failed');
    become('healthy', 'failed');
    vi.advanceTimersByTime(startSettlesMs);
    expect(release).toHaveBeenCalledTimes(2);
  });
});
