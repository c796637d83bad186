import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Problem, Result } from '../../../src-main/contract/result.ts';
import type { Snapshot, StatusChange } from '../../../src-main/contract/status.ts';
import { followStatus, maxWaiting, retryMs } from '../../../src-renderer/state/follow.ts';
import { snapshots, tier } from '../status/snapshots.ts';

const at = (revision: number): Snapshot => ({ ...snapshots.healthy, revision });
const change = (revision: number, version = String(revision)): StatusChange => ({
  revision,
  app: { ...snapshots.healthy.app, version },
});

function setUp({ begins = true } = {}) {
  const reads: ((result: Result<Snapshot>) => void)[] = [];
  const seen: Snapshot[] = [];
  const problems: Problem[] = [];
  const listeners: ((change: StatusChange) => void)[] = [];
  const follower = followStatus({
    read: () => new Promise((resolve) => reads.push(resolve)),
    subscribe: (given) => {
      listeners.push(given);
      return () => void listeners.splice(listeners.indexOf(given), 1);
    },
    onSnapshot: (snapshot) => seen.push(snapshot),
    onProblem: (problem) => problems.push(problem),
  });
  const firstRead = begins ? follower.begin() : null;
  const answer = async (result: Result<Snapshot>): Promise<void> => {
    reads.at(-1)?.(result);
    await vi.advanceTimersByTimeAsync(0);
  };
  return {
    follower,
    firstRead,
    reads,
    seen,
    problems,
    listeners,
    answer,
    emit: (given: StatusChange) => {
      for (const listener of listeners) listener(given);
    },
    revisions: () => seen.map((snapshot) => snapshot.revision),
  };
}

describe('followStatus', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reads once, then applies changes in order', async () => {
    const { firstRead, reads, answer, emit, revisions, seen } = setUp();
    await answer({ ok: true, value: at(5) });
    await firstRead;
    emit({ revision: 6, services: [tier('fast', 'failed')] });
    emit(change(7));
    expect(revisions()).toEqual([5, 6, 7]);
    expect(seen[1]?.services.find((service) => service.id === 'fast')?.state).toBe('failed');
    expect(seen[2]?.app.version).toBe('7');
    expect(reads).toHaveLength(1);
  });

  it('reads nothing before it is begun, and then applies what arrived until then', async () => {
    const { follower, answer, emit, reads, revisions } = setUp({ begins: false });
    emit(change(6));
    expect(reads).toHaveLength(0);
    void follower.begin();
    await answer({ ok: true, value: at(5) });
    expect(revisions()).toEqual([5, 6]);
  });

  it('applies what arrived during the reading, and drops what the snapshot already holds', async () => {
    const { answer, emit, reads, revisions } = setUp();
    for (const revision of [4, 5, 6, 7]) emit(change(revision));
    await answer({ ok: true, value: at(5) });
    expect(revisions()).toEqual([5, 6, 7]);
    expect(reads).toHaveLength(1);
  });

  it('reads again after a gap, once for several changes', async () => {
    const { answer, emit, reads, revisions } = setUp();
    await answer({ ok: true, value: at(5) });
    emit(change(7));
    emit(change(8));
    expect(revisions()).toEqual([5]);
    expect(reads).toHaveLength(2);
    await answer({ ok: true, value: at(8) });
    emit(change(9));
    expect(revisions()).toEqual([5, 8, 9]);
    expect(reads).toHaveLength(2);
  });

  it('ignores a change that is old or repeated', async () => {
    const { answer, emit, reads, revisions } = setUp();
    await answer({ ok: true, value: at(5) });
    emit(change(5, 'repeated'));
    emit(change(3, 'old'));
    expect(revisions()).toEqual([5]);
    expect(reads).toHaveLength(1);
  });

  it('keeps a bounded number of waiting changes and heals the gap that this makes', async () => {
    const { answer, emit, reads, revisions } = setUp();
    for (let revision = 1; revision <= maxWaiting + 10; revision += 1) emit(change(revision));
    await answer({ ok: true, value: at(1) });
    expect(reads).toHaveLength(2);
    await answer({ ok: true, value: at(maxWaiting + 10) });
    expect(revisions()).toEqual([1, maxWaiting + 10]);
  });

  it('says that it cannot read, and tries again after a pause', async () => {
    const { firstRead, answer, problems, reads, revisions } = setUp();
    await answer({ ok: false, error: { code: 'internal-error', message: 'No.' } });
    await firstRead;
    expect(problems).toEqual([{ code: 'internal-error', message: 'No.' }]);
    await vi.advanceTimersByTimeAsync(retryMs - 1);
    expect(reads).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(reads).toHaveLength(2);
    await answer({ ok: true, value: at(1) });
    expect(revisions()).toEqual([1]);
  });

  it('takes a thrown refusal as a problem', async () => {
    const problems: Problem[] = [];
    const follower = followStatus({
      read: () => Promise.reject(new Error('Refused: unknown sender.')),
      subscribe: () => () => {},
      onSnapshot: () => {},
      onProblem: (problem) => problems.push(problem),
    });
    await follower.begin();
    follower.stop();
    expect(problems).toEqual([{ code: 'bridge-failed', message: 'Refused: unknown sender.' }]);
  });

  it('is silent once stopped', async () => {
    const { follower, answer, listeners, reads, revisions } = setUp();
    follower.stop();
    await answer({ ok: true, value: at(1) });
    await vi.advanceTimersByTimeAsync(retryMs * 3);
    expect(listeners).toEqual([]);
    expect(revisions()).toEqual([]);
    expect(reads).toHaveLength(1);
  });
});
