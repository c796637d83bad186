/** The files of the logs on a real disk: caps to the byte, rotation, and everything a disk or a person can do to them. */
import { execFileSync } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAppLog } from '../../src-main/logs/app-log.ts';
import { createArchives } from '../../src-main/logs/archives.ts';
import { type LogFs, nodeLogFs } from '../../src-main/logs/fs.ts';
import { type AllLogs, createLogs, defaultLogLimits, type LogsOptions } from '../../src-main/logs/logs.ts';
import { createPacker } from '../../src-main/logs/packer.ts';
import { createRedactor } from '../../src-main/logs/redact.ts';
import type { LogEvent, LogLimits } from '../../src-main/logs/types.ts';
import { asPlainUser, giveToPlainUser } from './support/plain-user.ts';
import { remount, smallDisk, whyNoSmallDisk } from './support/small-disk.ts';

const limits: LogLimits = {
  fileMaxBytes: 4096,
  archivesMax: 3,
  totalMaxBytes: 1_000_000,
  foldRepeats: false,
};

let dir = '';
let events: LogEvent[] = [];
const opened: AllLogs[] = [];
let wallMs = 0;

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-logs-'));
  events = [];
  wallMs = Date.parse('2026-01-02T03:04:05.000Z');
});
afterEach(async () => {
  for (const logs of opened.splice(0)) await logs.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

function openLogs(options: Partial<LogsOptions> = {}): AllLogs {
  const logs = createLogs({
    dir: path.join(dir, 'logs'),
    limits,
    redactor: createRedactor(),
    clock: { now: () => wallMs },
    onProblem: (event) => events.push(event),
    packQuietMs: 0,
    ...options,
  });
  opened.push(logs);
  return logs;
}

/** More than libuv starts unless told otherwise. */
const threadPoolMax = 8;
const keepThreadBusy = promisify((done: (error: Error | null) => void) =>
  pbkdf2('a', 'b', 200_000, 32, 'sha512', done),
);

const at = (...names: string[]): string => path.join(dir, 'logs', ...names);
const read = (name: string): string => {
  const bytes = fs.readFileSync(at(name));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};
const names = (): string[] => fs.readdirSync(at()).sort();
const sizes = (): number => names().reduce((sum, name) => sum + fs.statSync(at(name)).size, 0);
/** Archives oldest to newest, then the current file. */
const everything = (service: string): string =>
  names()
    .filter((name) => name.startsWith(`${service}.log`))
    .sort((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0))
    .map(read)
    .join('');
const bodies = (text: string): string[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.slice('2026-01-02T03:04:05.000Z app '.length));

describe('files and rotation', () => {
  it('are private, also the folder, and made on the first line only', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    expect(fs.existsSync(at())).toBe(false);
    log.note('Started, pid 4711');
    await log.flush();
    expect(read('fast.log')).toBe('2026-01-02T03:04:05.000Z app Started, pid 4711\n');
    expect(fs.statSync(at('fast.log')).mode & 0o777).toBe(0o600);
    expect(fs.statSync(at()).mode & 0o777).toBe(0o700);
  });

  it('keep every cap to the byte, archives newest first, and lose no line while there is room', async () => {
    const logs = openLogs({ limits: { ...limits, archivesMax: 1000 } });
    const log = logs.service('fast');
    const sent: string[] = [];
    for (let i = 0; i < 400; i += 1) {
      sent.push(`line ${i} ${'x'.repeat((i * 37) % 300)}`);
      log.note(sent.at(-1) ?? '');
      if (i % 7 === 0) await log.flush();
      // A file may be packed, and so renamed, between the listing and the look.
      for (const name of names())
        if (!name.endsWith('.partial'))
          expect(fs.statSync(at(name), { throwIfNoEntry: false })?.size ?? 0).toBeLessThanOrEqual(4096);
    }
    await log.flush();
    await logs.packed();
    expect(bodies(everything('fast'))).toEqual(sent);
    expect(names().filter((name) => name.endsWith('.gz')).length).toBeGreaterThan(10);
    expect(names()).not.toContain('fast.log.1');
    for (const name of names()) expect(fs.statSync(at(name)).mode & 0o777).toBe(0o600);
    expect(sizes()).toBe(logs.totalBytes());
    // Full to the last line that fits: the first of the next file would not have.
    const files = names()
      .filter((name) => name.endsWith('.gz'))
      .map(read);
    expect(files.every((text) => text.length > 4096 - 340 && text.endsWith('\n'))).toBe(true);
  });

  it('fill a file to its last byte when the lines allow it', async () => {
    const log = openLogs().service('fast');
    const line = 'y'.repeat(128 - 30);
    for (let i = 0; i < 33; i += 1) log.note(line);
    await log.flush();
    expect(fs.statSync(at('fast.log')).size).toBe(128);
    expect(names().some((name) => name.startsWith('fast.log.1'))).toBe(true);
  });

  it('keep no more archives than allowed, the newest', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    for (let i = 0; i < 300; i += 1) log.note(`line ${i} ${'x'.repeat(100)}`);
    await log.flush();
    await logs.packed();
    expect(names()).toEqual(['fast.log', 'fast.log.1.gz', 'fast.log.2.gz', 'fast.log.3.gz']);
    const kept = bodies(everything('fast')).map((line) => Number(line.split(' ')[1]));
    expect(kept.at(-1)).toBe(299);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 300 - kept.length + i));
  });

  it('put one line larger than a file into files of their own, and no file over its cap', async () => {
    const log = openLogs({ limits: { ...limits, fileMaxBytes: 1000, archivesMax: 50 } }).service('fast');
    log.note('z'.repeat(3500));
    log.note('after');
    await log.flush();
    expect(names().every((name) => fs.statSync(at(name)).size <= 1000)).toBe(true);
    expect(everything('fast').replaceAll(/[^z]/g, '')).toHaveLength(3500);
  });

  it('obey changed limits at once', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    for (let i = 0; i < 200; i += 1) log.note(`line ${i} ${'x'.repeat(100)}`);
    await log.flush();
    await logs.packed();
    expect(names()).toHaveLength(4);
    logs.setLimits({ ...limits, archivesMax: 1, fileMaxBytes: 300 });
    expect(names()).toEqual(['fast.log', 'fast.log.1.gz']);
    for (let i = 0; i < 5; i += 1) log.note('x'.repeat(100));
    await log.flush();
    expect(fs.statSync(at('fast.log')).size).toBeLessThanOrEqual(300);
  });

  it('remove the oldest archive of all services first when the total is reached, to the byte', async () => {
    const logs = openLogs({
      limits: { ...limits, archivesMax: 100, totalMaxBytes: 20_000 },
      packQuietMs: 3_600_000,
    });
    for (let i = 0; i < 600; i += 1) {
      wallMs += 1000;
      // The first service fell silent early: its archives are the oldest.
      const log = logs.service(i < 100 ? 'early' : i % 2 === 0 ? 'fast' : 'standard');
      log.note(`line ${i} ${'x'.repeat(100)}`);
      await log.flush();
      expect(sizes()).toBeLessThanOrEqual(20_000);
      expect(logs.totalBytes()).toBe(sizes());
    }
    expect(sizes()).toBeGreaterThan(15_000);
    expect(names().filter((name) => name.startsWith('early'))).toEqual(['early.log']);
    expect(bodies(everything('fast')).at(-1)).toMatch(/^line 598 /);
  });

  it('take away the largest current file when nothing else is left, and go on', async () => {
    const logs = openLogs({ limits: { ...limits, fileMaxBytes: 4000, totalMaxBytes: 5000 } });
    for (let i = 0; i < 100; i += 1) {
      const log = logs.service(['a', 'b', 'c'][i % 3] ?? 'a');
      log.note(`line ${i} ${'x'.repeat(100)}`);
      await log.flush();
      expect(sizes()).toBeLessThanOrEqual(5000);
    }
    expect(events).toEqual([]);
    expect(read('a.log')).toContain('line 99 ');
  });

  it('continue what an earlier run, or the CLI, left: archives, unpacked ones, half a line, a wide mode', async () => {
    fs.mkdirSync(at());
    fs.writeFileSync(at('fast.log'), 'old line\nkilled in the mid', { mode: 0o644 });
    fs.writeFileSync(at('fast.log.1'), 'rotated, not packed\n');
    fs.writeFileSync(at('fast.log.2.gz'), 'packed by the CLI');
    fs.writeFileSync(at('fast.log.gz.partial'), 'killed while packing');
    const logs = openLogs();
    const log = logs.service('fast');
    log.note('new');
    await log.flush();
    await logs.packed();
    expect(read('fast.log')).toBe('old line\nkilled in the mid\n2026-01-02T03:04:05.000Z app new\n');
    expect(fs.statSync(at('fast.log')).mode & 0o777).toBe(0o600);
    expect(names()).toEqual(['fast.log', 'fast.log.1.gz', 'fast.log.2.gz']);
    expect(read('fast.log.1.gz')).toBe('rotated, not packed\n');
    expect(fs.readFileSync(at('fast.log.2.gz'), 'utf8')).toBe('packed by the CLI');
  });

  it('kill -9 between packing and removing the source leaves one copy', async () => {
    fs.mkdirSync(at());
    fs.writeFileSync(at('fast.log.1'), 'same\n');
    fs.writeFileSync(at('fast.log.1.gz'), 'packed');
    const logs = openLogs();
    expect(names()).toEqual(['fast.log.1.gz']);
    expect(logs.totalBytes()).toBe(6);
  });

  it('a gap between archives is closed, not dragged along', async () => {
    fs.mkdirSync(at());
    for (const slot of [1, 3]) fs.writeFileSync(at(`fast.log.${slot}.gz`), `packed ${slot}`);
    fs.writeFileSync(at('fast.log'), `${'x'.repeat(4000)}\n`);
    const logs = openLogs();
    logs.service('fast').note('y'.repeat(200));
    await logs.flush();
    await logs.packed();
    expect(names()).toEqual(['fast.log', 'fast.log.1.gz', 'fast.log.2.gz', 'fast.log.3.gz']);
    expect(fs.readFileSync(at('fast.log.2.gz'), 'utf8')).toBe('packed 1');
    expect(fs.readFileSync(at('fast.log.3.gz'), 'utf8')).toBe('packed 3');
  });

  it('a flood is not packed until it is quiet, and the caps hold meanwhile', async () => {
    const logs = openLogs({ packQuietMs: 3_600_000 });
    const log = logs.service('fast');
    for (let i = 0; i < 500; i += 1) log.note(`line ${i} ${'x'.repeat(100)}`);
    await log.flush();
    expect(names()).toEqual(['fast.log', 'fast.log.1', 'fast.log.2', 'fast.log.3']);
    await logs.packed();
    expect(names()).toEqual(['fast.log', 'fast.log.1.gz', 'fast.log.2.gz', 'fast.log.3.gz']);
    expect(logs.totalBytes()).toBe(sizes());
  });

  it('rotation while an archive is being packed loses nothing', async () => {
    const logs = openLogs({
      limits: { ...limits, fileMaxBytes: 200_000, archivesMax: 50, totalMaxBytes: 50_000_000 },
    });
    const log = logs.service('fast');
    const sent: string[] = [];
    for (let i = 0; i < 20_000; i += 1) {
      sent.push(`line ${i} ${'x'.repeat(i % 100)}`);
      log.note(sent.at(-1) ?? '');
      if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await log.flush();
    await logs.packed();
    expect(names().filter((name) => name.endsWith('.gz')).length).toBeGreaterThan(5);
    expect(bodies(everything('fast'))).toEqual(sent);
    expect(logs.totalBytes()).toBe(sizes());
  });
});

describe('an archive that is renamed while its packing begins', () => {
  it('is the one that is packed, however late the other threads come', async () => {
    fs.mkdirSync(at());
    fs.writeFileSync(at('fast.log.2'), 'old\n');
    fs.writeFileSync(at('fast.log.1'), 'middle\n');
    fs.writeFileSync(at('fast.log'), 'new\n');
    const archives = createArchives({ dir: at(), limits, fs: nodeLogFs, now: () => wallMs });
    const packer = createPacker({ archives, quietMs: 0 });
    const busy = Array.from({ length: threadPoolMax }, () => keepThreadBusy());
    const packed = packer.idle();
    archives.rotate(archives.entry('fast'));
    await Promise.all(busy);
    await packed;
    packer.wake();
    await packer.idle();
    await packer.close();
    expect(names()).toEqual(['fast.log.1.gz', 'fast.log.2.gz', 'fast.log.3.gz']);
    expect(names().map(read)).toEqual(['new\n', 'middle\n', 'old\n']);
  });
});

describe('what happens to the files while the app runs', () => {
  it('a deleted log is begun anew, and said so', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    log.note('one');
    await log.flush();
    wallMs += 1000;
    log.note('one more');
    await log.flush();
    fs.rmSync(at('fast.log'));
    wallMs += 1000;
    log.note('two');
    await log.flush();
    expect(bodies(read('fast.log'))).toEqual(['one more', 'two']);
    expect(events.map((event) => [event.state, event.problem.code])).toEqual([['recovered', 'log-removed']]);
    expect(logs.totalBytes()).toBe(sizes());
  });

  it('what was printed until it was seen that the log is gone is in the new one', async () => {
    const log = openLogs().service('fast');
    const print = async (line: string) => {
      log.note(line);
      await log.flush();
    };
    await print('long ago');
    wallMs += 1000;
    await print('just before');
    fs.rmSync(at('fast.log'));
    fs.symlinkSync(at('elsewhere'), at('fast.log'));
    await print('after');
    wallMs += 1000;
    await print('seen');
    expect(events.map(({ problem }) => problem.code)).toEqual(['log-not-a-file']);
    fs.rmSync(at('fast.log'));
    wallMs += 1000;
    await print('again');
    expect(bodies(read('fast.log'))).toEqual(['just before', 'after', 'seen', 'again']);
    expect(names()).toEqual(['fast.log']);
  });

  it('a log that was given another name keeps its lines there', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    log.note('one');
    await log.flush();
    fs.renameSync(at('fast.log'), at('mine.log'));
    wallMs += 1000;
    log.note('two');
    await log.flush();
    expect([bodies(read('mine.log')), bodies(read('fast.log'))]).toEqual([['one'], ['two']]);
  });

  it('of very much the newest is carried over, cut at a line', async () => {
    const log = openLogs({
      limits: { ...limits, fileMaxBytes: 5_000_000, totalMaxBytes: 10_000_000 },
    }).service('fast');
    log.note('first');
    await log.flush();
    for (let line = 0; line < 2_000; line += 1) log.note(`line ${line} ${'x'.repeat(200)}`);
    await log.flush();
    fs.rmSync(at('fast.log'));
    wallMs += 1000;
    log.note('last');
    await log.flush();
    const [first = '', ...rest] = bodies(read('fast.log'));
    expect(first).toMatch(/^line \d+ x{200}$/);
    expect(rest.at(-2)).toMatch(/^line 1999 x/);
    expect(rest.at(-1)).toBe('last');
    expect(rest.length).toBeGreaterThan(900);
    expect(rest.length).toBeLessThan(1_500);
  });

  it('the deleted folder is made again', async () => {
    const log = openLogs().service('fast');
    log.note('one');
    await log.flush();
    fs.rmSync(at(), { recursive: true });
    wallMs += 1000;
    log.note('two');
    await log.flush();
    expect(bodies(read('fast.log'))).toEqual(['one', 'two']);
  });

  it('a symbolic link in its place is never followed; lines are kept until it is gone', async () => {
    const victim = path.join(dir, 'victim');
    fs.writeFileSync(victim, 'precious');
    const log = openLogs().service('fast');
    log.note('one');
    await log.flush();
    fs.rmSync(at('fast.log'));
    fs.symlinkSync(victim, at('fast.log'));
    wallMs += 1000;
    log.note('two');
    await log.flush();
    log.note('three');
    await log.flush();
    expect(fs.readFileSync(victim, 'utf8')).toBe('precious');
    expect(events.map((event) => [event.state, event.problem.code])).toEqual([['failing', 'log-not-a-file']]);
    fs.rmSync(at('fast.log'));
    await log.flush();
    expect(bodies(read('fast.log'))).toEqual(['one', 'two', 'three']);
    expect(events.map((event) => event.state)).toEqual(['failing', 'recovered']);
    expect(fs.readFileSync(victim, 'utf8')).toBe('precious');
  });

  it('a link instead of the file right when it rotates is not followed either', async () => {
    const victim = path.join(dir, 'victim');
    fs.writeFileSync(victim, 'precious');
    const log = openLogs().service('fast');
    for (let i = 0; i < 30; i += 1) log.note('x'.repeat(100));
    await log.flush();
    fs.rmSync(at('fast.log'));
    fs.symlinkSync(victim, at('fast.log'));
    // Not a second later: the periodic check has not run.
    for (let i = 0; i < 30; i += 1) log.note('y'.repeat(100));
    await log.flush();
    expect(fs.readFileSync(victim, 'utf8')).toBe('precious');
    expect(events.at(-1)?.problem.code).toBe('log-not-a-file');
  });

  it.each([
    ['a link to a file', (file: string, victim: string) => fs.symlinkSync(victim, file)],
    ['a second name of a file', (file: string, victim: string) => fs.linkSync(victim, file)],
    ['a folder', (file: string) => fs.mkdirSync(file)],
    ['a FIFO', (file: string) => void execFileSync('mkfifo', [file])],
  ])('%s that was there before is refused', async (_name, put) => {
    const victim = path.join(dir, 'victim');
    fs.writeFileSync(victim, 'precious');
    fs.mkdirSync(at());
    put(at('fast.log'), victim);
    const log = openLogs().service('fast');
    log.note('one');
    await log.flush();
    expect(fs.readFileSync(victim, 'utf8')).toBe('precious');
    expect(events).toHaveLength(1);
    expect(events[0]?.state).toBe('failing');
  });

  it('a link in place of the folder is refused', async () => {
    const elsewhere = path.join(dir, 'elsewhere');
    fs.mkdirSync(elsewhere);
    fs.symlinkSync(elsewhere, at());
    const log = openLogs().service('fast');
    log.note('one');
    await log.flush();
    expect(fs.readdirSync(elsewhere)).toEqual([]);
    expect(events[0]?.problem.code).toBe('log-not-a-file');
  });

  it('a log that somebody emptied counts as empty', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    for (let i = 0; i < 20; i += 1) log.note('x'.repeat(100));
    await log.flush();
    fs.truncateSync(at('fast.log'), 0);
    wallMs += 1000;
    log.note('after');
    await log.flush();
    expect(bodies(read('fast.log'))).toEqual(['after']);
    expect(logs.totalBytes()).toBe(sizes());
  });

  it('an archive that somebody deleted is no obstacle', async () => {
    const logs = openLogs();
    const log = logs.service('fast');
    for (let i = 0; i < 150; i += 1) log.note('x'.repeat(100));
    await log.flush();
    await logs.packed();
    fs.rmSync(at('fast.log.2.gz'));
    for (let i = 0; i < 150; i += 1) log.note('y'.repeat(100));
    await log.flush();
    await logs.packed();
    expect(events).toEqual([]);
    expect(names()).toContain('fast.log.1.gz');
  });
});

describe('a disk that refuses', () => {
  /** The real file system with errors on demand. */
  function playedFs(): LogFs & { refuse: string | null; partial: number } {
    const played = {
      ...nodeLogFs,
      refuse: null as string | null,
      partial: 0,
      write(fd: number, buffer: Buffer, offset: number, length: number, done: Parameters<LogFs['write']>[4]) {
        if (played.refuse === null) {
          nodeLogFs.write(fd, buffer, offset, length, done);
          return;
        }
        // As a disk that fills up in the middle of a write: some bytes, then the error.
        if (played.partial > 0) {
          const bytes = Math.min(played.partial, length);
          played.partial = 0;
          nodeLogFs.write(fd, buffer, offset, bytes, done);
          return;
        }
        done(Object.assign(new Error('played'), { code: played.refuse }), 0);
      },
    };
    return played;
  }

  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EIO', 'log-write-failed'],
    ['EROFS', 'log-not-writable'],
  ])(
    '%s is said once, the newest lines wait in memory, and are written when it ends',
    async (code, problemCode) => {
      const played = playedFs();
      const log = openLogs({ fs: played }).service('fast');
      log.note('before');
      await log.flush();
      played.refuse = code;
      played.partial = 10;
      for (let i = 0; i < 5; i += 1) {
        log.note(`during ${i}`);
        await log.flush();
      }
      expect(events.map((event) => [event.log, event.state, event.problem.code])).toEqual([
        ['fast', 'failing', problemCode],
      ]);
      // No half line: what was written before the error was taken back.
      expect(bodies(read('fast.log'))).toEqual(['before']);
      played.refuse = null;
      await log.flush();
      expect(bodies(read('fast.log'))).toEqual([
        'before',
        'during 0',
        'during 1',
        'during 2',
        'during 3',
        'during 4',
      ]);
      expect(events.map((event) => event.state)).toEqual(['failing', 'recovered']);
    },
  );

  it('holds a bounded number of lines and says how many were lost', async () => {
    const played = playedFs();
    const log = openLogs({ fs: played, limits: { ...defaultLogLimits, foldRepeats: false } }).service('fast');
    log.note('before');
    await log.flush();
    played.refuse = 'ENOSPC';
    const sent = 40_000;
    for (let i = 0; i < sent; i += 1) log.note(`line ${i} ${'x'.repeat(100)}`);
    await log.flush();
    played.refuse = null;
    await log.flush();
    const lines = bodies(read('fast.log'));
    expect(lines[0]).toBe('before');
    const lost = Number(/^(\d+) lines before this could not be written$/.exec(lines[1] ?? '')?.[1]);
    expect(lost).toBeGreaterThan(20_000);
    expect(lines.length - 2 + lost).toBe(sent);
    expect(lines[2]).toMatch(new RegExp(`^line ${lost} `));
    expect(lines.at(-1)).toMatch(new RegExp(`^line ${sent - 1} `));
    expect(fs.statSync(at('fast.log')).size).toBeLessThan(1.2 * 1024 * 1024);
  });

  it('a folder in which nothing can be renamed: the cap holds, nothing good is lost', async () => {
    let refuse = true;
    const played: LogFs = {
      ...nodeLogFs,
      rename(from, to) {
        if (refuse) throw Object.assign(new Error('played'), { code: 'EACCES' });
        nodeLogFs.rename(from, to);
      },
    };
    const log = openLogs({ fs: played }).service('fast');
    const sent = Array.from({ length: 60 }, (_, i) => `line ${i} ${'x'.repeat(60)}`);
    for (const line of sent) log.note(line);
    await log.flush();
    expect(names()).toEqual(['fast.log']);
    expect(fs.statSync(at('fast.log')).size).toBeLessThanOrEqual(4096);
    expect(events.map((event) => event.problem.code)).toEqual(['log-not-writable']);
    refuse = false;
    await log.flush();
    expect(bodies(everything('fast'))).toEqual(sent);
  });

  it('a folder that becomes read-only, and one that is: said once in a sentence, and nothing is lost', async () => {
    fs.mkdirSync(at(), { mode: 0o700 });
    fs.chmodSync(dir, 0o755);
    giveToPlainUser(at());
    await asPlainUser(async () => {
      const before = openLogs().service('fast');
      before.note('one');
      await before.flush();
      fs.chmodSync(at(), 0o500);
      // Enough for a rotation, which needs the folder.
      const sent = Array.from({ length: 60 }, (_, i) => `line ${i} ${'x'.repeat(60)}`);
      for (const line of sent) before.note(line);
      await before.flush();
      const slow = opened[0]?.service('slow');
      slow?.note('two');
      await slow?.flush();
      expect(events.map(({ log, state, problem }) => [log, state, problem.code])).toEqual([
        ['fast', 'failing', 'log-not-writable'],
        ['slow', 'failing', 'log-not-writable'],
      ]);
      for (const { problem } of events)
        expect(problem.message).toMatch(/\.log cannot be written: permission was refused .*\.$/);
      expect(names()).toEqual(['fast.log']);
      expect(fs.statSync(at('fast.log')).size).toBeLessThanOrEqual(limits.fileMaxBytes);
      fs.chmodSync(at(), 0o700);
      await before.flush();
      await slow?.flush();
      expect(bodies(everything('fast'))).toEqual(['one', ...sent]);
      expect(bodies(read('slow.log'))).toEqual(['two']);
      expect(events.slice(2).map(({ state }) => state)).toEqual(['recovered', 'recovered']);
      for (const logs of opened.splice(0)) await logs.close();
    });
  });

  it('the app log waits in memory too, and a bad redactor never loses a line silently', () => {
    const logs = openLogs();
    let refuse = true;
    const errors: string[] = [];
    const real = logs.file('app');
    const appLog = createAppLog({
      file: { ...real, appendSync: (lines) => (refuse ? 0 : real.appendSync(lines)) },
      redactor: {
        redact(text) {
          if (text.includes('bad')) throw new Error('redactor');
          return text;
        },
        redactCutOff: (text) => text,
      },
      onInternalError: (message) => errors.push(message),
    });
    appLog.info('one');
    appLog.warn('bad one', { key: 'value' });
    expect(fs.existsSync(at('app.log'))).toBe(false);
    refuse = false;
    appLog.error('three\nof two lines, 100% and %s', new Error('broken'));
    const lines = read('app.log')
      .split('\n')
      .map((line) => line.slice(25));
    expect(lines[0]).toBe('inf one');
    expect(lines[1]).toBe('WRN [withheld: this line could not be redacted]');
    expect(lines[2]).toBe('ERR three');
    expect(lines[3]).toMatch(/^ERR of two lines, 100% and .*broken/);
    expect(errors.length).toBeGreaterThan(0);
  });

  it('half a secret at the end of a message that is too long for the app log is not in it', () => {
    let text = '';
    const appendSync = (lines: Buffer) => {
      text += lines;
      return lines.length;
    };
    const redactor = createRedactor();
    const secret = `Zq9${'wX7_'.repeat(10)}`;
    redactor.register(secret);
    const appLog = createAppLog({ file: { ...openLogs().file('app'), appendSync }, redactor });
    const messageMaxChars = 64 * 1024;
    for (let shown = 4; shown <= secret.length; shown += 3) {
      const before = `${'x'.repeat(99)}\n`.repeat(messageMaxChars).slice(0, messageMaxChars - shown);
      appLog.info(`${before}${secret} and more`);
    }
    expect(text.split('[redacted]…').length - 1).toBe(14);
    expect(text.includes(secret.slice(0, 4))).toBe(false);
  });
});

describe('a real full disk, a real read-only disk', () => {
  it('are survived, said once, and recovered from', async ({ skip }) => {
    const disk = smallDisk(256 * 1024);
    if (disk === null) return skip(whyNoSmallDisk);
    const logs = openLogs({
      dir: path.join(disk, 'logs'),
      limits: { ...defaultLogLimits, foldRepeats: false },
    });
    const log = logs.service('fast');
    const sent: string[] = [];
    const send = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        sent.push(`line ${sent.length} ${'x'.repeat(100)}`);
        log.note(sent.at(-1) ?? '');
        if (i % 50 === 0) await log.flush();
      }
      await log.flush();
    };
    fs.writeFileSync(path.join(disk, 'ballast'), Buffer.alloc(128 * 1024));
    await send(2000);
    expect(events.map((event) => event.problem.code)).toEqual(['disk-full']);
    const text = () => fs.readFileSync(path.join(disk, 'logs', 'fast.log'), 'utf8');
    expect(text().endsWith('\n')).toBe(true);
    fs.rmSync(path.join(disk, 'ballast'));
    remount(disk, 'size=4194304');
    await send(1);
    expect(events.map((event) => event.state)).toEqual(['failing', 'recovered']);
    expect(bodies(text())).toEqual(sent);

    // With a file open for writing the disk cannot become read-only.
    for (const one of opened.splice(0)) await one.close();
    remount(disk, 'ro');
    events = [];
    const again = openLogs({ dir: path.join(disk, 'logs') }).service('fast');
    again.note('one');
    await again.flush();
    again.note('two');
    await again.flush();
    expect(events.map((event) => [event.state, event.problem.code])).toEqual([
      ['failing', 'log-not-writable'],
    ]);
    remount(disk, 'rw');
    await again.flush();
    expect(bodies(text()).slice(-2)).toEqual(['one', 'two']);
    expect(events.map((event) => event.state)).toEqual(['failing', 'recovered']);
  });
});
