/** Environments and packages on a real disk: versions read without running anything, links that lead elsewhere, hostile names. */
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHomeFiles } from '../../src-main/files/home-files.ts';
import { createEnvironments, type EnvironmentRecord } from '../../src-main/toolchain/environments.ts';
import { createVet } from '../../src-main/toolchain/pins.ts';
import {
  installedPackages,
  unexpectedStartFiles,
  versionsOf,
} from '../../src-main/toolchain/site-packages.ts';
import { temporaryFolder } from './support/rig.ts';
import { shippedPins } from './support/toolchain.ts';

function writeInto(folder: string, name: string, text = ''): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

/** Of a program that the user chose: why it must not run all the same. */
const chosenVet =
  (...args: Parameters<typeof createVet>) =>
  async (name: 'vllm-mlx' | 'litellm', file: string) => {
    const objection = await createVet(...args)(name, file, 'config');
    expect(objection?.mayChoose ?? false).toBe(false);
    return objection?.reason ?? null;
  };
const shippedVet = async () => chosenVet({ ok: true, value: await shippedPins() }, '/engines');

describe('the version of a program', () => {
  it('is read where its `#!` points, and from every Python that may be in force', async () => {
    const root = temporaryFolder();
    for (const [python, version] of [
      ['python3.12', '1.82.8'],
      ['python3.13', '1.109.0'],
    ] as const) {
      mkdirSync(path.join(root, 'global/lib', python, 'site-packages', `litellm-${version}.dist-info`), {
        recursive: true,
      });
    }
    const script = writeInto(
      path.join(root, 'bin'),
      'litellm',
      `#!${root}/global/bin/python3.13\nimport litellm\n`,
    );
    expect([...(await versionsOf(script, 'litellm'))].toSorted()).toEqual(['1.109.0', '1.82.8']);
    const vet = await shippedVet();
    expect(await vet('litellm', script)).toMatch(
      /^is litellm 1\.82\.8, which must not run \(it was published by thieves/,
    );
    expect(await vet('vllm-mlx', script)).toBeNull();
  });

  it('is not guessed', async () => {
    const root = temporaryFolder();
    expect(
      await versionsOf(writeInto(path.join(root, 'bin'), 'litellm', '#!/usr/bin/env python3\n'), 'litellm'),
    ).toEqual([]);
    expect(await versionsOf(path.join(root, 'bin', 'nothing'), 'litellm')).toEqual([]);
    expect(await versionsOf(writeInto(path.join(root, 'bin'), 'binary', '\0\x7fELF'), 'litellm')).toEqual([]);
  });
});

describe('a denied release behind a shim of a version manager', () => {
  const packagesOf = (root: string, version: string) =>
    mkdirSync(path.join(root, 'lib/python3.12/site-packages', `litellm-${version}.dist-info`), {
      recursive: true,
    });

  /** Pyenv and asdf have a script there, mise a link to itself. */
  it.each([
    ['pyenv', 'versions/3.12.1', false],
    ['asdf', 'installs/python/3.12.1', false],
    ['mise', 'installs/python/3.12.1', true],
    ['mise with uv', 'installs/pipx-litellm/1.82.8/litellm', true],
  ])('%s is not run', async (_name, folder, isLink) => {
    const manager = temporaryFolder();
    const shim = path.join(manager, 'shims', 'litellm');
    if (isLink) {
      mkdirSync(path.dirname(shim));
      symlinkSync(writeInto(path.join(temporaryFolder(), 'bin'), 'mise'), shim);
    } else writeInto(path.dirname(shim), 'litellm', '#!/usr/bin/env bash\nexec pyenv exec litellm "$@"\n');
    const vet = await shippedVet();
    expect(await vet('litellm', shim)).toContain('does not show which release');
    packagesOf(path.join(manager, folder), '1.82.8');
    expect(await vet('litellm', shim)).toContain('is litellm 1.82.8, which must not run');
    expect(await vet('vllm-mlx', shim)).toBeNull();
  });

  it('with good ones in all of its Pythons is used', async () => {
    const manager = temporaryFolder();
    const shim = writeInto(path.join(manager, 'shims'), 'litellm', '#!/usr/bin/env bash\n');
    packagesOf(path.join(manager, 'versions/3.12.1'), '1.109.0');
    packagesOf(path.join(manager, 'versions/3.13.0'), '1.108.0');
    const vet = await shippedVet();
    expect(await vet('litellm', shim)).toBeNull();
    packagesOf(path.join(manager, 'versions/3.11.0'), '1.82.7');
    expect(await vet('litellm', shim)).toContain('1.82.7');
  });

  it('is read where pip puts packages of one user of macOS', async () => {
    const library = temporaryFolder();
    const script = writeInto(path.join(library, 'bin'), 'litellm', '#!/usr/bin/python3\n');
    mkdirSync(path.join(library, 'lib/python/site-packages/litellm-1.82.7.dist-info'), { recursive: true });
    expect(await versionsOf(script, 'litellm')).toEqual(['1.82.7']);
  });
});

it('without a readable list of them only our own environments are used', async () => {
  const root = temporaryFolder();
  const engines = path.join(root, 'engines');
  const vet = chosenVet({ ok: false, error: { code: 'pins-unreadable', message: '' } }, engines);
  const own = writeInto(path.join(engines, 'litellm/current/bin'), 'litellm');
  expect(await vet('litellm', own)).toBeNull();
  for (const file of [`${engines}-2/litellm`, path.join(engines, '../litellm'), '/usr/bin/litellm'])
    expect(await vet('litellm', file)).toContain('cannot be compared');
});

describe('what nobody chose', () => {
  async function objectionTo(name: 'vllm-mlx' | 'litellm', versions: readonly string[]) {
    const root = temporaryFolder();
    const module = name.replace('-', '_');
    for (const [index, version] of versions.entries()) {
      const folder = `lib/python3.${10 + index}/site-packages/${module}-${version}.dist-info`;
      mkdirSync(path.join(root, folder), { recursive: true });
    }
    const script = writeInto(path.join(root, 'bin'), name, '#!/bin/sh\n');
    const vet = createVet({ ok: true, value: await shippedPins() }, '/engines');
    const objections = await Promise.all(
      (['known-place', 'login-shell', 'path'] as const).map((foundIn) => vet(name, script, foundIn)),
    );
    expect(new Set(objections.map((each) => JSON.stringify(each))).size).toBe(1);
    return objections[0];
  }

  it.each([
    ['vllm-mlx', ['0.2.6'], 'is vllm-mlx 0.2.6, while MLX Stack is made for 0.6.0'],
    ['vllm-mlx', ['0.7.0'], 'is vllm-mlx 0.7.0, while MLX Stack is made for 0.6.0'],
    ['vllm-mlx', ['0.6.0'], 'is vllm-mlx 0.6.0, which MLX Stack has not installed'],
    ['vllm-mlx', [], 'does not show which version of vllm-mlx it is, while MLX Stack is made for 0.6.0'],
    [
      'vllm-mlx',
      ['0.6.0', '0.2.6'],
      'does not show which version of vllm-mlx it is, while MLX Stack is made for 0.6.0',
    ],
    ['litellm', ['1.100.0'], 'is litellm 1.100.0, while MLX Stack is made for 1.109.0'],
  ] as const)('%s %j waits for a choice', async (name, versions, reason) => {
    expect(await objectionTo(name, versions)).toEqual({ reason, mayChoose: true });
  });

  it.each([['1.82.8'], ['1.84.2'], ['garbage'], []])(
    'litellm %s cannot even be chosen',
    async (...versions) => {
      expect(await objectionTo('litellm', versions)).toMatchObject({ mayChoose: false });
    },
  );
});

describe('packages with strange names', () => {
  const names = [
    'litellm-1.0\n.dist-info',
    'litellm-$(id).dist-info',
    'litellm---help.dist-info',
    '-x-1.0.dist-info',
    'a b-1.dist-info',
    '🙂-1.dist-info',
    `${'x'.repeat(200)}-1.dist-info`,
    '.dist-info',
    'x.dist-info',
  ];
  it('are listed as they are, and deny nothing by accident', async () => {
    const folder = temporaryFolder();
    for (const name of names) mkdirSync(path.join(folder, name));
    const found = await installedPackages(folder);
    expect(found.map(({ name }) => name)).toContain('litellm');
    expect(found).toHaveLength(7);
  });

  it('as the version of LiteLLM keep it from running', async () => {
    const root = temporaryFolder();
    const vet = await shippedVet();
    for (const [index, version] of ['1.0\n', '$(id)', '--help', '９', 'x'.repeat(200)].entries()) {
      const script = writeInto(path.join(root, String(index), 'bin'), 'litellm');
      mkdirSync(
        path.join(
          root,
          String(index),
          'lib/python3.12/site-packages',
          `litellm-${version.replaceAll('-', '_')}.dist-info`,
        ),
        { recursive: true },
      );
      expect(await vet('litellm', script)).toContain('cannot be read');
    }
  });
});

describe('files that run whenever Python starts', () => {
  it('are all found but the known ones', async () => {
    const folder = temporaryFolder();
    writeInto(folder, '_virtualenv.pth', 'import _virtualenv\n');
    expect(await unexpectedStartFiles(folder)).toEqual([]);
    writeInto(folder, 'x.pth', '');
    writeInto(folder, 'Y.PtH', '');
    mkdirSync(path.join(folder, 'usercustomize'));
    writeInto(folder, 'sitecustomize.pyc');
    writeInto(folder, 'sitecustomized.py');
    symlinkSync(path.join(folder, '_virtualenv.pth'), path.join(folder, 'distutils-precedence.pth'));
    expect([...(await unexpectedStartFiles(folder))].toSorted()).toEqual(
      ['Y.PtH', 'distutils-precedence.pth', 'sitecustomize.pyc', 'usercustomize', 'x.pth'].toSorted(),
    );
  });

  it('are found with their payload far behind what is known', async () => {
    const folder = temporaryFolder();
    writeInto(folder, '_virtualenv.pth', `import _virtualenv${'\n'.repeat(4_096)}import os; print("runs")\n`);
    expect(await unexpectedStartFiles(folder)).toEqual(['_virtualenv.pth']);
  });

  it('are found in what the known ones import, when another package brings it', async () => {
    const folder = temporaryFolder();
    const record = (name: string, ...files: string[]) =>
      writeInto(
        path.join(folder, `${name}-1.0.dist-info`),
        'RECORD',
        files.map((file) => `${file},,\n`).join(''),
      );
    record('setuptools', 'setuptools/__init__.py', '_distutils_hack/__init__.py');
    record('other', 'other/_virtualenv.py', 'my_distutils_hack/x.py');
    expect(await unexpectedStartFiles(folder)).toEqual([]);
    record('evil', 'evil/__init__.py', '_virtualenv.py');
    record('worse', '"_distutils_hack/__init__.py"');
    mkdirSync(path.join(folder, 'without-1.0.dist-info'));
    expect([...(await unexpectedStartFiles(folder))].toSorted()).toEqual([
      'evil-1.0.dist-info/RECORD',
      'without-1.0.dist-info/RECORD',
      'worse-1.0.dist-info/RECORD',
    ]);
  });
});

describe('environments', () => {
  const record = (version: string, createdAt: number): EnvironmentRecord => ({
    schema: 1,
    version,
    createdAt,
    python: '3.12',
    uv: null,
    excludeNewer: '2026-11-18T00:00:00Z',
    options: {},
  });

  function setUp() {
    const home = temporaryFolder();
    const engines = path.join(home, 'engines');
    mkdirSync(engines, { mode: 0o700 });
    const environments = createEnvironments({ engines, files: createHomeFiles({ home }) });
    const folder = path.join(engines, 'litellm');
    async function make(version: string, createdAt: number): Promise<string> {
      const id = await environments.prepare('litellm', version);
      if (!id.ok) throw new Error(id.error.message);
      writeInto(path.dirname(environments.programOf('litellm', id.value)), 'litellm');
      await environments.finish('litellm', id.value, record(version, createdAt));
      return id.value;
    }
    return { environments, engines, folder, make };
  }

  it('the one before is the newest that is older than the one in use', async () => {
    const { environments, make } = setUp();
    expect(await environments.previous('litellm')).toBeNull();
    const [first, second, third] = [await make('1.1', 10), await make('1.2', 20), await make('1.3', 30)];
    await environments.switchTo('litellm', third);
    expect((await environments.previous('litellm'))?.id).toBe(second);
    await environments.switchTo('litellm', first);
    expect(await environments.previous('litellm')).toBeNull();
    await environments.switchTo('litellm', third);
    expect(await environments.tidy('litellm')).toBe(true);
    expect(await environments.read('litellm', first)).toBeNull();
    expect(await environments.read('litellm', second)).not.toBeNull();
  });

  it.each(['../other', '/etc', '.', '..', 'a/b', '../../models'])(
    'a link to %j is in use by nobody, and nothing there is touched',
    async (target) => {
      const { environments, folder, make } = setUp();
      await make('1.1', 10);
      symlinkSync(target, path.join(folder, 'current'));
      expect(await environments.currentId('litellm')).toBeNull();
      expect(await environments.previous('litellm')).toBeNull();
      await environments.tidy('litellm');
      expect(readdirSync(folder)).toEqual(['current']);
    },
  );

  it('are never called after what leads elsewhere', async () => {
    const { environments } = setUp();
    for (const version of ['../1.0', '-1.0', '1.0/x', '1.0\n', '1.0\0', '', ' ', '1'.repeat(200), '🙂']) {
      await expect(environments.prepare('litellm', version)).rejects.toThrow('No folder name');
    }
  });

  it('whose program is gone cannot be gone back to', async () => {
    const { environments, folder, make } = setUp();
    const [first, second, third] = [await make('1.1', 10), await make('1.2', 20), await make('1.3', 30)];
    await environments.switchTo('litellm', third);
    rmSync(environments.programOf('litellm', second));
    expect((await environments.previous('litellm'))?.id).toBe(first);
    await environments.tidy('litellm');
    expect(readdirSync(folder).toSorted()).toEqual([first, third, 'current'].toSorted());
  });

  it.each(['record', 'folder'] as const)(
    'in use, whose %s is lost, does not take with it what can be gone back to',
    async (what) => {
      const { environments, folder, make } = setUp();
      const [first, second, third] = [await make('1.1', 10), await make('1.2', 20), await make('1.3', 30)];
      await environments.switchTo('litellm', third);
      if (what === 'folder') rmSync(path.join(folder, third), { recursive: true });
      else rmSync(path.join(folder, third, 'mlx-stack-environment.json'));
      expect((await environments.previous('litellm'))?.id).toBe(second);
      await environments.tidy('litellm');
      expect(await environments.read('litellm', first)).toBeNull();
      expect(await environments.read('litellm', second)).not.toBeNull();
      expect((await environments.switchTo('litellm', second)).ok).toBe(true);
      expect(await environments.currentId('litellm')).toBe(second);
    },
  );

  it('whose record is damaged count as never finished', async () => {
    const { environments, folder, make } = setUp();
    const good = await make('1.2', 20);
    const bad = await make('1.1', 10);
    writeFileSync(path.join(folder, bad, 'mlx-stack-environment.json'), '{"schema":1');
    await environments.switchTo('litellm', good);
    expect(await environments.previous('litellm')).toBeNull();
    await environments.tidy('litellm');
    expect(readdirSync(folder).toSorted()).toEqual([good, 'current']);
  });
});
