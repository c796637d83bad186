import { describe, expect, it } from 'vitest';
import { labelLimit, type TrayRow, trayModel } from '../../../src-main/shell/tray-menu.ts';
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

  it('gives a row another id when its click would do another thing', () => {
    const ids = (name: 'healthy' | 'off') => everyRow(trayModel(snapshots[name]).rows).map((row) => row.id);
    expect(ids('healthy')).toContain('service:fast:service.stop');
    expect(ids('healthy')).not.toContain('service:fast:service.start');
    expect(ids('off')).toContain('service:fast:service.start');
    expect(ids('off')).not.toContain('service:fast:service.stop');
  });
});
