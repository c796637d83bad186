/** What is worth a notification, how often, and where it leads. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Alert,
  type AlertKind,
  alertsMax,
  alertsWithinMs,
  createAlerts,
  diskNotice,
  missedAfterMs,
  sameAlertMs,
} from '../../../src-main/status/alerts.ts';
import { failure, tier } from './snapshots.ts';

const fast = { id: 'fast', name: 'fast' };
let shown: Alert[];
let now: number;
let unwanted: Set<AlertKind>;
let alerts: ReturnType<typeof createAlerts>;

beforeEach(() => {
  shown = [];
  now = 1_000_000;
  unwanted = new Set();
  alerts = createAlerts({
    show: (alert) => void shown.push(alert),
    isWanted: (kind) => !unwanted.has(kind),
    now: () => now,
  });
});

describe('a notification', () => {
  it('of a failure says what happened and leads to its line', () => {
    const why = failure({ message: 'fast ran out of GPU memory.', decisiveLine: '[METAL] no', at: 999_000 });
    alerts.failed(fast, why);
    expect(shown).toEqual([
      {
        kind: 'failure',
        about: 'fast',
        title: 'fast needs attention',
        body: 'fast ran out of GPU memory.',
        view: 'logs',
        log: { log: 'fast', atMs: 999_000, line: '[METAL] no' },
      },
    ]);
  });

  it('comes once for one event, again after a while, and for each service by itself', () => {
    alerts.failed(fast, failure({}));
    now += sameAlertMs - 1;
    alerts.failed(fast, failure({}));
    expect(shown).toHaveLength(1);
    alerts.failed({ id: 'slow', name: 'slow' }, failure({}));
    now += 1;
    alerts.failed(fast, failure({}));
    expect(shown.map(({ title }) => title)).toEqual([
      'fast needs attention',
      'slow needs attention',
      'fast needs attention',
    ]);
  });

  it('of a return comes when it was missed, or when its failure was told', () => {
    alerts.recovered(fast, failure({ at: now - missedAfterMs + 1 }));
    alerts.recovered(fast, null);
    expect(shown).toEqual([]);
    alerts.recovered(fast, failure({ at: now - missedAfterMs, message: 'It crashed.' }));
    expect(shown).toMatchObject([
      {
        kind: 'recovery',
        about: 'fast',
        title: 'fast is running again',
        body: 'It crashed.',
        view: 'overview',
      },
    ]);
    alerts.failed({ id: 'slow', name: 'slow' }, failure({ at: now }));
    alerts.recovered({ id: 'slow', name: 'slow' }, failure({ at: now }));
    expect(shown.at(-1)).toMatchObject({ kind: 'recovery', title: 'slow is running again' });
  });

  it('of a return comes whoever mended it, once, and not of what was put away or is gone', () => {
    alerts.failed(fast, failure({ message: 'Its model is missing.' }));
    alerts.follow([tier('fast', 'failed')]);
    alerts.follow([tier('fast', 'starting')]);
    expect(shown).toHaveLength(1);
    alerts.follow([tier('fast', 'healthy')]);
    alerts.follow([tier('fast', 'healthy')]);
    expect(shown.slice(1)).toMatchObject([
      { kind: 'recovery', about: 'fast', title: 'fast is running again', body: 'Its model is missing.' },
    ]);

    for (const id of ['slow', 'large']) alerts.failed({ id, name: id }, failure({}));
    alerts.follow([tier('slow', 'stopped', { desired: 'off' })]);
    alerts.follow([tier('slow', 'healthy'), tier('large', 'healthy')]);
    expect(shown.filter(({ kind }) => kind === 'recovery')).toHaveLength(1);
  });

  it('of a return that came by itself is not said again by what follows', () => {
    alerts.failed(fast, failure({}));
    alerts.recovered(fast, failure({ message: 'It crashed.' }));
    alerts.follow([tier('fast', 'healthy')]);
    expect(shown.filter(({ kind }) => kind === 'recovery')).toMatchObject([{ body: 'It crashed.' }]);
  });

  it('never becomes a stream', () => {
    for (let i = 0; i < 100; i += 1) alerts.failed({ id: `s${i}`, name: `s${i}` }, failure({}));
    expect(shown).toHaveLength(alertsMax);
    now += alertsWithinMs;
    alerts.diskLow(10 ** 9);
    expect(shown.at(-1)).toMatchObject({ kind: 'disk', about: diskNotice(1).id, view: 'logs' });
  });

  it('of the disk and its notice count as the Finder does', () => {
    alerts.diskLow(1_900_000_000);
    expect(shown[0]?.body).toBe('1.9 GB left. Models and logs cannot be written when it is full.');
    expect(diskNotice(400_000_000).message).toMatch(/^400 MB left\. .*: delete what you do not need/);
  });

  it('of a kind that is not wanted does not come, and takes nothing from the others', () => {
    unwanted.add('failure');
    alerts.failed(fast, failure({}));
    unwanted.clear();
    alerts.failed(fast, failure({}));
    expect(shown).toHaveLength(1);
    unwanted.add('disk').add('recovery');
    alerts.diskLow(1);
    alerts.recovered(fast, failure({ at: 0 }));
    expect(shown).toHaveLength(1);
  });
});
