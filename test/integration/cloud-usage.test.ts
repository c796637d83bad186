/** usage.jsonl on a real disk: what a launch leaves for the next, and what damage does. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUsage, type Usage, usageReadMaxBytes } from '../../src-main/cloud/usage.ts';
import { appendLines } from '../../src-main/cloud/usage-file.ts';
import type { UsageRecord } from '../../src-main/cloud/usage-record.ts';
import type { Problem } from '../../src-main/contract/result.ts';
import { createHomeFiles } from '../../src-main/files/home-files.ts';

let home = '';
let file = '';
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'usage-'));
  file = path.join(home, 'usage.jsonl');
});
afterEach(() => rm(home, { recursive: true, force: true }));

const noon = new Date('2026-11-22T12:00:00').getTime();
const dayMs = 24 * 60 * 60_000;

const record = (more: Partial<UsageRecord> = {}): UsageRecord => ({
  kind: 'request',
  at: noon,
  model: 'a/b',
  answeredBy: 'a/b-5',
  outcome: 'answered',
  status: 200,
  promptTokens: 10,
  completionTokens: 20,
  costUsd: 0.25,
  estimated: false,
  firstByteMs: 100.5,
  totalMs: 200.25,
  ...more,
});

function launch(fileMaxBytes?: number): { usage: Usage; problems: Problem[] } {
  const problems: Problem[] = [];
  const usage = createUsage({
    files: createHomeFiles({ home }),
    file,
    onProblem: (problem) => problems.push(problem),
    now: () => noon,
    ...(fileMaxBytes === undefined ? {} : { fileMaxBytes }),
  });
  return { usage, problems };
}

describe('usage.jsonl', () => {
  it('carries the figures over to the next launch, in a file that only its owner reads', async () => {
    const { usage } = launch();
    expect(await usage.load()).toEqual([]);
    usage.record(record());
    usage.record(record({ model: 'c/d', costUsd: 1 }));
    expect(usage.spent()).toEqual({ todayUsd: 1.25, monthUsd: 1.25 });
    await usage.flush();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const next = launch().usage;
    expect(await next.load()).toEqual([]);
    expect(next.summary()).toEqual(usage.summary());
  });

  it('is written by itself soon, and by a flush at once, with what came in the meantime', async () => {
    const lines = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').length - 1;
    const { usage } = launch();
    await usage.load();
    usage.record(record());
    usage.record(record());
    await expect.poll(lines).toBe(2);
    usage.record(record());
    const flushed = usage.flush();
    usage.record(record());
    await flushed;
    expect(await lines()).toBe(4);
    expect(usage.spent()).toEqual({ todayUsd: 1, monthUsd: 1 });
  });

  it('adds to what was spent as it sums it up: days and months apart', async () => {
    const { usage } = launch();
    await usage.load();
    const figures = () => {
      const { today, month } = usage.summary();
      return { todayUsd: today.costUsd, monthUsd: month.costUsd };
    };
    for (const at of [noon, noon - dayMs, noon - 40 * dayMs, noon]) {
      usage.record(record({ at }));
      expect(usage.spent()).toEqual(figures());
    }
    expect(usage.spent()).toEqual({ todayUsd: 0.5, monthUsd: 0.75 });
    await usage.flush();
  });

  it('loses one line at most to a crash, wherever it cut, and none that follow', async () => {
    const { usage } = launch();
    await usage.load();
    for (let index = 0; index < 3; index += 1) usage.record(record());
    await usage.flush();
    const whole = await readFile(file);
    const lineBytes = whole.length / 3;
    for (let cut = 1; cut <= lineBytes; cut += 1) {
      await writeFile(file, whole);
      await truncate(file, whole.length - cut);
      const next = launch().usage;
      const problems = await next.load();
      /** Only the line's end is missing, or all of the line: nothing is unreadable. */
      const harmless = cut === 1 || cut === lineBytes;
      expect(problems.map(({ code }) => code)).toEqual(harmless ? [] : ['usage-lines-skipped']);
      expect(next.summary().today.requests).toBe(cut === 1 ? 3 : 2);
    }
    await writeFile(file, whole.subarray(0, whole.length - 40));
    const next = launch().usage;
    await next.load();
    next.record(record({ costUsd: 5 }));
    await next.flush();
    const last = launch().usage;
    expect(await last.load()).toHaveLength(1);
    expect(last.spent().todayUsd).toBe(5.5);
  });

  it('keeps what a killed process had written', async () => {
    const script = path.join(home, 'writer.ts');
    const module = path.resolve('src-main/cloud/usage-file.ts');
    await writeFile(
      script,
      `import { appendLines } from ${JSON.stringify(module)};
       for (let n = 0; ; n += 1) {
         await appendLines(${JSON.stringify(file)}, [process.argv[2]]);
         process.send(n);
       }`,
    );
    const child = fork(script, [JSON.stringify(record())], { execArgv: ['--no-warnings'] });
    let acknowledged = -1;
    child.on('message', (n) => {
      acknowledged = Number(n);
      if (acknowledged >= 20) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    const { usage } = launch();
    await usage.load();
    expect(usage.summary().today.requests).toBeGreaterThan(acknowledged);
  });

  it('stays bounded over thousands of requests and keeps every figure', async () => {
    const maxBytes = 8_000;
    const { usage, problems } = launch(maxBytes);
    await usage.load();
    for (let index = 0; index < 500; index += 1) {
      usage.record(record({ at: noon - (index % 20) * dayMs, model: `m/${index % 3}` }));
      if (index % 25 === 0) await usage.flush();
    }
    await usage.flush();
    expect(problems).toEqual([]);
    /** 60 sums and what came since. */
    expect((await stat(file)).size).toBeLessThan(30_000);
    const next = launch(maxBytes).usage;
    expect(await next.load()).toEqual([]);
    expect(next.summary()).toEqual(usage.summary());
    expect(next.summary().days.reduce((sum, day) => sum + day.requests, 0)).toBe(500);
  });

  it('forgets what is older than it keeps', async () => {
    const { usage } = launch();
    await usage.load();
    usage.record(record({ at: noon - 200 * dayMs }));
    usage.record(record());
    await usage.flush();
    const next = launch(1).usage;
    await next.load();
    expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(await readFile(file, 'utf8')).toContain('2026-11-22');
  });

  it.each([
    ['binary', Buffer.from([0xff, 0xfe, 0, 1, 2])],
    ['far too large', Buffer.alloc(usageReadMaxBytes + 1, 0x20)],
  ])('sets aside what is %s, and goes on', async (_name, content) => {
    await writeFile(file, content);
    const { usage } = launch();
    expect(await usage.load()).not.toEqual([]);
    expect((await stat(`${file}.bad`)).size).toBe(content.length);
    usage.record(record());
    await usage.flush();
    expect((await launchAndLoad()).spent().todayUsd).toBe(0.25);
  });

  const launchAndLoad = async () => {
    const { usage } = launch();
    await usage.load();
    return usage;
  };

  it('skips bad lines with one notice and counts the good ones', async () => {
    await writeFile(file, `${JSON.stringify(record())}\n{{{\n\n[]\n${JSON.stringify(record())}\n`);
    const { usage } = launch();
    const problems = await usage.load();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('2 lines');
    expect(usage.spent().todayUsd).toBe(0.5);
  });

  it('writes through no link, says so once, and still counts for the cap', async () => {
    const elsewhere = path.join(home, 'elsewhere');
    await writeFile(elsewhere, 'mine');
    await symlink(elsewhere, file);
    const { usage, problems } = launch();
    await usage.load();
    usage.record(record());
    await usage.flush();
    usage.record(record());
    await usage.flush();
    expect(problems).toHaveLength(1);
    expect(usage.spent().todayUsd).toBe(0.5);
    expect(await readFile(elsewhere, 'utf8')).toBe('mine');
  });

  it('makes up for what could not be written once it can', async () => {
    const { usage, problems } = launch();
    await usage.load();
    await symlink(path.join(home, 'nowhere'), file);
    usage.record(record());
    await usage.flush();
    expect(problems).toHaveLength(1);
    await rm(file);
    usage.record(record());
    await usage.flush();
    expect((await launchAndLoad()).summary().today.requests).toBe(2);
  });

  it('appends after a torn line without joining it', async () => {
    await appendFile(file, '{"torn');
    expect((await appendLines(file, ['{}'])).ok).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('{"torn\n{}\n');
  });

  it('counts what is recorded while the file is being read once', async () => {
    await writeFile(file, `${JSON.stringify(record())}\n`);
    const { usage } = launch();
    const loading = usage.load();
    usage.record(record());
    await loading;
    await usage.flush();
    expect(usage.summary().today.requests).toBe(2);
    expect((await launchAndLoad()).summary().today.requests).toBe(2);
  });
});
