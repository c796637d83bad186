/** Everything that the window can show, by name: each view full, empty, loading and refused, and each state of what it shows. */
import type { Page } from 'playwright-core';
import { parseConfig, parsedDefaults } from '../../src-main/config/config-file.ts';
import { settingsOf } from '../../src-main/config/settings-control.ts';
import type { EnginesStatus } from '../../src-main/contract/engines.ts';
import { fail, ok, problem, type Result } from '../../src-main/contract/result.ts';
import type { Notice, Snapshot } from '../../src-main/contract/status.ts';
import type { UpdateStatus } from '../../src-main/contract/updates.ts';
import {
  hiddenIconNotice,
  pointerNotice,
  pressureNoticeOf,
  quitNotice,
  updateNotice,
  watchdogNotice,
} from '../../src-main/shell/mac-notices.ts';
import { noUpdate } from '../../src-main/status/no-update.ts';
import { cloudInUse, moment, snapshotNames, snapshots } from '../unit/status/snapshots.ts';
import type { OpenedWindow, OpenOptions } from './renderer-fixture.ts';
import {
  browseShipped,
  cannotPlan,
  copiedList,
  freshEngines,
  installingUv,
  longPlan,
  modelList,
  olderEngines,
  setupSnapshots,
  stocked,
  swappedPlan,
  withoutUv,
} from './setup-fixture.ts';

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

const home = { home: '/Users/me/.mlx-stack', userHome: '/Users/me' };
const parsed = parseConfig('keep-awake: true\nlitellm-port: 4100\na-key-of-mine: 1\n', home);
if (!parsed.ok) throw new Error('The settings of this test do not parse.');
const settings = settingsOf(
  { value: parsed.value, source: 'file', problems: [] },
  { revision: 1, file: `${home.home}/config.yaml`, defaults: parsedDefaults(home).values },
);

const row = (level: string, text: string, index: number) => ({
  log: 'fast',
  segment: 0,
  offset: index * 100,
  timeMs: moment - 10_000 + index,
  source: 'out',
  level,
  text,
  isCut: false,
});
const rows = ['error', 'warning', 'info', 'debug'].map((level, index) => row(level, `some ${level}`, index));
const logPage = {
  rows,
  anchorRow: rows.length,
  start: [],
  end: [],
  atStart: true,
  atEnd: true,
  startFraction: 0,
  endFraction: 1,
};
const logAnswers = {
  'log.page': ok(logPage),
  'log.list': ok({ logs: [{ log: 'fast', bytes: 4000, archives: 2, archiveBytes: 9000 }] }),
} satisfies OpenOptions['answers'];

export interface Situation {
  readonly snapshot: Snapshot;
  readonly answers?: OpenOptions['answers'];
  readonly reach: (page: Page, window: OpenedWindow) => Promise<unknown>;
}

type Reach = Situation['reach'];
type Answers = NonNullable<OpenOptions['answers']>;
const nowhere: Reach = async () => {};
const presses =
  (...names: readonly string[]): Reach =>
  async (page) => {
    for (const name of names) await press(page, name);
  };
const inView =
  (view: string, reach: Reach): Reach =>
  async (page, window) => {
    await press(page, view);
    // A view's file comes after the first paint.
    await page.locator('main h1').waitFor();
    await reach(page, window);
  };
/** Nothing answers from the beginning of its way on. */
const held = ({ reach, ...situation }: Situation): Situation => ({
  ...situation,
  async reach(page, window) {
    await window.hold(true);
    await reach(page, window);
  },
});

const models = (
  part: string,
  reach: Reach = nowhere,
  { answers = {}, snapshot = stocked }: Partial<Situation> = {},
): Situation => ({
  snapshot,
  answers,
  reach: inView('Models', async (page, window) => {
    await tab(page, part);
    await reach(page, window);
  }),
});
const chosen =
  (name: string): Reach =>
  async (page) => {
    await page.getByRole('searchbox').fill(name);
    await page.getByRole('option', { name }).click();
  };
const withToken = (token: Snapshot['models']['token']): Snapshot => ({
  ...snapshots.healthy,
  models: { ...stocked.models, downloads: [], token },
});

const cloudWith = (cloud: Partial<Snapshot['cloud']>, reach: Reach = nowhere): Situation => ({
  snapshot: { ...snapshots.healthy, cloud: { ...cloudInUse, ...cloud } },
  reach: inView('Cloud', reach),
});
const cloudWithout = (cloud: Partial<Snapshot['cloud']>): Situation => ({
  snapshot: { ...snapshots.healthy, cloud: { ...snapshots.healthy.cloud, ...cloud } },
  reach: inView('Cloud', nowhere),
});
const cloudModels = (listModels: Result<unknown>, reach: Reach): Situation => ({
  ...cloudWith({}, async (page, window) => {
    await page.getByText('Add a model', { exact: true }).click();
    await reach(page, window);
  }),
  answers: { 'cloud.listModels': listModels },
});

const planned = (answers: Answers = {}): Situation => ({
  snapshot: setupSnapshots.fresh,
  answers,
  reach: presses('Continue'),
});
const logs = (answers: Answers, reach: Reach = nowhere): Situation => ({
  snapshot: snapshots.healthy,
  answers,
  reach: inView('Logs', reach),
});

/** As much of each view as can be had at once. */
export const fullSituations: Readonly<Record<string, Situation>> = {
  'Overview: failures, notices, a question': {
    snapshot: { ...snapshots.mixedFailures, notices: snapshots.notices.notices },
    async reach(page) {
      await page.locator('summary').first().click();
      await press(page, 'New Key…');
    },
  },
  'Overview: off': { snapshot: snapshots.off, reach: nowhere },
  'Overview: the stack file cannot be used': { snapshot: snapshots.invalidStack, reach: nowhere },
  'Setup: your Mac': {
    snapshot: setupSnapshots.fresh,
    reach: (page) => page.getByText('What it can run').waitFor(),
  },
  'Setup: no plan': {
    snapshot: setupSnapshots.fresh,
    answers: { 'setup.plan': cannotPlan },
    reach: (page) => page.getByRole('alert').waitFor(),
  },
  'Setup: the plan, with all of it unfolded': {
    snapshot: setupSnapshots.missingUv,
    answers: { 'setup.plan': ok(longPlan) },
    async reach(page, window) {
      await presses('Continue', 'Change Model of fast', 'Add a Model…')(page, window);
      await page.locator('summary').click();
    },
  },
  'Setup: under way, and a question': {
    snapshot: setupSnapshots.working,
    reach: presses('Cancel Setup…'),
  },
  'Setup: stopped': { snapshot: setupSnapshots.failed, reach: nowhere },
  'Setup: done': { snapshot: setupSnapshots.done, reach: nowhere },
  'Models: the stack, a new name, a question': {
    snapshot: stocked,
    reach: presses('Models', 'Rename fast', 'Remove longctx from the stack'),
  },
  'Models: on this Mac, a question, a use': models(
    'On This Mac',
    presses('Use in the Stack: Qwen3.8 27B', 'Delete Qwen3 0.6B'),
  ),
  'Models: browse, with details': models('Browse', async (page) => {
    await press(page, 'Vision');
    await page.getByRole('option', { name: 'Gemma 4 12B' }).click();
    await press(page, 'Use in the Stack: Gemma 4 12B');
  }),
  'Models: downloads': models('Downloads'),
  'Models: a token, and a question': models('Downloads', presses('Remove Token…'), {
    snapshot: withToken({ state: 'present', last4: 'nary', problem: null }),
  }),
  'Cloud: without a key': cloudWithout({}),
  'Cloud: in use, and a question': {
    snapshot: snapshots.cloud,
    reach: inView('Cloud', async (page) => {
      await page.locator('summary').first().click();
      await press(page, 'Remove Key…');
    }),
  },
  'Logs: a line in full, a question': logs(logAnswers, async (page) => {
    await page.locator('.log-row').first().dblclick();
    await page.getByRole('button', { name: /^Delete Archives/ }).click();
    await press(page, 'Match case');
  }),
  'Settings: all that can be reset, and a question': {
    snapshot: snapshots.healthy,
    answers: { 'settings.read': ok(settings) },
    reach: presses('Settings', 'Reset All…'),
  },
  'Settings: not to be read': {
    snapshot: snapshots.healthy,
    answers: { 'settings.read': cannotPlan },
    reach: inView('Settings', (page) => page.getByRole('alert').waitFor()),
  },
};

const withMac = (mac: Partial<Snapshot['mac']>, more: Partial<Snapshot> = {}): Snapshot => ({
  ...snapshots.healthy,
  mac: { ...snapshots.healthy.mac, ...mac },
  ...more,
});

function shortOf(level: 'warning' | 'critical'): Notice[] {
  const notice = pressureNoticeOf(level, snapshots.healthy.services, 1);
  return notice === null ? [] : [notice];
}

/** What the Mac itself, or the app as its guest, has to say; for the menu and the window alike. */
export const guestSnapshots = {
  'short of memory': withMac({ memoryPressure: 'warning' }, { notices: shortOf('warning') }),
  'almost no memory left, and a second watchdog': withMac(
    { memoryPressure: 'critical' },
    { notices: [...shortOf('critical'), watchdogNotice] },
  ),
  'a hidden icon': { ...snapshots.healthy, notices: [hiddenIconNotice] },
  'the pointer to the icon': { ...snapshots.healthy, notices: [pointerNotice] },
  'an update is ready': {
    ...snapshots.healthy,
    update: { ...noUpdate, state: 'ready', version: '0.2.0' },
    notices: [updateNotice('0.2.0')],
  },
  'quits when its requests are finished': { ...snapshots.healthy, notices: [quitNotice(2, 'quit')] },
  'restarts when its request is finished': { ...snapshots.healthy, notices: [quitNotice(1, 'update')] },
  'on battery, hot, kept awake, started at login': withMac({
    login: { state: 'on', problem: null },
    power: { source: 'battery', thermal: 'serious', keepAwake: 'holding' },
  }),
  'start at login waits for approval': withMac({
    login: {
      state: 'needs-approval',
      problem: problem(
        'login-needs-approval',
        'macOS asks for your approval.',
        'Allow it in System Settings.',
      ),
    },
    power: { source: 'mains', thermal: 'critical', keepAwake: 'idle' },
  }),
  'start at login is not to be had': withMac({
    login: {
      state: 'unavailable',
      problem: problem('login-not-installed', 'Only an app in Applications can start at login.', 'Move it.'),
    },
  }),
} as const satisfies Record<string, Snapshot>;

const openSettings = async (page: Page): Promise<void> => {
  await press(page, 'Settings');
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
};
const settingsWith = (more: Partial<Snapshot>, mac: Partial<Snapshot['mac']> = {}): Situation => ({
  snapshot: withMac(mac, more),
  answers: { 'settings.read': ok(settings) },
  reach: openSettings,
});
const settingsWithEngines = (engines: EnginesStatus): Situation => ({
  ...settingsWith({ engines }),
  async reach(page) {
    await openSettings(page);
    await page.getByRole('heading', { level: 2, name: 'Engines' }).scrollIntoViewIfNeeded();
  },
});
const settingsWithUpdate = (update: Partial<UpdateStatus>) =>
  settingsWith({ update: { ...noUpdate, ...update } });

const offeredModels = Array.from({ length: 34 }, (_, index) => ({
  id: `maker-${index}/a-model-with-a-rather-long-identifier-${index}`,
  name: `Maker ${index}: A Model With a Rather Long Name ${index}`,
  contextTokens: index % 3 === 0 ? null : 128_000,
  promptUsdPerMillion: index % 4 === 0 ? null : 0.1 * index,
  completionUsdPerMillion: index % 4 === 0 ? null : 0.4 * index,
}));
const offered = ok({ models: offeredModels, fetchedAt: moment, problem: null });
const offline = problem('offline', 'OpenRouter cannot be reached.', 'Look at the network, then try again.');

const pageOf = (page: Partial<typeof logPage>) => ({
  ...logAnswers,
  'log.page': ok({ ...logPage, ...page }),
});
const longLine = `GET /v1/models HTTP/1.1 ${'a-word-without-a-gap'.repeat(20)} 200`;
const manyRows = Array.from({ length: 60 }, (_, index) => ({
  ...row(
    ['debug', 'info', 'warning', 'error'][index % 4] ?? 'info',
    index === 57 ? longLine : `line ${index}`,
    index,
  ),
  log: ['fast', 'a-tier-name-of-thirty-two-chars-x', 'gateway', 'mlx-stack.app'][index % 4] ?? 'fast',
}));
const found = {
  ...pageOf({ rows: manyRows, anchorRow: manyRows.length }),
  'log.count': ok({ count: 12_345, cursor: [], isDone: true, fraction: 1 }),
  'log.find': ok({ kind: 'found', row: manyRows[55] }),
  'log.highlight': ok({ ranges: manyRows.map(() => [[0, 4]]) }),
};

/** What of the views is not full: empty, being read, refused, and each state of what they show. */
const furtherSituations: Readonly<Record<string, Situation>> = {
  ...Object.fromEntries(
    snapshotNames.map((name): [string, Situation] => [
      `Overview: ${name}`,
      { snapshot: snapshots[name], reach: nowhere },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(guestSnapshots).map(([name, snapshot]): [string, Situation] => [
      `Overview: ${name}`,
      { snapshot, reach: nowhere },
    ]),
  ),
  'Overview: a command was refused': {
    snapshot: snapshots.off,
    answers: { 'stack.start': cannotPlan },
    reach: presses('Start Everything'),
  },
  'Overview: the status cannot be read': {
    snapshot: snapshots.healthy,
    answers: { 'status.read': fail(problem('internal-error', 'Something broke.')) },
    reach: nowhere,
  },
  'Overview: last lines in full': {
    snapshot: snapshots.longNames,
    reach: (page) => page.locator('summary').first().click(),
  },
  'Setup: this Mac is being looked at': held({
    snapshot: stocked,
    reach: presses('Models', 'Set Up Again…'),
  }),
  'Setup: again': {
    snapshot: stocked,
    async reach(page, window) {
      await presses('Models', 'Set Up Again…')(page, window);
      await page.getByText('What it can run').waitFor();
    },
  },
  'Setup: the plan': planned(),
  'Setup: the plan does not fit': planned({ 'setup.plan': ok(swappedPlan) }),
  'Setup: older engines': { ...planned(), snapshot: setupSnapshots.older },
  'Setup: uv is being installed': { snapshot: setupSnapshots.installingUv, reach: nowhere },
  'Setup: the first answer': { snapshot: setupSnapshots.answering, reach: nowhere },
  'Models: no stack': models('Stack', nowhere, { snapshot: setupSnapshots.fresh }),
  'Models: on this Mac, being read': held(models('On This Mac')),
  'Models: on this Mac, none': models('On This Mac', nowhere, {
    answers: { 'models.list': ok({ ...modelList, models: [], folders: [] }) },
  }),
  'Models: on this Mac, one in several places': models('On This Mac', presses('Delete Qwen3.8 27B'), {
    answers: { 'models.list': ok(copiedList) },
  }),
  'Models: on this Mac, not to be read': models('On This Mac', nowhere, {
    answers: { 'models.list': cannotPlan },
  }),
  'Models: browse, being read': held(models('Browse')),
  'Models: browse, not to be read': models('Browse', nowhere, { answers: { 'models.browse': cannotPlan } }),
  'Models: browse, without the network': models('Browse', nowhere, {
    answers: { 'models.browse': ok(browseShipped) },
  }),
  'Models: browse, no match': models('Browse', (page) => page.getByRole('searchbox').fill('no such model')),
  'Models: browse, one that needs an account': models('Browse', chosen('Llama 3.3 70B')),
  'Models: browse, one that is too large': models('Browse', chosen('GLM 4.5 Air')),
  'Models: browse, details that cannot be had': models(
    'Browse',
    (page) => page.getByRole('option', { name: 'Gemma 4 12B' }).click(),
    { answers: { 'models.details': cannotPlan } },
  ),
  'Models: one is chosen for a tier': models('Stack', presses('Change Model of fast')),
  'Models: downloads, none': models('Downloads', nowhere, { snapshot: snapshots.healthy }),
  'Models: downloads, a question': models('Downloads', (page) =>
    page
      .getByRole('button', { name: /^Cancel Download/ })
      .first()
      .click(),
  ),
  'Models: a token that the Keychain keeps back': models('Downloads', nowhere, {
    snapshot: withToken({
      state: 'locked',
      last4: null,
      problem: problem(
        'keychain-locked',
        'The Keychain is locked.',
        'Unlock it in Keychain Access, then try again.',
      ),
    }),
  }),
  'Cloud: not available': cloudWithout({ condition: 'unavailable' }),
  'Cloud: waits for the browser': cloudWithout({ signIn: { waiting: true, problem: null } }),
  'Cloud: the sign-in was declined': cloudWithout({
    signIn: {
      waiting: false,
      problem: problem('sign-in-declined', 'OpenRouter was not allowed to make a key.', 'Try again.'),
    },
  }),
  'Cloud: the Keychain says no': cloudWithout({
    key: {
      state: 'denied',
      last4: null,
      checkedAt: null,
      problem: problem(
        'keychain-denied',
        'The Keychain did not let MLX Stack read the key.',
        'Allow it when macOS asks.',
      ),
    },
  }),
  'Cloud: off': cloudWith({ condition: 'off', enabled: false }),
  'Cloud: in use': cloudWith({}),
  'Cloud: local only': cloudWith({ condition: 'local-only', localOnly: true }),
  'Cloud: today’s cap is reached': { ...cloudWith({}), snapshot: snapshots.cloudCapped },
  'Cloud: this month’s cap is reached': cloudWith({ condition: 'cap-monthly' }),
  'Cloud: OpenRouter refuses': cloudWith({
    trouble: problem('no-credit', 'The account has no credit.', 'Add credit or raise the key’s limit.'),
  }),
  'Cloud: a cap that is none': cloudWith({}, async (page) => {
    await page.getByLabel('Daily cap').fill('much');
    await page.getByLabel('Daily cap').press('Enter');
    await page.getByRole('alert').waitFor();
  }),
  'Cloud: another key': cloudWith({}, (page) => page.getByText('Use another key', { exact: true }).click()),
  'Cloud: models to add': cloudModels(offered, (page) => page.getByText('4 more: search').waitFor()),
  'Cloud: models to add, no match': cloudModels(offered, (page) =>
    page.getByRole('searchbox').fill('no such model'),
  ),
  'Cloud: models to add, not to be read': cloudModels(fail(offline), (page) =>
    page.getByText(offline.message).waitFor(),
  ),
  'Cloud: models to add, being read': held(
    cloudModels(offered, (page) => page.getByText('Getting the list').waitFor()),
  ),
  'Logs: of all services': logs(found, (page) => page.locator('.log-row').first().waitFor()),
  'Logs: a search': logs(found, async (page) => {
    await page.getByRole('searchbox').fill('line');
    await page.locator('.log-row.is-current').waitFor();
  }),
  'Logs: wrapped': logs(found, (page) => page.getByRole('checkbox', { name: 'Wrap lines' }).check()),
  'Logs: from and to, the wrong way round': logs(found, async (page) => {
    await page.getByLabel('Time', { exact: true }).selectOption('From … to …');
    await page.getByLabel('From', { exact: true }).fill('2026-11-22T10:00');
    await page.getByLabel('To', { exact: true }).fill('2026-11-21T10:00');
    await page.getByLabel('To', { exact: true }).press('Enter');
  }),
  'Logs: none yet': logs({ ...pageOf({ rows: [], anchorRow: 0 }), 'log.list': ok({ logs: [] }) }, (page) =>
    page.getByText('No log yet').waitFor(),
  ),
  'Logs: no line matches': logs(pageOf({ rows: [], anchorRow: 0 }), async (page) => {
    await page.getByLabel('Level', { exact: true }).selectOption('Errors only');
    await page.getByText('No line matches').waitFor();
  }),
  'Logs: not to be read': logs({ ...logAnswers, 'log.page': cannotPlan }, async (page) => {
    await page.getByRole('alert').waitFor();
    // Whether there is any is not known.
    await page.getByText('No log yet').waitFor({ state: 'detached' });
  }),
  'Logs: being read': held(logs(logAnswers)),
  'Settings: as they come': settingsWith({}),
  'Settings: a field that is refused': {
    ...settingsWith({}),
    answers: {
      'settings.read': ok(settings),
      'settings.set': fail(problem('setting-invalid', 'Enter a whole number from 1 to 100.')),
    },
    async reach(page) {
      await openSettings(page);
      const budget = page.getByRole('textbox', { name: 'Memory for models', exact: true });
      await budget.fill('101');
      await budget.press('Enter');
      await page.getByText('Enter a whole number').waitFor();
    },
  },
  'Settings: no engines': settingsWithEngines(freshEngines),
  'Settings: older engines': settingsWithEngines(olderEngines),
  'Settings: no uv, and an engine that is refused': settingsWithEngines(withoutUv),
  'Settings: uv is being installed': settingsWithEngines(installingUv),
  'Settings: start at login waits for approval': settingsWith(
    {},
    guestSnapshots['start at login waits for approval'].mac,
  ),
  'Settings: start at login is not to be had': settingsWith(
    {},
    guestSnapshots['start at login is not to be had'].mac,
  ),
  'Settings: an update is looked for': settingsWithUpdate({ state: 'checking' }),
  'Settings: an update is downloaded': settingsWithUpdate({
    state: 'downloading',
    version: '0.2.0',
    fraction: 0.4,
  }),
  'Settings: an update is verified': settingsWithUpdate({ state: 'verifying', version: '0.2.0' }),
  'Settings: an update is ready': settingsWithUpdate({ state: 'ready', version: '0.2.0' }),
  'Settings: an update failed': settingsWithUpdate({
    state: 'failed',
    problem: problem('update-offline', 'GitHub cannot be reached.', 'It is tried again tomorrow.'),
  }),
  'Settings: no updates here': settingsWithUpdate({
    state: 'unavailable',
    problem: problem('update-not-installed', 'This copy cannot be updated.', 'Move it to Applications.'),
  }),
};

export const everySituation: Readonly<Record<string, Situation>> = {
  ...furtherSituations,
  ...fullSituations,
};
