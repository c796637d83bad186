/** What a person does to the logs of the running app: what the app says, and that nothing good is lost. */
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import {
  createHome,
  launch,
  type RunningApp,
  snapshotOf,
  type TestHome,
  until,
  write,
} from './support/app.ts';

/** A window, for commands to come from. */
async function start() {
  const home = await createHome({ tiers: ['fast'] });
  const running = await launch(home, { hidden: false });
  await running.untilReady();
  return { running, log: path.join(home.home, 'logs', 'fast.log'), home: home.home };
}

const notices = async (running: RunningApp) => (await snapshotOf(running)).notices;
const untilNotice = (running: RunningApp, sentence: RegExp) =>
  until(
    `a notice like ${sentence}`,
    () => notices(running),
    (all) => all.some(({ title }) => sentence.test(title)),
  );
const linesOf = (log: string) => (existsSync(log) ? readFileSync(log, 'utf8') : '');

it('a link in place of a log is said and never followed; when it is gone the log goes on with what was printed meanwhile', async () => {
  const { running, log, home } = await start();
  const victim = path.join(home, 'victim');
  writeFileSync(victim, 'precious');
  // In one step: between two of them the app may begin a new log.
  symlinkSync(victim, `${log}.next`);
  renameSync(`${log}.next`, log);
  await running.click('fast', 'Restart');
  const said = await untilNotice(running, /fast\.log, or its folder, is a link/);
  expect(said.find(({ title }) => title.includes('fast.log'))).toMatchObject({
    severity: 'warning',
    message: 'Remove it; the log goes on by itself.',
  });
  await running.untilReady();
  expect(readFileSync(victim, 'utf8')).toBe('precious');

  rmSync(log);
  await until(
    'the log',
    async () => linesOf(log),
    (text) => /Uvicorn running on/.test(text),
  );
  await until(
    'no notice',
    () => notices(running),
    (all) => !all.some(({ title }) => title.includes('fast.log')),
  );
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});

it('a log that is deleted is begun anew, and said so, until the notice is put away', async () => {
  const { running, log } = await start();
  rmSync(log);
  await running.click('fast', 'Restart');
  await untilNotice(running, /fast\.log was removed or replaced while in use; a new one was begun\.$/);
  await until(
    'the log',
    async () => linesOf(log),
    (text) => /Uvicorn running on/.test(text),
  );
});

/** A home whose engine does this first when it is to serve. */
async function homeWhereServing(does: string): Promise<TestHome> {
  const home = await createHome({ tiers: ['fast'] });
  const bin = path.join(home.home, 'run', 'bin');
  const [real, strange] = [path.join(bin, 'vllm-mlx'), path.join(bin, 'strange-vllm-mlx')];
  const script = `#!/bin/sh\ncase "$1" in serve) ${does};; esac\nexec '${real}' "$@"\n`;
  writeFileSync(strange, script, { mode: 0o755 });
  const config = readFileSync(path.join(home.home, 'config.yaml'), 'utf8');
  write(home.home, 'config.yaml', config.replace(`vllm-mlx-path: ${real}`, `vllm-mlx-path: ${strange}`));
  return home;
}

it('an end that nobody knows shows its last 20 lines, oldest first', async () => {
  const home = await homeWhereServing('seq -f "step %.0f" 1 30; exit 3');
  const running = await launch(home, { hidden: false });
  await running.untilTray('its services', ({ text }) => text.includes('fast'));
  const failure = async () =>
    (await snapshotOf(running)).services.find(({ id }) => id === 'fast')?.lastFailure ?? null;
  const found = await until('a failure', failure, (present) => present !== null);
  expect(found?.lastLines).toEqual(Array.from({ length: 20 }, (_, i) => `step ${i + 11}`));
  expect(found?.exit).toEqual({ code: 3, signal: null });
  expect(found?.decisiveLine).toBeUndefined();
  expect(found?.remedies.length).toBeGreaterThan(0);
});

it('the sizes and numbers of the settings hold for each log, and at once when they change', async () => {
  const home = await homeWhereServing('seq -f "line %.0f" 1 150000');
  const file = path.join(home.home, 'config.yaml');
  const config = readFileSync(file, 'utf8');
  writeFileSync(file, `${config}log-max-size-mb: 1\nlog-max-files: 3\n`);
  await launch(home);
  const folder = path.join(home.home, 'logs');
  const names = () =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('fast.log')) : [];
  const sizes = () =>
    names().map((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  await until(
    'the end of the flood',
    async () => linesOf(path.join(folder, 'fast.log')),
    (text) => /Uvicorn running on/.test(text),
  );
  await until(
    'packed archives',
    async () => names(),
    (all) => all.length === 4 && all.every((name) => name === 'fast.log' || name.endsWith('.gz')),
  );
  expect(sizes()).toHaveLength(4);
  expect(Math.max(...sizes())).toBeLessThanOrEqual(1024 ** 2);
  write(home.home, 'config.yaml', `${config}log-max-size-mb: 1\nlog-max-files: 1\n`);
  await until(
    'one archive',
    async () => sizes(),
    (all) => all.length === 2,
  );
});
