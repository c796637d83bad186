/** What a person does to the logs of the running app: what the app says, and that nothing good is lost. */
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createHome, launch, type RunningApp, snapshotOf, until } from './support/app.ts';

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
  rmSync(log);
  symlinkSync(victim, log);
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
