import { describe, expect, it } from 'vitest';
import type { Notice, Remedy } from '../../../src-main/contract/status.ts';
import { quitNotice } from '../../../src-main/shell/mac-notices.ts';
import { labelLimit, type TrayRow, trayModel, warningsMax } from '../../../src-main/shell/tray-menu.ts';
import type { UnshownMessage } from '../../../src-main/status/unshown.ts';
import { failure, gateway, snapshotNames, snapshots, tier } from '../status/snapshots.ts';

/** The menu as one would draw it: `[x]` is what a click does, `(…)` is disabled. */
function draw(rows: readonly TrayRow[], indent = ''): string {
  return rows.map((row) => drawRow(row, indent)).join('');
}

function drawRow(row: TrayRow, indent: string): string {
  if (row.type === 'separator') return `${indent}${'-'.repeat(24)}\n`;
  const label = row.type === 'header' ? row.label.toUpperCase() : row.label;
  const icon = row.icon === null ? '' : `<${row.icon}> `;
  const key = row.accelerator === null ? '' : `  ${row.accelerator}`;
  const does = row.action === null ? '' : `  [${describeAction(row)}]`;
  const arrow = row.type === 'submenu' ? '  >' : '';
  const mark = row.type === 'checkbox' ? (row.checked ? '[✓] ' : '[ ] ') : '';
  const text = row.enabled ? `${mark}${icon}${label}` : `(${label})`;
  const below = row.sublabel === '' ? '' : `${indent}    ${row.sublabel}\n`;
  return `${indent}${text}${key}${does}${arrow}\n${below}${draw(row.children, `${indent}      `)}`;
}

function describeAction({ action }: TrayRow): string {
  if (action === null) return '';
  if (action.kind === 'command') return [action.call.name, ...Object.values(action.call.input)].join(' ');
  return action.kind === 'copy-text' ? `copy ${action.text}` : action.kind;
}

function everyRow(rows: readonly TrayRow[]): TrayRow[] {
  return rows.flatMap((row) => [row, ...everyRow(row.children)]);
}

const warning = (id: string, kind: 'open-home' | 'open-stack' | 'remove-watchdog'): Notice => ({
  id,
  severity: 'warning',
  title: `Warning ${id}`,
  message: '',
  action: { kind, label: `Do what helps with ${id}` },
  dismissible: true,
});
const withNotices = (...notices: Notice[]) => ({ ...snapshots.healthy, notices });

describe('trayModel', () => {
  it.each(snapshotNames)('draws %s', async (name) => {
    const model = trayModel(snapshots[name]);
    const text = `icon: ${model.icon}\ntooltip: ${model.toolTip}\n\n${draw(model.rows)}`;
    await expect(text).toMatchFileSnapshot(`./goldens/tray-${name}.txt`);
  });

  it.each(snapshotNames)('%s: at most 14 rows at rest, unique ids, no row without a word', (name) => {
    const { rows } = trayModel(snapshots[name]);
    expect(rows.filter((row) => row.type !== 'separator').length).toBeLessThanOrEqual(14);
    for (const list of [rows, ...rows.map((row) => row.children)]) {
      expect(new Set(list.map((row) => row.id)).size).toBe(list.length);
    }
    for (const row of everyRow(rows).filter((row) => row.type !== 'separator')) {
      expect(row.label, row.id).not.toBe('');
      expect([...row.label].length, row.id).toBeLessThanOrEqual(labelLimit);
      expect(row.enabled === false || row.type !== 'normal' || row.action !== null, row.id).toBe(true);
    }
  });

  it.each(snapshotNames)('%s: no emoji, which VoiceOver would read aloud', (name) => {
    const { rows } = trayModel(snapshots[name]);
    for (const row of everyRow(rows)) {
      expect(`${row.label}${row.sublabel}`).not.toMatch(/\p{Extended_Pictographic}/u);
    }
  });

  it('offers to start or stop nothing while the app quits', () => {
    const verbs = (snapshot: typeof snapshots.mixedFailures) =>
      everyRow(trayModel(snapshot).rows).filter(({ id }) => /service\.(start|stop|restart)$/.test(id)).length;
    const { mixedFailures } = snapshots;
    expect(verbs(mixedFailures)).toBe(4);
    expect(verbs({ ...mixedFailures, app: { ...mixedFailures.app, phase: 'quitting' } })).toBe(0);
  });

  it('reads a model row whole to VoiceOver', () => {
    const row = trayModel(snapshots.healthy).rows.find((each) => each.id === 'service:fast');
    expect(row?.accessibilityLabel).toBe('fast, Ready, Qwen3-4B-4bit, port 8000');
  });

  it('keeps the whole reason in the tooltip when the label is cut', () => {
    const [status] = trayModel(snapshots.longNames).rows;
    expect(status?.label.endsWith('…')).toBe(true);
    expect(status?.toolTip).toContain('14 of 31 files are there.');
    expect(status?.toolTip).toContain('Download it again');
  });

  it('shows the details where a failure offers no remedy', () => {
    const services = [tier('fast', 'failed', { lastFailure: failure({ remedies: [] }) }), gateway('healthy')];
    const [, second] = trayModel({ ...snapshots.healthy, services }).rows;
    expect(second).toMatchObject({ label: 'Show Details…', action: { kind: 'open-window' } });
  });

  it('offers with a model all that the sentence of its failure names, and Start for starting it again', () => {
    const remedies: Remedy[] = [
      { kind: 'start-again', label: 'Start Again' },
      { kind: 'start-anyway', label: 'Start Anyway' },
      { kind: 'open-stack', label: 'Open the Stack File' },
    ];
    const failed = tier('fast', 'failed', { lastFailure: failure({ remedies }) });
    const offered = (service: typeof failed) =>
      everyRow(trayModel({ ...snapshots.healthy, services: [service, gateway('healthy')] }).rows)
        .filter(({ id }) => id.startsWith('service:fast:') && !id.endsWith(':copy'))
        .flatMap(({ label, accessibilityLabel, action }) =>
          action?.kind === 'command' ? [[label, accessibilityLabel, action.call]] : [],
        );
    expect(offered(failed)).toEqual([
      ['Start', 'Start fast', { name: 'service.start', input: { id: 'fast' } }],
      [
        'Start Anyway',
        'Start Anyway, for fast',
        { name: 'service.remedy', input: { id: 'fast', kind: 'start-anyway' } },
      ],
      [
        'Open the Stack File',
        'Open the Stack File, for fast',
        { name: 'service.remedy', input: { id: 'fast', kind: 'open-stack' } },
      ],
    ]);
    const again = { ...failed, state: 'starting', desired: 'on' } as const;
    expect(offered(again).flat()).not.toContain('Start Anyway');
  });

  it('gives a row another id when its click would do another thing', () => {
    const ids = (name: 'healthy' | 'off') => everyRow(trayModel(snapshots[name]).rows).map((row) => row.id);
    expect(ids('healthy')).toContain('service:fast:service.stop');
    expect(ids('healthy')).not.toContain('service:fast:service.start');
    expect(ids('off')).toContain('service:fast:service.start');
    expect(ids('off')).not.toContain('service:fast:service.stop');
  });

  describe('what no notification could say', () => {
    const recovered: UnshownMessage = {
      number: 7,
      kind: 'recovery',
      about: 'fast',
      title: 'fast is running again',
      body: 'It ran out of GPU memory, and it was started again by itself after ten seconds of waiting.',
      view: 'overview',
    };
    const linesOf = (...args: Parameters<typeof trayModel>) =>
      trayModel(...args).rows.filter(({ id }) => id.startsWith('unshown:'));

    it('stands as one line under the answer, whole to VoiceOver, and leads where the click would have', () => {
      expect(
        trayModel(snapshots.healthy, [recovered])
          .rows.map(({ id }) => id)
          .slice(0, 3),
      ).toEqual(['status', 'unshown:7', 'line:models']);
      const [line] = linesOf(snapshots.healthy, [recovered]);
      expect(line).toMatchObject({
        type: 'normal',
        enabled: true,
        label: 'fast is running again',
        toolTip: recovered.body,
        accessibilityLabel: `fast is running again. ${recovered.body}`,
        action: { kind: 'open-window', view: 'overview' },
      });
      expect(line?.sublabel).toMatch(/^It ran out of GPU memory.*…$/);
      expect([...(line?.sublabel ?? '')].length).toBeLessThanOrEqual(labelLimit);
    });

    it('leads to its line in the logs, and repeats no sentence that the menu begins with', () => {
      const log = { log: 'standard', atMs: 5, line: null };
      const [about, other] = linesOf(snapshots.mixedFailures, [
        {
          number: 1,
          kind: 'failure',
          about: 'standard',
          title: 'standard needs attention',
          body: 'Port 8001 is in use by Python (pid 812).',
          view: 'logs',
          log,
        },
        {
          number: 2,
          kind: 'failure',
          about: 'longctx',
          title: 'longctx needs attention',
          body: 'longctx ran out of GPU memory.',
          view: 'logs',
        },
      ]);
      expect(about).toMatchObject({ sublabel: '', action: { kind: 'open-window', view: 'logs', log } });
      expect(other).toMatchObject({ sublabel: 'longctx ran out of GPU memory.' });
    });

    it('without a place of its own opens the window', () => {
      const [line] = linesOf(snapshots.healthy, [{ number: 3, about: 'x', title: 'News', body: '' }]);
      expect(line?.action).toEqual({ kind: 'open-window' });
    });

    it('is not said beside a warning that stands for the same', () => {
      const disk = { number: 4, about: 'disk-nearly-full', title: 'The disk is nearly full', body: '' };
      expect(linesOf(withNotices(warning('disk-nearly-full', 'open-home')), [disk])).toEqual([]);
      expect(linesOf(snapshots.healthy, [disk])).toHaveLength(1);
    });
  });

  describe('a warning that one click puts right', () => {
    const rowsOf = (...notices: Notice[]) =>
      trayModel(withNotices(...notices)).rows.filter(({ id }) => id.startsWith('remedy:'));

    it('offers that click under the answer, with what it is about', () => {
      const [row, ...others] = rowsOf({
        ...warning('memory-pressure-1', 'open-home'),
        title: 'Memory is short',
        message: 'fast takes most of it.',
        action: { kind: 'stop-service', label: 'Stop fast', service: 'fast' },
      });
      expect(row).toMatchObject({
        label: 'Stop fast',
        sublabel: 'Memory is short',
        toolTip: 'fast takes most of it.',
        accessibilityLabel: 'Stop fast. Memory is short. fast takes most of it.',
        action: { kind: 'command', call: { name: 'service.stop', input: { id: 'fast' } } },
      });
      expect(others).toEqual([]);
      expect(trayModel(withNotices(warning('a', 'open-home'))).icon).toBe('ready');
    });

    it('says that it waits to quit, which a click takes back and another quit cuts short', () => {
      const { rows } = trayModel(withNotices(quitNotice(2, 'quit')));
      expect(rows).toContainEqual(
        expect.objectContaining({
          label: 'Keep Running',
          sublabel: 'Quits when its requests are finished',
          action: { kind: 'command', call: { name: 'app.keepRunning', input: {} } },
        }),
      );
      expect(rows.at(-1)).toMatchObject({ label: 'Quit Now', action: { kind: 'quit' } });
      expect(trayModel(withNotices()).rows.at(-1)).toMatchObject({ label: 'Quit MLX Stack' });
    });

    it('offers no click twice, and a few at most', () => {
      expect(rowsOf(warning('a', 'open-home'), warning('b', 'open-home'))).toHaveLength(1);
      const error: Notice = { ...warning('c', 'open-stack'), severity: 'error' };
      expect(rowsOf(error, warning('d', 'open-stack'))).toHaveLength(1);
      const many = [warning('a', 'open-home'), warning('b', 'open-stack'), warning('c', 'remove-watchdog')];
      expect(rowsOf(...many)).toHaveLength(warningsMax);
    });
  });
});
