/** Home on a real disk: nothing follows a link, a write is whole or not at all, modes are repaired and said. */
import { execFileSync } from 'node:child_process';
import * as nodeFs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHomeFiles, type FileSystem, maxWriteBytes } from '../../src-main/files/home-files.ts';
import { prepareHome } from '../../src-main/files/prepare-home.ts';
import type { HomeFinding } from '../../src-main/files/types.ts';
import { derivePaths } from '../../src-main/paths.ts';
import { asPlainUser, giveToPlainUser, plainUid } from './support/plain-user.ts';

let root = '';
let home = '';
beforeEach(async () => {
  root = await nodeFs.mkdtemp(path.join(tmpdir(), 'mlx-stack-files-'));
  home = path.join(root, 'home');
});
afterEach(() => nodeFs.rm(root, { recursive: true, force: true }));

const modeOf = async (file: string) => (await nodeFs.lstat(file)).mode & 0o777;
const in_ = (...parts: string[]) => path.join(home, ...parts);
const namesIn = async (folder: string) => (await nodeFs.readdir(folder)).sort();

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}

async function textOf(file: string, maxBytes = 1000): Promise<string> {
  const read = await createHomeFiles({ home }).readText(file, maxBytes);
  if (read.kind === 'refused') return `refused: ${read.problem.code}`;
  return read.kind === 'text' ? read.text : 'absent';
}

async function writeOutcome(file: string, text: string, options: { uid?: number; fs?: FileSystem } = {}) {
  const written = await createHomeFiles({ home, ...options }).writeText(file, text);
  return written.ok ? 'written' : written.error.code;
}

describe('reading', () => {
  beforeEach(() => nodeFs.mkdir(home, { mode: 0o700 }));

  test('a file up to the limit is read whole, one byte more is refused', async () => {
    await nodeFs.writeFile(in_('a'), 'x'.repeat(10));
    expect(await textOf(in_('a'), 10)).toBe('xxxxxxxxxx');
    expect(await textOf(in_('a'), 9)).toBe('refused: file-too-large');
    await nodeFs.writeFile(in_('empty'), '');
    expect(await textOf(in_('empty'), 0)).toBe('');
  });

  test('what is missing is absent, also when its folder or home is', async () => {
    expect(await textOf(in_('a'))).toBe('absent');
    expect(await textOf(in_('no', 'a'))).toBe('absent');
    await nodeFs.rmdir(home);
    expect(await textOf(in_('a'))).toBe('absent');
  });

  test('bytes that are not UTF-8 are refused; a byte-order mark is dropped', async () => {
    await nodeFs.writeFile(in_('a'), Buffer.from([0x61, 0xff, 0xfe]));
    expect(await textOf(in_('a'))).toBe('refused: not-text');
    await nodeFs.writeFile(in_('b'), Buffer.from([0xef, 0xbb, 0xbf, 0x61]));
    expect(await textOf(in_('b'))).toBe('a');
  });

  test('a link is refused as file, as folder and as home, also one that points nowhere', async () => {
    await nodeFs.mkdir(path.join(root, 'elsewhere'));
    await nodeFs.writeFile(path.join(root, 'elsewhere', 'a'), 'secret');
    await nodeFs.symlink(path.join(root, 'elsewhere', 'a'), in_('a'));
    await nodeFs.symlink(path.join(root, 'nowhere'), in_('b'));
    await nodeFs.symlink(path.join(root, 'elsewhere'), in_('stacks'));
    expect(await textOf(in_('a'))).toBe('refused: symbolic-link');
    expect(await textOf(in_('b'))).toBe('refused: symbolic-link');
    expect(await textOf(in_('stacks', 'a'))).toBe('refused: symbolic-link');
    await nodeFs.rename(home, path.join(root, 'real'));
    await nodeFs.symlink(path.join(root, 'real'), home);
    expect(await textOf(in_('c'))).toBe('refused: symbolic-link');
  });

  test('a folder, a named pipe without writer and a device are refused at once', async () => {
    await nodeFs.mkdir(in_('folder'));
    execFileSync('mkfifo', [in_('pipe')]);
    expect(await textOf(in_('folder'))).toBe('refused: wrong-file-type');
    expect(await textOf(in_('pipe'))).toBe('refused: wrong-file-type');
  });

  test("another user's file or folder is refused", async () => {
    await nodeFs.writeFile(in_('a'), 'x');
    const stranger = (process.getuid?.() ?? 0) + 1;
    const read = await createHomeFiles({ home, uid: stranger }).readText(in_('a'), 10);
    expect(read.kind === 'refused' && read.problem.code).toBe('not-yours');
  });

  test.each([
    ['the folder above', ['..', 'x']],
    ['a sibling with the same beginning', ['..', 'home2', 'x']],
    ['home itself', ['.']],
  ])('%s is outside home', async (_what, parts) => {
    await nodeFs.mkdir(path.join(root, 'home2'));
    await nodeFs.writeFile(path.join(root, 'home2', 'x'), 'x');
    await nodeFs.writeFile(path.join(root, 'x'), 'x');
    expect(await textOf(in_(...parts))).toBe('refused: outside-home');
    expect(await writeOutcome(in_(...parts), 'y')).toBe('outside-home');
    expect(await nodeFs.readFile(path.join(root, 'x'), 'utf8')).toBe('x');
  });

  test('a file named with two dots in front is inside home; NUL and relative paths are not', async () => {
    expect(await writeOutcome(in_('..x'), 'y')).toBe('written');
    expect(await textOf(in_('..x'))).toBe('y');
    expect(await textOf(in_('a\0b'))).toBe('refused: outside-home');
    expect(await textOf('config.yaml')).toBe('refused: outside-home');
  });
});

describe('writing', () => {
  test('missing folders are made 0700, the file is 0600 whatever the umask and the old mode', async () => {
    const before = process.umask(0);
    try {
      expect(await writeOutcome(in_('logs', 'b'), 'one')).toBe('written');
      await nodeFs.chmod(in_('logs', 'b'), 0o666);
      expect(await writeOutcome(in_('logs', 'b'), 'two')).toBe('written');
      expect(await modeOf(home)).toBe(0o700);
      expect(await modeOf(in_('logs'))).toBe(0o700);
      expect(await modeOf(in_('logs', 'b'))).toBe(0o600);
      expect(await textOf(in_('logs', 'b'))).toBe('two');
      expect(await namesIn(in_('logs'))).toEqual(['b']);
    } finally {
      process.umask(before);
    }
  });

  test('a link as target is neither followed nor replaced', async () => {
    await nodeFs.mkdir(home);
    await nodeFs.writeFile(path.join(root, 'victim'), 'untouched');
    await nodeFs.symlink(path.join(root, 'victim'), in_('a'));
    expect(await writeOutcome(in_('a'), 'y')).toBe('symbolic-link');
    expect(await nodeFs.readFile(path.join(root, 'victim'), 'utf8')).toBe('untouched');
    expect((await nodeFs.lstat(in_('a'))).isSymbolicLink()).toBe(true);
    await nodeFs.mkdir(path.join(root, 'elsewhere'));
    await nodeFs.symlink(path.join(root, 'elsewhere'), in_('stacks'));
    expect(await writeOutcome(in_('stacks', 'a'), 'y')).toBe('symbolic-link');
    expect(await namesIn(path.join(root, 'elsewhere'))).toEqual([]);
  });

  test("a folder or another user's file as target is refused", async () => {
    await nodeFs.mkdir(in_('a'), { recursive: true });
    expect(await writeOutcome(in_('a'), 'y')).toBe('wrong-file-type');
    await nodeFs.writeFile(in_('b'), 'old');
    expect(await writeOutcome(in_('b'), 'y', { uid: (process.getuid?.() ?? 0) + 1 })).toBe('not-yours');
    expect(await textOf(in_('b'))).toBe('old');
  });

  test('more than the limit is refused before anything is written', async () => {
    expect(await writeOutcome(in_('a'), 'x'.repeat(maxWriteBytes + 1))).toBe('file-too-large');
    expect(await textOf(in_('a'))).toBe('absent');
  });

  const steps: readonly (readonly [string, (fail: () => never) => Partial<FileSystem>])[] = [
    ['open', (fail) => ({ open: async () => fail() })],
    ['rename', (fail) => ({ rename: async () => fail() })],
    [
      'write',
      (fail) => ({
        open: async (...args) => {
          const handle = await nodeFs.open(...args);
          handle.writeFile = async () => {
            await handle.write('half of the te');
            fail();
          };
          return handle;
        },
      }),
    ],
    [
      'sync',
      (fail) => ({
        open: async (...args) => {
          const handle = await nodeFs.open(...args);
          handle.sync = async () => fail();
          return handle;
        },
      }),
    ],
  ];
  test.each(steps)(
    'a write whose %s fails leaves the old file, no temp file, and a sentence',
    async (_step, broken) => {
      expect(await writeOutcome(in_('a'), 'old')).toBe('written');
      for (const [code, expected] of [
        ['ENOSPC', 'disk-full'],
        ['EROFS', 'read-only-disk'],
        ['EACCES', 'no-permission'],
        ['EIO', 'file-error'],
      ] as const) {
        const fs: FileSystem = {
          ...nodeFs,
          ...broken(() => {
            throw systemError(code);
          }),
        };
        expect(await writeOutcome(in_('a'), 'the new text', { fs })).toBe(expected);
        expect(await nodeFs.readFile(in_('a'), 'utf8')).toBe('old');
        expect(await namesIn(home)).toEqual(['a']);
      }
    },
  );

  test('a failure that is no system error is a bug and is thrown', async () => {
    const fs: FileSystem = {
      ...nodeFs,
      rename: async () => {
        throw new TypeError('a bug');
      },
    };
    await expect(writeOutcome(in_('a'), 'x', { fs })).rejects.toThrow('a bug');
    expect(await writeOutcome(in_('a'), 'x')).toBe('written');
  });

  test('a read-only folder refuses with a sentence, keeps what is there, and takes it when it may', async () => {
    await nodeFs.mkdir(home, { mode: 0o700 });
    await nodeFs.writeFile(in_('a'), 'old', { mode: 0o600 });
    await nodeFs.chmod(root, 0o755);
    giveToPlainUser(home, in_('a'));
    await asPlainUser(async () => {
      await nodeFs.chmod(home, 0o500);
      expect(await createHomeFiles({ home, uid: plainUid }).writeText(in_('a'), 'x')).toMatchObject({
        ok: false,
        error: {
          code: 'no-permission',
          message: expect.stringMatching(/^\S.+\.$/),
          hint: expect.stringMatching(/^\S.+\.$/),
        },
      });
      expect(await nodeFs.readFile(in_('a'), 'utf8')).toBe('old');
      expect(await namesIn(home)).toEqual(['a']);
      await nodeFs.chmod(home, 0o700);
      expect(await writeOutcome(in_('a'), 'new', { uid: plainUid })).toBe('written');
    });
  });

  test('of many writes at once the newest wins, none mixes, and few touch the disk', async () => {
    let renames = 0;
    const fs: FileSystem = {
      ...nodeFs,
      rename: async (from, to) => {
        renames += 1;
        await nodeFs.rename(from, to);
      },
    };
    const files = createHomeFiles({ home, fs });
    const texts = Array.from({ length: 200 }, (_, index) => `${index} `.repeat(2000));
    const results = await Promise.all(texts.map((text) => files.writeText(in_('a'), text)));
    expect(results.every((result) => result.ok)).toBe(true);
    expect(await textOf(in_('a'), 100_000)).toBe(texts.at(-1));
    expect(renames).toBe(2);
    expect(await namesIn(home)).toEqual(['a']);
  });

  test('a reader beside a writer sees one whole text or the other', async () => {
    const files = createHomeFiles({ home });
    const a = 'a'.repeat(50_000);
    const b = 'b'.repeat(50_000);
    await files.writeText(in_('f'), a);
    let writing = true;
    const writer = (async () => {
      for (let round = 0; round < 30; round += 1) await files.writeText(in_('f'), round % 2 === 0 ? b : a);
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      const read = await files.readText(in_('f'), 100_000);
      expect(read.kind === 'text' && (read.text === a || read.text === b)).toBe(true);
      reads += 1;
    }
    await writer;
    expect(reads).toBeGreaterThan(0);
  });
});

describe('setting aside', () => {
  test('a bad file becomes .bad, an older one is replaced, a missing one is no problem', async () => {
    const files = createHomeFiles({ home });
    await files.writeText(in_('d.json'), 'bad 1');
    await files.writeText(in_('d.json.bad'), 'bad 0');
    expect((await files.setAside(in_('d.json'))).ok).toBe(true);
    expect(await namesIn(home)).toEqual(['d.json.bad']);
    expect(await textOf(in_('d.json.bad'))).toBe('bad 1');
    expect((await files.setAside(in_('d.json'))).ok).toBe(true);
    expect((await files.setAside(in_('no', 'd.json'))).ok).toBe(true);
  });

  test('a link is not moved', async () => {
    await nodeFs.mkdir(home);
    await nodeFs.symlink('/etc/hosts', in_('d.json'));
    const aside = await createHomeFiles({ home }).setAside(in_('d.json'));
    expect(!aside.ok && aside.error.code).toBe('symbolic-link');
    expect(await namesIn(home)).toEqual(['d.json']);
  });
});

describe('looking over home', () => {
  const short = (findings: readonly HomeFinding[]) =>
    findings.map(({ path: file, problem, repaired, fatal }) => [
      path.relative(home, file) || '.',
      problem.code,
      repaired ? 'repaired' : fatal ? 'fatal' : 'open',
    ]);

  test('a fresh account: private folders are made and nothing is reported, nor the next time', async () => {
    const paths = derivePaths(home);
    expect(await prepareHome(paths)).toEqual([]);
    expect(await namesIn(home)).toEqual(['engines', 'logs', 'models', 'run', 'stacks']);
    for (const folder of [home, paths.logs, paths.models, paths.engines, paths.emptyCwd, in_('stacks')]) {
      expect(await modeOf(folder)).toBe(0o700);
    }
    expect(await prepareHome(paths)).toEqual([]);
  });

  test('what the command line left readable by all is closed; what is only read may be a link', async () => {
    const paths = derivePaths(home);
    await prepareHome(paths);
    const files = [
      'profile.json',
      'models.json',
      'benchmarks/m4-pro-48.json',
      'cache/discovered-models.json',
    ];
    for (const folder of ['benchmarks', 'cache']) await nodeFs.mkdir(in_(folder), { mode: 0o755 });
    for (const file of files) await nodeFs.writeFile(in_(file), '{}', { mode: 0o644 });
    const repaired = await prepareHome(paths);
    expect(short(repaired).sort()).toEqual(
      ['benchmarks', 'cache', ...files].map((file) => [file, 'open-permissions', 'repaired']).sort(),
    );
    for (const file of files) expect(await modeOf(in_(file))).toBe(0o600);
    for (const folder of ['benchmarks', 'cache']) expect(await modeOf(in_(folder))).toBe(0o700);

    await nodeFs.rename(in_('benchmarks'), path.join(root, 'elsewhere'));
    await nodeFs.symlink(path.join(root, 'elsewhere'), in_('benchmarks'));
    expect(short(await prepareHome(paths))).toEqual([['benchmarks', 'symbolic-link', 'open']]);
  });

  test('open modes are repaired and reported', async () => {
    const paths = derivePaths(home);
    await prepareHome(paths);
    const open = [
      'config.yaml',
      'stacks/default.yaml',
      'stacks/other.yml',
      'desired.json',
      'ledger.json',
      'litellm.yaml',
      'logs/fast.log',
      'logs/fast.log.1.gz',
    ];
    for (const file of open) {
      await nodeFs.writeFile(in_(file), 'x');
      await nodeFs.chmod(in_(file), 0o646);
    }
    await nodeFs.writeFile(in_('logs', 'notes.txt'), "the user's own", { mode: 0o644 });
    await nodeFs.chmod(home, 0o777);
    await nodeFs.chmod(paths.logs, 0o757);
    const repaired = await prepareHome(paths);
    expect(
      short(repaired)
        .map(([file]) => file)
        .sort(),
    ).toEqual(['.', 'logs', ...open].sort());
    expect(repaired.every((finding) => finding.repaired && !finding.fatal)).toBe(true);
    expect(repaired[0]?.problem.message).toContain('0777');
    for (const file of open) expect(await modeOf(in_(file))).toBe(0o600);
    expect(await modeOf(home)).toBe(0o700);
    expect(await modeOf(paths.logs)).toBe(0o700);
    expect(await modeOf(in_('logs', 'notes.txt'))).toBe(0o644);
    expect(await prepareHome(paths)).toEqual([]);
  });

  test('home as a link: nothing is touched behind it, and nothing may start', async () => {
    await nodeFs.mkdir(path.join(root, 'real'), { mode: 0o755 });
    await nodeFs.chmod(path.join(root, 'real'), 0o755);
    await nodeFs.symlink(path.join(root, 'real'), home);
    const findings = await prepareHome(derivePaths(home));
    expect(short(findings)).toEqual([['.', 'symbolic-link', 'fatal']]);
    expect(await namesIn(path.join(root, 'real'))).toEqual([]);
    expect(await modeOf(path.join(root, 'real'))).toBe(0o755);
  });

  test('home as a file, or inside a file, or not ours', async () => {
    await nodeFs.writeFile(home, 'x');
    expect(short(await prepareHome(derivePaths(home)))).toEqual([['.', 'wrong-file-type', 'fatal']]);
    const inside = await prepareHome(derivePaths(in_('deeper')));
    expect(inside.map((finding) => [finding.problem.code, finding.fatal])).toEqual([
      ['wrong-file-type', true],
    ]);
    await nodeFs.rm(home);
    await nodeFs.mkdir(home);
    const stranger = (process.getuid?.() ?? 0) + 1;
    expect(short(await prepareHome(derivePaths(home), { uid: stranger }))).toEqual([
      ['.', 'not-yours', 'fatal'],
    ]);
  });

  test.each(['stacks', 'logs', 'models', 'engines', 'run'])(
    '%s as a link is fatal and left alone',
    async (folder) => {
      const elsewhere = path.join(root, 'elsewhere');
      await nodeFs.mkdir(home, { mode: 0o700 });
      await nodeFs.mkdir(elsewhere);
      await nodeFs.writeFile(path.join(elsewhere, 'a.log'), 'x');
      await nodeFs.chmod(path.join(elsewhere, 'a.log'), 0o644);
      await nodeFs.symlink(elsewhere, in_(folder));
      expect(short(await prepareHome(derivePaths(home)))).toEqual([[folder, 'symbolic-link', 'fatal']]);
      expect(await namesIn(elsewhere)).toEqual(['a.log']);
      expect(await modeOf(path.join(elsewhere, 'a.log'))).toBe(0o644);
    },
  );

  test('records and logs that are links are fatal, and what they point to is untouched', async () => {
    const paths = derivePaths(home);
    await prepareHome(paths);
    const victim = path.join(root, 'victim');
    await nodeFs.writeFile(victim, 'x');
    await nodeFs.chmod(victim, 0o644);
    for (const file of ['ledger.json', 'desired.json', 'config.yaml', 'logs/fast.log'])
      await nodeFs.symlink(victim, in_(file));
    const found = short(await prepareHome(paths));
    expect(found.map(([file]) => file).sort()).toEqual([
      'config.yaml',
      'desired.json',
      'ledger.json',
      'logs/fast.log',
    ]);
    expect(found.every(([, code, outcome]) => code === 'symbolic-link' && outcome === 'fatal')).toBe(true);
    expect(await modeOf(victim)).toBe(0o644);
  });

  test("the children's working directory is emptied, without following links out of it", async () => {
    const paths = derivePaths(home);
    await prepareHome(paths);
    await nodeFs.mkdir(path.join(root, 'outside'));
    await nodeFs.writeFile(path.join(root, 'outside', 'kept'), 'x');
    await nodeFs.writeFile(path.join(paths.emptyCwd, '.env'), 'OPENAI_API_BASE=http://evil');
    await nodeFs.symlink(path.join(root, 'outside'), path.join(paths.emptyCwd, 'link'));
    expect(await namesIn(paths.emptyCwd)).toHaveLength(2);
    expect(short(await prepareHome(paths))).toEqual([['run/empty', 'folder-not-empty', 'repaired']]);
    expect(await namesIn(paths.emptyCwd)).toEqual([]);
    expect(await namesIn(path.join(root, 'outside'))).toEqual(['kept']);
  });

  test('temp files of a write that a crash cut off are removed, the user’s files are not', async () => {
    const paths = derivePaths(home);
    await prepareHome(paths);
    await nodeFs.writeFile(in_('.config.yaml.0123456789abcdef.mlx-stack-tmp'), 'half');
    await nodeFs.writeFile(in_('stacks', '.default.yaml.0123456789abcdef.mlx-stack-tmp'), 'half');
    await nodeFs.writeFile(in_('.mine.tmp'), 'x');
    await prepareHome(paths);
    expect(await namesIn(in_('stacks'))).toEqual([]);
    expect(await namesIn(home)).toContain('.mine.tmp');
    expect((await namesIn(home)).filter((name) => name.endsWith('mlx-stack-tmp'))).toEqual([]);
  });
});
