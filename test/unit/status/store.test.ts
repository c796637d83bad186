import { describe, expect, it } from 'vitest';
import type { ServiceStatus, StatusChange } from '../../../src-main/contract/status.ts';
import { applyStatusChange } from '../../../src-main/contract/status-change.ts';
import { createStatusStore } from '../../../src-main/status/store.ts';
import { emptySnapshot } from '../../../src-main/supervisor/stack-control.ts';

function service(id: string, more: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    id,
    kind: 'tier',
    name: id,
    model: 'm',
    port: 8000,
    state: 'stopped',
    desired: 'off',
    detail: '',
    stateSince: 0,
    readySince: null,
    restarts: 0,
    nextStartAt: null,
    latencyMs: null,
    memoryBytes: 0,
    pid: null,
    lastFailure: null,
    ...more,
  };
}

const newStore = () =>
  createStatusStore(emptySnapshot({ version: '1', phase: 'starting', home: '/h' }, 48e9, 36e9));

describe('the status store', () => {
  it('counts a revision for each change and none for the same again', () => {
    const store = newStore();
    store.update({ services: [service('a'), service('b')] });
    store.update({ services: [service('a'), service('b')] });
    expect(store.snapshot().revision).toBe(1);
    store.update({ services: [service('a', { state: 'healthy' }), service('b')] });
    expect(store.snapshot().revision).toBe(2);
  });

  it('sends only what changed, and the order when services came, went or moved', () => {
    const store = newStore();
    const changes: StatusChange[] = [];
    store.update({ services: [service('a'), service('b')] });
    store.subscribe((change) => changes.push(change));
    store.update({ services: [service('a'), service('b', { pid: 7 })] });
    store.update({ services: [service('b', { pid: 7 }), service('a')] });
    store.update({ services: [service('b', { pid: 7 })] });
    expect(changes).toEqual([
      { revision: 2, services: [service('b', { pid: 7 })] },
      { revision: 3, order: ['b', 'a'] },
      { revision: 4, order: ['b'] },
    ]);
  });

  it('gives whoever looks the present and then every change: replayed, they end in the same state', () => {
    const store = newStore();
    const states = ['stopped', 'starting', 'healthy', 'failed'] as const;
    let seen = store.subscribe((change) => {
      expect(change.revision).toBe(seen.revision + 1);
      seen = applyStatusChange(seen, change);
    }).snapshot;
    for (let n = 0; n < 200; n++) {
      const count = (n * 7) % 5;
      const services = Array.from({ length: count }, (_, index) =>
        service(`tier-${(index + n) % 6}`, { state: states[(n + index) % 4] ?? 'stopped' }),
      );
      store.update({
        services,
        app: { version: '1', phase: n % 3 === 0 ? 'running' : 'starting', home: '/h' },
      });
    }
    expect(seen).toEqual(store.snapshot());
  });

  it('tells nobody after they left', () => {
    const store = newStore();
    let told = 0;
    const { unsubscribe } = store.subscribe(() => {
      told += 1;
    });
    store.update({ services: [service('a')] });
    unsubscribe();
    store.update({ services: [] });
    expect(told).toBe(1);
  });
});
