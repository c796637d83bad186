/** The tray's menu as data, computed from the snapshot. Pure: no electron here. */
import type { CommandCall } from '../contract/commands.ts';
import type { WindowView } from '../contract/events.ts';
import type { LogPlace } from '../contract/logs.ts';
import type { Notice, ServiceState, ServiceStatus, Snapshot } from '../contract/status.ts';
import { cloudLine, cloudSentence, cloudUse } from '../status/cloud-summary.ts';
import { formatGigabytesOf, hostOf, shorten } from '../status/format.ts';
import {
  actionsOf,
  callOfNotice,
  describeState,
  type IconState,
  isServing,
  noActions,
  progressLine,
  type Summary,
  summarise,
} from '../status/summary.ts';
import type { UnshownMessage } from '../status/unshown.ts';
import { shellWords } from '../words/index.ts';
import { quitNoticeId } from './mac-notices.ts';

const words = shellWords.tray;

/** Longer labels would make the whole menu as wide as the longest; the tooltip has the full text. */
export const labelLimit = 64;

/** Most rows that warnings take. */
export const warningsMax = 2;

export type TrayAction =
  | { readonly kind: 'command'; readonly call: CommandCall }
  | { readonly kind: 'copy-text'; readonly text: string }
  | { readonly kind: 'open-window'; readonly view?: WindowView; readonly log?: LogPlace }
  | { readonly kind: 'about' }
  | { readonly kind: 'quit' };

/**
 * One row. `id` names what the row *does*: the same id never comes to mean another action, so a row may be
 * updated under an open menu without a click ever doing something else than what it said.
 */
export interface TrayRow {
  readonly id: string;
  readonly type: 'normal' | 'separator' | 'header' | 'submenu' | 'checkbox';
  readonly label: string;
  readonly sublabel: string;
  readonly toolTip: string;
  readonly accessibilityLabel: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly icon: ServiceState | null;
  readonly accelerator: string | null;
  readonly action: TrayAction | null;
  readonly children: readonly TrayRow[];
}

export interface TrayModel {
  readonly icon: IconState;
  readonly toolTip: string;
  readonly rows: readonly TrayRow[];
}

const row = (id: string, label: string, more: Partial<TrayRow> = {}): TrayRow => ({
  id,
  type: 'normal',
  label,
  sublabel: '',
  toolTip: '',
  accessibilityLabel: '',
  enabled: true,
  checked: false,
  icon: null,
  accelerator: null,
  action: null,
  children: [],
  ...more,
});

const info = (id: string, label: string, more: Partial<TrayRow> = {}) =>
  row(id, label, { enabled: false, ...more });
const separator = (id: string) => row(id, '', { type: 'separator' });
const command = (id: string, label: string, call: CommandCall, more: Partial<TrayRow> = {}) =>
  row(id, label, { action: { kind: 'command', call }, ...more });

const joined = (...parts: readonly string[]) => parts.filter((part) => part !== '').join(' · ');

/** Shortened, and then with the whole text as tooltip. */
function withFullText(label: string): { readonly label: string; readonly toolTip: string } {
  const short = shorten(label, labelLimit);
  return { label: short, toolTip: short === label ? '' : label };
}

function whereLine(snapshot: Snapshot, summary: Summary): string {
  if (!summary.serving) return '';
  const { plannedBytes, totalBytes } = snapshot.memory;
  const memory =
    plannedBytes > 0 && totalBytes > 0 ? words.memory(formatGigabytesOf(plannedBytes, totalBytes)) : '';
  return joined(hostOf(snapshot.gateway.baseUrl), memory);
}

function answerRows(snapshot: Snapshot, summary: Summary): TrayRow[] {
  const [first, ...others] = summary.troubles;
  if (first === undefined || summary.condition === 'stopping') {
    const noStack = summary.condition === 'no-stack' ? words.noStackHint : '';
    const slow = summary.condition === 'ready' ? '' : progressLine(snapshot, summary);
    const sublabel = noStack || joined(whereLine(snapshot, summary), summary.serving ? '' : slow);
    return [
      info('status', summary.headline, {
        sublabel: summary.condition === 'off' ? '' : sublabel,
        accessibilityLabel: [summary.headline, sublabel].filter(Boolean).join(', '),
      }),
    ];
  }
  const text = withFullText(first.headline);
  const more = others.length === 0 ? '' : words.moreProblems(others.length);
  const where = summary.serving ? words.stillServing(hostOf(snapshot.gateway.baseUrl)) : '';
  const reason = info('status', text.label, {
    sublabel: joined(more, where) || shorten(first.hint || first.reason, labelLimit),
    toolTip: [first.title, first.reason, first.hint].filter(Boolean).join('\n'),
    accessibilityLabel: [`${first.title}.`, first.reason, first.hint, more].filter(Boolean).join(' '),
  });
  const remedy =
    first.remedy === null
      ? row('remedy:show', words.showDetails, { action: { kind: 'open-window' } })
      : command(remedyId(first.remedy.call), first.remedy.label, first.remedy.call);
  return [reason, remedy];
}

type Warning = Notice & { readonly action: NonNullable<Notice['action']> };

/** What is not wrong yet and one click puts right, and what stands until its click. The window has the rest of them. */
const isWarning = (notice: Notice): notice is Warning =>
  notice.action !== null &&
  (notice.severity === 'info' ? !notice.dismissible : notice.severity === 'warning');

/** No click is offered twice. */
function warningsOf({ notices }: Snapshot, offered: readonly TrayRow[]): Warning[] {
  const ids = new Set(offered.map(({ id }) => id));
  return notices
    .filter(isWarning)
    .filter((notice) => {
      const id = remedyId(callOfNotice(notice.action));
      if (ids.has(id)) return false;
      ids.add(id);
      return true;
    })
    .slice(0, warningsMax);
}

function warningRow({ title, message, action }: Warning): TrayRow {
  const call = callOfNotice(action);
  return command(remedyId(call), shorten(action.label, labelLimit), call, {
    sublabel: shorten(title, labelLimit),
    toolTip: message,
    accessibilityLabel: `${action.label}. ${title}. ${message}`,
  });
}

/** What no notification could say: one line each, and where its click would have led. */
function unshownRow(
  { number, about, title, body, view, log }: UnshownMessage,
  { troubles }: Summary,
): TrayRow {
  // The menu begins with the first trouble's sentence.
  const isSaid = troubles[0]?.serviceId === about;
  const said = withFullText(body);
  return row(`unshown:${number}`, shorten(title, labelLimit), {
    sublabel: isSaid ? '' : said.label,
    toolTip: said.toolTip,
    accessibilityLabel: `${title}. ${body}`,
    action: {
      kind: 'open-window',
      ...(view === undefined ? {} : { view }),
      ...(log === undefined ? {} : { log }),
    },
  });
}

const remedyId = (call: CommandCall) => `remedy:${call.name}:${Object.values(call.input).join(':')}`;

function serviceRow(service: ServiceStatus, quitting: boolean): TrayRow {
  const state = describeState(service).word;
  const port = words.port(service.port);
  const id = `service:${service.id}`;
  const actions = quitting ? noActions : actionsOf(service);
  const text = withFullText(service.name);
  const children: TrayRow[] = [
    info(`${id}:state`, shorten(stateLine(service), labelLimit), { toolTip: reasonOf(service) }),
    info(`${id}:place`, shorten(joined(service.model ?? '', port), labelLimit), {
      toolTip: service.model ?? '',
    }),
    separator(`${id}:line`),
  ];
  const give = (
    verb: 'service.start' | 'service.stop' | 'service.restart',
    label: string,
    spoken: (name: string) => string,
  ) =>
    children.push(
      command(
        `${id}:${verb}`,
        label,
        { name: verb, input: { id: service.id } },
        { accessibilityLabel: spoken(service.name) },
      ),
    );
  if (actions.start) {
    give('service.start', words.start, words.startOf);
    for (const { kind, label } of remediesOf(service)) {
      const call: CommandCall = { name: 'service.remedy', input: { id: service.id, kind } };
      const spoken = words.remedyFor(label, service.name);
      children.push(command(`${id}:remedy:${kind}`, label, call, { accessibilityLabel: spoken }));
    }
  }
  if (actions.stop) give('service.stop', words.stop, words.stopOf);
  if (actions.restart) give('service.restart', words.restart, words.restartOf);
  if (service.kind === 'tier') {
    children.push(
      row(`${id}:copy`, words.copyModelName, {
        sublabel: service.id,
        toolTip: words.copyModelNameHint,
        action: { kind: 'copy-text', text: service.id },
      }),
    );
  }
  return row(id, text.label, {
    type: 'submenu',
    icon: service.state,
    sublabel: joined(state, shorten(service.model ?? '', 40), port),
    toolTip: text.toolTip,
    accessibilityLabel: [service.name, state, service.model ?? '', port].filter(Boolean).join(', '),
    children,
  });
}

/** All that the sentence of its failure names; Start is the one to start it again. */
const remediesOf = ({ state, lastFailure }: ServiceStatus) =>
  (state === 'failed' ? (lastFailure?.remedies ?? []) : []).filter(({ kind }) => kind !== 'start-again');

/** The state and its detail in one line: "Ready", "Starting: Loading the model", "Failed: Port 8000 is in use." */
function stateLine(service: ServiceStatus): string {
  const { word, detail } = describeState(service);
  const more = service.state === 'failed' ? (service.lastFailure?.message ?? '') : detail;
  return more === '' ? word : `${word}: ${more}`;
}

const reasonOf = (service: ServiceStatus) =>
  service.lastFailure === null ? '' : `${service.lastFailure.message}\n${service.lastFailure.hint}`;

function serviceRows(snapshot: Snapshot, summary: Summary): TrayRow[] {
  const tiers = snapshot.services.filter((service) => service.kind === 'tier');
  const gateway = snapshot.services.find((service) => service.kind === 'gateway');
  const quitting = snapshot.app.phase === 'quitting';
  const rows = tiers.map((tier) => serviceRow(tier, quitting));
  /** The gateway is plumbing: it has a row only while it is what is wrong. */
  if (gateway !== undefined && gateway.desired === 'on' && !isServing(gateway) && isProblem(gateway)) {
    rows.push(serviceRow(gateway, quitting));
  }
  if (rows.length === 0) return [];
  const on = summary.wantedTiers === 0 ? '' : ` · ${words.readyOf(summary.readyTiers, summary.wantedTiers)}`;
  return [
    separator('line:models'),
    row('header:models', words.models, { type: 'header', accessibilityLabel: `${words.models}${on}` }),
    ...rows,
  ];
}

const isProblem = (service: ServiceStatus) =>
  service.state === 'failed' || service.state === 'unresponsive' || service.state === 'backing-off';

/** Only once there is a key: before that the cloud is nothing that a menu needs to mention. */
function cloudRows({ cloud }: Snapshot): TrayRow[] {
  if (cloud.key.last4 === null) return [];
  const line = cloudLine(cloud);
  const children = [
    info('cloud:used', cloudUse(cloud), { toolTip: cloudSentence(cloud) }),
    separator('cloud:line'),
    command(
      `cloud:local-only:${cloud.localOnly}`,
      words.localOnly,
      { name: 'cloud.setOptions', input: { localOnly: !cloud.localOnly } },
      { type: 'checkbox', checked: cloud.localOnly, toolTip: words.localOnlyHint },
    ),
    row('cloud:open', words.openCloud, { action: { kind: 'open-window', view: 'cloud' } }),
  ];
  return [
    separator('line:cloud'),
    row('cloud', words.cloud, {
      type: 'submenu',
      sublabel: line,
      accessibilityLabel: `${words.cloud}, ${line}`,
      children,
    }),
  ];
}

const checkbox = (
  id: string,
  label: string,
  checked: boolean,
  call: CommandCall,
  more: Partial<TrayRow> = {},
) => command(`${id}:${!checked}`, label, call, { type: 'checkbox', checked, ...more });

/** What is set rarely and by a click; the rest stands in the window. */
function settingsRow({ mac }: Snapshot): TrayRow {
  const { login, power } = mac;
  const needsApproval = login.state === 'needs-approval';
  const hint = [login.problem?.message, login.problem?.hint].filter(Boolean).join('\n');
  const onLogin = login.state === 'on';
  const heat =
    power.thermal === 'serious' || power.thermal === 'critical' ? words.thermal[power.thermal] : '';
  const battery = power.source === 'battery' ? words.onBattery : '';
  const state = joined(battery, heat);
  const awake = power.keepAwake !== 'off';
  const loginRow = needsApproval
    ? command(
        'login:approve',
        words.startAtLogin,
        { name: 'login.openSettings', input: {} },
        {
          sublabel: words.waitsForApproval,
          toolTip: hint,
        },
      )
    : checkbox(
        'login:set',
        words.startAtLogin,
        onLogin,
        { name: 'login.set', input: { enabled: !onLogin } },
        {
          enabled: login.state !== 'unavailable',
          toolTip: hint,
        },
      );
  return row('settings', words.settings, {
    type: 'submenu',
    children: [
      ...(state === '' ? [] : [info('mac:power', state), separator('mac:line')]),
      loginRow,
      checkbox(
        'awake:set',
        words.keepAwake,
        awake,
        { name: 'power.setKeepAwake', input: { enabled: !awake } },
        {
          sublabel: power.keepAwake === 'holding' ? words.keepsAwakeNow : '',
        },
      ),
      separator('settings:line'),
      row('settings:all', words.allSettings, {
        accelerator: 'Command+,',
        action: { kind: 'open-window', view: 'settings' },
      }),
      row('about', words.about, { action: { kind: 'about' } }),
    ],
  });
}

/** For requests to finish; quitting once more does not wait any longer. */
const waitsToQuit = ({ notices }: Snapshot) => notices.some(({ id }) => id === quitNoticeId);

export function trayModel(snapshot: Snapshot, unshown: readonly UnshownMessage[] = []): TrayModel {
  const summary = summarise(snapshot);
  const quitting = snapshot.app.phase === 'quitting';
  const hasStack = snapshot.services.length > 0;
  const answers = answerRows(snapshot, summary);
  const warnings = warningsOf(snapshot, answers);
  const rows: TrayRow[] = [
    ...answers,
    ...warnings.map(warningRow),
    ...unshown
      .filter(({ about }) => warnings.every(({ id }) => id !== about))
      .map((message) => unshownRow(message, summary)),
    ...serviceRows(snapshot, summary),
    ...cloudRows(snapshot),
  ];
  if (hasStack) {
    rows.push(
      separator('line:copy'),
      command(
        'copy:address',
        words.copyAddress,
        { name: 'endpoint.copyAddress', input: {} },
        { toolTip: snapshot.gateway.baseUrl },
      ),
      command('copy:key', words.copyKey, { name: 'endpoint.copyKey', input: {} }),
    );
  }
  rows.push(
    separator('line:open'),
    row('open', words.openWindow, { action: { kind: 'open-window' } }),
    row('logs', words.showLogs, { action: { kind: 'open-window', view: 'logs' } }),
  );
  const { state, version } = snapshot.update;
  if (state === 'ready' && version !== null) {
    rows.push(
      command('update:install', words.restartToUpdate(version), { name: 'update.install', input: {} }),
    );
  }
  if (summary.canStart) {
    rows.push(command('stack:start', words.startEverything, { name: 'stack.start', input: {} }));
  }
  if (summary.canStop) {
    rows.push(command('stack:stop', words.stopEverything, { name: 'stack.stop', input: {} }));
  }
  rows.push(
    settingsRow(snapshot),
    separator('line:quit'),
    row('quit', quitting || waitsToQuit(snapshot) ? words.quitNow : words.quit, {
      accelerator: 'Command+Q',
      action: { kind: 'quit' },
    }),
  );
  return { icon: summary.icon, toolTip: words.toolTip(summary.headline), rows };
}
