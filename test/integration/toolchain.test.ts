/** Engines installed for real by the stand-in uv: what is put in place, what is refused, and what is left of an ended installation. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { EngineStep } from '../../src-main/contract/engines.ts';
import { versionLimitMs } from '../../src-main/toolchain/found-versions.ts';
import { parseLock } from '../../src-main/toolchain/lock.ts';
import { writeEngine } from '../stand-ins/engines/write-engine.ts';
import { writeUv } from '../stand-ins/uv/write-uv.ts';
import { untilGroupIsGone } from './support/processes.ts';
import { temporaryFolder } from './support/rig.ts';
import { createRig, leaveEnvironment, pinsWith, problemOf, type ToolchainRig } from './support/toolchain.ts';

/** A busy machine. */
const limitMs = 20_000;
const both = ['vllm-mlx', 'litellm'] as const;

describe('a first installation', () => {
  it('puts both engines in place, each step told, nothing of the user’s Python touched', async () => {
    const rig = await createRig();
    await rig.toolchain.open();
    expect(rig.engine('vllm-mlx')).toMatchObject({ state: 'absent', version: null, pinnedVersion: '0.6.0' });
    expect(rig.toolchain.status().uv).toMatchObject({ state: 'found', version: '0.12.16' });
    expect(await rig.toolchain.lacking()).toEqual({ ok: true, value: ['vllm-mlx', 'litellm'] });

    expect(await rig.toolchain.install(both)).toEqual({ ok: true, value: undefined });

    expect(rig.steps()).toEqual(
      both.flatMap((name) =>
        ['python', 'resolving', 'downloading', 'installing', 'checking', 'switching'].map(
          (step) => `${name} ${step}`,
        ),
      ),
    );
    const fractions = rig.history.flatMap(({ job }) => (job?.fraction == null ? [] : [job.fraction]));
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBeLessThanOrEqual(1);
    expect(rig.toolchain.status()).toMatchObject({ job: null, problem: null });
    expect(
      rig.history.some(({ job }) => /^Downloading for vllm-mlx: torch \(84 MB\)/.test(job?.detail ?? '')),
    ).toBe(true);
    for (const [name, version] of [
      ['vllm-mlx', '0.6.0'],
      ['litellm', '1.109.0'],
    ] as const) {
      expect(rig.engine(name)).toMatchObject({
        state: 'ready',
        version,
        foundIn: 'engines',
        hasUpdate: false,
        previousVersion: null,
      });
      const lock = parseLock(rig.read(rig.inCurrent(name, 'requirements.lock')));
      expect(lock.ok && lock.value.find((each) => each.name === name)).toMatchObject({ version });
      expect(statSync(rig.inCurrent(name, 'mlx-stack-environment.json')).mode & 0o777).toBe(0o600);
    }
    expect(rig.switches()).toBe(2);
    expect(readdirSync(rig.userHome)).toEqual(['.local']);
    expect(readdirSync(path.join(rig.userHome, '.local'))).toEqual(['bin']);
    expect(await rig.toolchain.lacking()).toEqual({ ok: true, value: [] });
  });

  it('gives programs that run', async () => {
    const rig = await createRig();
    await rig.toolchain.install(['litellm']);
    const found = await rig.executables.find('litellm', null);
    if ('missing' in found) throw new Error(found.missing.message);
    expect(
      execFileSync(found.path, ['--version'], { encoding: 'utf8', env: { LITELLM_OFFLINE_MODE: 'true' } }),
    ).toContain('1.109.0');
  });

  it('is not repeated for what is in use already', async () => {
    const rig = await createRig();
    await rig.toolchain.install(['litellm']);
    const before = rig.inCurrent('litellm');
    expect(await rig.toolchain.install(['litellm'])).toMatchObject({ ok: true });
    expect(rig.inCurrent('litellm')).toBe(before);
    expect(rig.switches()).toBe(1);
  });

  it('asks uv exactly so, in an empty folder, with nothing of the user’s settings for uv and pip', async () => {
    const record = path.join(temporaryFolder(), 'record.jsonl');
    const rig = await createRig({
      uv: { record },
      env: {
        UV_INDEX_URL: 'http://evil.invalid/simple',
        UV_EXTRA_INDEX_URL: 'http://evil.invalid/simple',
        UV_FIND_LINKS: '/tmp',
        PIP_INDEX_URL: 'http://evil.invalid/simple',
        PYTHONPATH: '/tmp',
        VIRTUAL_ENV: '/tmp/venv',
        OPENROUTER_API_KEY: 'sk-or-v1-secret',
        HTTPS_PROXY: 'http://proxy.corp:3128',
      },
    });
    mkdirSync(path.join(rig.userHome, '.config', 'uv'), { recursive: true });
    writeFileSync(path.join(rig.userHome, '.config', 'uv', 'uv.toml'), 'index-url = "http://evil.invalid"\n');
    expect(await rig.toolchain.install(['litellm'])).toMatchObject({ ok: true });

    const entry = z.object({
      argv: z.array(z.string()),
      env: z.record(z.string(), z.string()),
      cwd: z.string(),
      cwdEntries: z.array(z.string()),
    });
    const runs = readFileSync(record, 'utf8')
      .trim()
      .split('\n')
      .map((line) => entry.parse(JSON.parse(line)))
      .filter(({ argv }) => argv[0] !== '--version');
    const environment = rig.inCurrent('litellm');
    const python = path.join(environment, 'bin/python');
    expect(runs.map(({ argv }) => argv)).toEqual([
      ['venv', '--python', '3.12', '--no-project', environment],
      [
        ...[
          'pip',
          'compile',
          '--generate-hashes',
          '--only-binary',
          ':all:',
          '--exclude-newer',
          '2026-11-18T00:00:00Z',
        ],
        ...['--python', python, '--no-header', '--no-annotate'],
        ...[
          '--output-file',
          path.join(environment, 'requirements.lock'),
          path.join(environment, 'requirements.in'),
        ],
      ],
      [
        'pip',
        'sync',
        '--require-hashes',
        '--only-binary',
        ':all:',
        '--python',
        python,
        path.join(environment, 'requirements.lock'),
      ],
    ]);
    for (const { env, cwd, cwdEntries } of runs) {
      expect(cwd).toBe(rig.paths.emptyCwd);
      expect(cwdEntries).toEqual([]);
      expect(
        Object.keys(env)
          .filter((name) => !/^(PWD|SHLVL|_|OLDPWD)$/.test(name))
          .toSorted(),
      ).toEqual([
        ...[
          'HOME',
          'HTTPS_PROXY',
          'LANG',
          'NO_COLOR',
          'PATH',
          'TMPDIR',
          'UV_CACHE_DIR',
          'UV_KEYRING_PROVIDER',
        ],
        ...[
          'UV_NO_CONFIG',
          'UV_PYTHON_DOWNLOADS',
          'UV_PYTHON_INSTALL_BIN',
          'UV_PYTHON_INSTALL_DIR',
          'UV_PYTHON_PREFERENCE',
        ],
      ]);
      expect(env['UV_CACHE_DIR']?.startsWith(rig.paths.home)).toBe(true);
      expect(env['UV_PYTHON_INSTALL_DIR']?.startsWith(rig.paths.engines)).toBe(true);
    }
    expect(rig.read(path.join(environment, 'requirements.in'))).toBe('litellm[proxy]==1.109.0\n');
  });
});

describe('an update', () => {
  async function updated(): Promise<ToolchainRig> {
    const older = await createRig({ pins: await pinsWith({ 'vllm-mlx': '0.4.1' }) });
    expect(await older.toolchain.install(['vllm-mlx'])).toMatchObject({ ok: true });
    leaveEnvironment(older, 'litellm', '1.108.7');
    const rig = await createRig({ root: older.root });
    await rig.toolchain.open();
    return rig;
  }

  it('is offered, replaces the old version at once, and can be gone back from', async () => {
    const rig = await updated();
    expect(rig.engine('vllm-mlx')).toMatchObject({
      version: '0.4.1',
      hasUpdate: true,
      previousVersion: null,
    });
    expect(await rig.toolchain.lacking()).toEqual({ ok: true, value: [] });

    expect(await rig.toolchain.install(['vllm-mlx'])).toMatchObject({ ok: true });
    expect(rig.engine('vllm-mlx')).toMatchObject({
      version: '0.6.0',
      hasUpdate: false,
      previousVersion: '0.4.1',
    });
    expect(rig.engine('litellm')).toMatchObject({ version: '1.108.7', hasUpdate: true });
    expect(rig.environments('vllm-mlx')).toEqual(['0.4.1', '0.6.0', 'current']);

    const before = rig.switches();
    expect(await rig.toolchain.handlers['engines.rollBack']({ name: 'vllm-mlx' })).toEqual({
      ok: true,
      value: {},
    });
    await expect.poll(() => rig.toolchain.status().job, { timeout: limitMs }).toBeNull();
    expect(rig.engine('vllm-mlx')).toMatchObject({
      version: '0.4.1',
      hasUpdate: true,
      previousVersion: null,
    });
    expect(rig.switches()).toBe(before + 1);

    await rig.toolchain.handlers['engines.rollBack']({ name: 'vllm-mlx' });
    await expect
      .poll(() => rig.toolchain.status(), { timeout: limitMs })
      .toMatchObject({ job: null, problem: { code: 'no-previous-engine' } });
  });

  it('keeps one version to go back to, and what was downloaded only as long as it is of use', async () => {
    const rig = await updated();
    await rig.toolchain.install(['litellm']);
    const cache = path.join(rig.paths.home, 'cache', 'uv', 'wheels');
    expect(readdirSync(cache)).toContain('litellm-1.109.0.whl');
    const next = rig.withPins({ ...(await pinsWith({})), 'exclude-newer': '2026-11-19T00:00:00Z' });
    await next.open();
    expect(next.status().engines[1]).toMatchObject({ name: 'litellm', version: '1.109.0', hasUpdate: true });
    expect(await next.install(['litellm'])).toMatchObject({ ok: true });
    expect(rig.environments('litellm')).toEqual(['1.109.0', '1.109.0', 'current']);
    expect(() => readdirSync(cache)).toThrow(/ENOENT/);
  });

  it('tells which options each version has', async () => {
    const rig = await updated();
    const optionsNow = async () => {
      const found = await rig.executables.find('vllm-mlx', null);
      return 'path' in found ? await rig.toolchain.optionsOf(found.path) : null;
    };
    const old = await optionsNow();
    expect(old?.has('continuous-batching')).toBe(true);
    expect(old?.has('prefix-trie-cache')).toBe(false);
    expect(old?.get('reasoning-parser')).toContain('qwen3');
    await rig.toolchain.install(['vllm-mlx']);
    expect((await optionsNow())?.has('prefix-trie-cache')).toBe(true);
    expect(await rig.toolchain.optionsOf('/bin/sh')).toBeNull();
  });
});

/** With an older version in use: whatever happens, it stays so, and nothing half-made lies about. */
async function failing(uv: Parameters<ToolchainRig['setUv']>[0], limits?: Record<string, number>) {
  const rig = await createRig({ uv, ...(limits ? { deps: { limits } } : {}) });
  leaveEnvironment(rig, 'litellm', '1.108.7');
  const result = await rig.toolchain.install(['litellm']);
  expect(rig.environments('litellm')).toEqual(['1.108.7', 'current']);
  expect(rig.currentVersion('litellm')).toBe('1.108.7');
  expect(rig.toolchain.status().job).toBeNull();
  expect(rig.switches()).toBe(0);
  expect(await rig.executables.find('litellm', null)).toMatchObject({ foundIn: 'engines' });
  return { rig, problem: problemOf(result) };
}

describe('refused, with the old version left in use:', () => {
  it.each([
    ['no network', { fault: { at: 'compile', kind: 'no-network' } }, 'no-network'],
    ['a broken download', { fault: { at: 'sync', kind: 'no-network' } }, 'no-network'],
    ['nothing that fits together', { fault: { at: 'compile', kind: 'no-solution' } }, 'no-solution'],
    ['another package than announced', { fault: { at: 'sync', kind: 'hash-mismatch' } }, 'hash-mismatch'],
    ['a full disk', { fault: { at: 'sync', kind: 'disk-full' } }, 'disk-full'],
    ['an uv that crashes', { fault: { at: 'venv', kind: 'panic' } }, 'uv-failed'],
    ['an uv that is killed in the middle', { fault: { at: 'sync', kind: 'killed' } }, 'uv-failed'],
    ['an uv that is too old', { fault: { at: 'compile', kind: 'old' } }, 'uv-too-old'],
    ['a package that lacks', { omit: ['httpx'] }, 'not-as-locked'],
    ['another version than locked', { installAs: { httpx: '0.28.0' } }, 'not-as-locked'],
    ['a stolen release on the disk', { installAs: { litellm: '1.82.8' } }, 'denied-version'],
    ['another version from the index', { resolveAs: { litellm: '1.84.2' } }, 'lock-unusable'],
    [
      'a file that runs at each start',
      { files: { 'litellm_init.pth': 'import os; os.system("x")' } },
      'unexpected-start-file',
    ],
    [
      'a known file with something added',
      { files: { '_virtualenv.pth': 'import _virtualenv; import x' } },
      'unexpected-start-file',
    ],
    ['a file of paths', { files: { 'zz.PTH': '/tmp\n' } }, 'unexpected-start-file'],
    ['a module that runs at each start', { files: { 'sitecustomize.py': '' } }, 'unexpected-start-file'],
    ['a program that does not start', { engine: { fault: 'broken' } }, 'engine-broken'],
  ] as const)('%s', async (_, switches, code) => {
    const { rig, problem } = await failing(switches);
    expect(problem.code).toBe(code);
    expect(rig.toolchain.status().problem).toEqual(problem);
    expect(problem.message.length).toBeLessThan(600);
  });

  it('and the next attempt starts afresh', async () => {
    const { rig } = await failing({ fault: { at: 'sync', kind: 'killed' } });
    rig.setUv({});
    expect(await rig.toolchain.install(['litellm'])).toMatchObject({ ok: true });
    expect(rig.toolchain.status().problem).toBeNull();
    expect(rig.currentVersion('litellm')).toBe('1.109.0');
    expect(rig.engine('litellm')).toMatchObject({ previousVersion: '1.108.7' });
  });

  it('an engine that does not answer', async () => {
    const { problem } = await failing({ engine: { fault: 'hang' } }, { helpMs: 500 });
    expect(problem).toMatchObject({
      code: 'engine-broken',
      message: expect.stringContaining('does not answer'),
    });
  });

  it('an installation that takes too long', async () => {
    const { problem } = await failing({ hangAt: 'sync' }, { installMs: 1_500 });
    expect(problem.code).toBe('too-slow');
  });

  it('an engine without an option that is always passed', async () => {
    const rig = await createRig({ uv: { engine: { without: ['--served-model-name'] } } });
    expect(problemOf(await rig.toolchain.install(['vllm-mlx']))).toMatchObject({
      code: 'engine-broken',
      message: expect.stringContaining('no option --served-model-name'),
    });
    expect(rig.environments('vllm-mlx')).toEqual([]);
  });

  it('a denied package deep in the list', async () => {
    const pins = await pinsWith({});
    const denied = [...pins.denied, { package: 'starlette', below: '9', reason: 'it is a test' }];
    const rig = await createRig({ pins: { ...pins, denied } });
    expect(problemOf(await rig.toolchain.install(['litellm']))).toMatchObject({
      code: 'denied-version',
      message: expect.stringContaining('starlette 1.1.0'),
    });
  });

  it('too little room on the disk', async () => {
    const pins = await pinsWith({});
    const rig = await createRig({
      pins: { ...pins, engines: { ...pins.engines, litellm: { ...pins.engines.litellm, 'needs-gb': 1e9 } } },
    });
    expect(problemOf(await rig.toolchain.install(['litellm'])).code).toBe('disk-full');
  });

  it('no uv', async () => {
    const rig = await createRig({ uv: null });
    expect(problemOf(await rig.toolchain.install(both)).code).toBe('uv-missing');
    expect(rig.toolchain.status().uv).toMatchObject({
      state: 'missing',
      installCommand: expect.stringMatching(/^curl -LsSf https:/),
    });
  });

  it('a file where the cache should be', async () => {
    const rig = await createRig();
    writeFileSync(path.join(rig.paths.home, 'cache'), '');
    expect(problemOf(await rig.toolchain.install(['litellm'])).code).toBe('wrong-file-type');
  });

  it('a folder of engines that is a link', async () => {
    const rig = await createRig();
    mkdirSync(path.join(rig.root, 'elsewhere'));
    symlinkSync(path.join(rig.root, 'elsewhere'), path.join(rig.paths.engines, 'litellm'));
    expect(problemOf(await rig.toolchain.install(['litellm'])).code).toBe('symbolic-link');
    expect(readdirSync(path.join(rig.root, 'elsewhere'))).toEqual([]);
  });
});

describe('cancelled', () => {
  const reaches = (rig: ToolchainRig, step: EngineStep) =>
    expect.poll(() => rig.toolchain.status().job?.step, { interval: 10, timeout: limitMs }).toBe(step);

  it.each([
    ['python', { hangAt: 'venv' }],
    ['resolving', { hangAt: 'compile' }],
    ['downloading', { hangAt: 'sync', grandchild: true }],
    ['checking', { engine: { fault: 'hang' } }],
  ] as const)('while %s: at once, and the old version stays', async (step, uv) => {
    const rig = await createRig({ uv });
    leaveEnvironment(rig, 'litellm', '1.108.7');
    const done = rig.toolchain.install(['litellm']);
    await reaches(rig, step);
    await expect.poll(() => rig.groups.length, { timeout: limitMs }).toBeGreaterThan(0);
    await rig.toolchain.handlers['engines.cancel']({});
    expect(problemOf(await done).code).toBe('cancelled');
    expect(rig.toolchain.status()).toMatchObject({ job: null, problem: null });
    expect(rig.environments('litellm')).toEqual(['1.108.7', 'current']);
    expect(rig.currentVersion('litellm')).toBe('1.108.7');
  });

  it('also when uv does not listen', async () => {
    const rig = await createRig({ uv: { hangAt: 'compile', ignoreTerm: true } });
    const stop = new AbortController();
    const done = rig.toolchain.install(['litellm'], stop.signal);
    await reaches(rig, 'resolving');
    stop.abort();
    expect(problemOf(await done).code).toBe('cancelled');
    expect(rig.environments('litellm')).toEqual([]);
  });

  it('before it began: nothing is begun', async () => {
    const rig = await createRig();
    expect(problemOf(await rig.toolchain.install(['litellm'], AbortSignal.abort())).code).toBe('cancelled');
    expect(rig.groups).toEqual([]);
  });

  it('by the end of the app', async () => {
    const rig = await createRig({ uv: { hangAt: 'sync' } });
    const done = rig.toolchain.install(['litellm']);
    await reaches(rig, 'downloading');
    await rig.toolchain.close();
    expect(problemOf(await done).code).toBe('cancelled');
    expect(problemOf(await rig.toolchain.install(['litellm'])).code).toBe('engines-busy');
  });

  it('keeps what was downloaded', async () => {
    const rig = await createRig({ uv: { hangAt: 'sync' } });
    const done = rig.toolchain.install(['litellm']);
    await reaches(rig, 'downloading');
    const cache = path.join(rig.paths.home, 'cache', 'uv', 'wheels');
    await expect.poll(() => readdirSync(cache).length, { timeout: limitMs }).toBeGreaterThan(2);
    await rig.toolchain.handlers['engines.cancel']({});
    await done;
    expect(readdirSync(cache).length).toBeGreaterThan(2);
  });
});

describe('one at a time', () => {
  it('what is tidied at start is not what is being installed', async () => {
    const rig = await createRig();
    const folder = path.join(rig.paths.engines, 'litellm', '1.0.0-00000000');
    mkdirSync(folder, { recursive: true });
    const [, installed] = await Promise.all([rig.toolchain.open(), rig.toolchain.install(['litellm'])]);
    expect(installed).toMatchObject({ ok: true });
    expect(rig.environments('litellm')).toEqual(['1.109.0', 'current']);
  });

  it('a second job is refused, and the first goes on', async () => {
    const rig = await createRig();
    const first = rig.toolchain.install(['litellm']);
    expect(problemOf(await rig.toolchain.install(['vllm-mlx'])).code).toBe('engines-busy');
    for (const refused of [
      rig.toolchain.handlers['engines.install']({ names: ['vllm-mlx'] }),
      rig.toolchain.handlers['engines.rollBack']({ name: 'litellm' }),
      rig.toolchain.handlers['engines.installUv']({}),
    ]) {
      expect(problemOf(await refused).code).toBe('engines-busy');
    }
    expect(await first).toMatchObject({ ok: true });
  });
});

describe('what is found elsewhere', () => {
  /** As `uv tool install` leaves it: a link to a script in an environment. */
  function elsewhere(rig: ToolchainRig, version: string, body = 'exit 3'): string {
    const root = path.join(rig.root, 'tools', 'litellm');
    const program = path.join(root, 'bin', 'litellm');
    mkdirSync(path.join(root, 'bin'), { recursive: true });
    mkdirSync(path.join(root, 'lib/python3.13/site-packages', `litellm-${version}.dist-info`), {
      recursive: true,
    });
    writeFileSync(program, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    chmodSync(program, 0o755);
    mkdirSync(path.join(rig.root, 'known'), { recursive: true });
    symlinkSync(program, path.join(rig.root, 'known', 'litellm'));
    return path.join(rig.root, 'known', 'litellm');
  }

  it.each(['1.100.0', '1.109.0', '1.200.0'])(
    'litellm %s is not used unless it is chosen; its version is read and nothing run',
    async (version) => {
      const rig = await createRig();
      const file = elsewhere(rig, version, `touch ${rig.root}/was-run`);
      await rig.toolchain.open();
      expect(rig.engine('litellm')).toMatchObject({
        state: 'unchosen',
        version,
        path: file,
        foundIn: 'known-place',
        hasUpdate: false,
        problem: {
          code: 'engine-not-chosen',
          message: expect.stringMatching(
            new RegExp(
              `^${file} is litellm ${version}, .*1\\.109\\.0|has not installed.* unless you choose it\\.$`,
            ),
          ),
          hint: 'Let MLX Stack install its own, or use the one found.',
        },
      });
      expect(await rig.executables.find('litellm', null)).toHaveProperty('missing');
      expect(await rig.executables.find('litellm', file)).toEqual({ path: file, foundIn: 'config' });
      expect(readdirSync(rig.root)).not.toContain('was-run');
    },
  );

  it('and may be chosen does not hide a release that must not run', async () => {
    const rig = await createRig();
    const other = path.join(rig.root, 'other');
    elsewhere(rig, '1.82.8');
    const bin = path.join(other, 'bin');
    mkdirSync(path.join(other, 'lib/python3.13/site-packages/litellm-1.100.0.dist-info'), {
      recursive: true,
    });
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'litellm'), '#!/bin/sh\n', { mode: 0o755 });
    const found = await createRig({ root: rig.root, env: { PATH: bin } });
    await found.toolchain.open();
    const { state, path: program, foundIn, problem } = found.engine('litellm');
    expect({ state, program, foundIn }).toEqual({
      state: 'unchosen',
      program: path.join(bin, 'litellm'),
      foundIn: 'path',
    });
    expect(problem?.message).toMatch(
      /litellm is litellm 1\.100\.0, .* is litellm 1\.82\.8, which must not run/,
    );
    expect(await found.toolchain.handlers['engines.useFound']({ name: 'litellm' })).toMatchObject({
      ok: true,
    });
    expect(found.configured.litellm).toBe(path.join(bin, 'litellm'));
  });

  it.each(['1.82.7', '1.82.8', '1.84.2', '1.84.3rc1', 'garbage'])(
    'litellm %s is refused, and never run',
    async (version) => {
      const rig = await createRig();
      const file = elsewhere(rig, version, `touch ${rig.root}/was-run`);
      await rig.toolchain.handlers['engines.refresh']({});
      expect(rig.engine('litellm')).toMatchObject({
        state: 'refused',
        version,
        path: file,
        problem: { code: 'engine-missing' },
      });
      const missing = await rig.executables.find('litellm', null);
      expect(missing).toMatchObject({
        missing: {
          message: expect.stringMatching(
            /litellm is litellm .* which must not run \(.*\) and is not used\.$/,
          ),
        },
      });
      expect(await rig.executables.find('litellm', file)).toHaveProperty('missing');
      expect(readdirSync(rig.root)).not.toContain('was-run');
      expect(await rig.toolchain.lacking()).toEqual({ ok: true, value: ['vllm-mlx', 'litellm'] });
    },
  );

  /** Counts how often it is run. */
  function withoutMetadata(rig: ToolchainRig, body: string) {
    mkdirSync(path.join(rig.root, 'known'), { mode: 0o755, recursive: true });
    const asked = path.join(rig.root, 'asked');
    const file = path.join(rig.root, 'known', 'vllm-mlx');
    writeFileSync(file, `#!/bin/sh\necho "$@" >>'${asked}'\n${body}\n`, { mode: 0o755 });
    return { file, asked: () => (existsSync(asked) ? rig.read(asked) : '') };
  }

  it.each([
    ['says its version', 'echo "vllm-mlx 0.5.0"', '0.5.0'],
    ['says none', 'echo hello; exit 0', null],
    ['fails', 'echo 0.5.0; exit 2', null],
    ['never stops talking', 'yes 0.5', null],
  ])('without metadata %s when it is found, not only when the user looks again', async (_, body, version) => {
    const rig = await createRig();
    const { asked } = withoutMetadata(rig, body);
    await rig.toolchain.open();
    expect(rig.engine('vllm-mlx')).toMatchObject({ state: 'unchosen', foundIn: 'known-place' });
    await expect.poll(() => asked()).toBe('--version\n');
    await expect.poll(() => rig.engine('vllm-mlx').version).toBe(version);
    // While it still talks, whoever asks again hears the same answer.
    for (const pid of rig.groups) await untilGroupIsGone(pid);
    // Whoever said it is not asked twice; whoever was silent is, when the user wants to know.
    await rig.toolchain.handlers['engines.refresh']({});
    expect(rig.engine('vllm-mlx')).toMatchObject({ state: 'unchosen', version });
    expect(asked()).toBe(version === null ? '--version\n--version\n' : '--version\n');
  });

  it('without metadata is asked anew once it was changed, and keeps its version when it is chosen', async () => {
    const rig = await createRig();
    const { file, asked } = withoutMetadata(rig, 'echo 0.5.0');
    await rig.toolchain.open();
    await expect.poll(() => rig.engine('vllm-mlx').version).toBe('0.5.0');
    withoutMetadata(rig, 'echo "version 0.5.1"');
    utimesSync(file, 1, 1);
    await rig.toolchain.refresh();
    await expect.poll(() => rig.engine('vllm-mlx').version).toBe('0.5.1');
    expect(await rig.toolchain.handlers['engines.useFound']({ name: 'vllm-mlx' })).toMatchObject({
      ok: true,
    });
    expect(rig.engine('vllm-mlx')).toMatchObject({ state: 'ready', foundIn: 'config', version: '0.5.1' });
    expect(asked()).toBe('--version\n--version\n');
  });

  it('that hangs when asked keeps neither the others nor the end waiting', async () => {
    const rig = await createRig();
    const { asked } = withoutMetadata(rig, 'exec sleep 600');
    const beganMs = performance.now();
    await rig.toolchain.open();
    expect(rig.engine('litellm')).toMatchObject({ state: 'absent' });
    expect(rig.toolchain.status().uv.state).toBe('found');
    await expect.poll(() => asked()).toBe('--version\n');
    await rig.toolchain.close();
    expect(performance.now() - beganMs).toBeLessThan(versionLimitMs);
  });

  it('and does not show which release it is, is refused where some must not run, and never run', async () => {
    const rig = await createRig();
    mkdirSync(path.join(rig.root, 'known'), { mode: 0o755 });
    const body = `touch ${rig.root}/was-run; echo 1.109.0`;
    writeFileSync(path.join(rig.root, 'known', 'litellm'), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    await rig.toolchain.handlers['engines.refresh']({});
    expect(rig.engine('litellm')).toMatchObject({
      state: 'refused',
      version: null,
      problem: { message: expect.stringContaining('does not show which release of litellm it starts') },
    });
    expect(readdirSync(rig.root)).not.toContain('was-run');
  });

  it('is replaced by ours once that is installed', async () => {
    const rig = await createRig();
    elsewhere(rig, '1.82.8');
    expect(await rig.toolchain.install(['litellm'])).toMatchObject({ ok: true });
    expect(rig.engine('litellm')).toMatchObject({ state: 'ready', version: '1.109.0', foundIn: 'engines' });
  });

  it('is what a setup replaces, unless the user chose it; then its path stands in the config', async () => {
    const rig = await createRig();
    const file = elsewhere(rig, '1.100.0');
    await rig.toolchain.open();
    expect(rig.configured.litellm).toBeNull();
    expect(await rig.toolchain.lacking()).toEqual({ ok: true, value: both });
    expect(await rig.toolchain.handlers['engines.useFound']({ name: 'litellm' })).toMatchObject({ ok: true });
    expect(rig.configured.litellm).toBe(file);
    expect(rig.engine('litellm')).toMatchObject({
      state: 'ready',
      version: '1.100.0',
      path: file,
      foundIn: 'config',
      hasUpdate: false,
    });
    expect(await rig.toolchain.lacking()).toEqual({ ok: true, value: ['vllm-mlx'] });
    expect(problemOf(await rig.toolchain.handlers['engines.useFound']({ name: 'vllm-mlx' })).code).toBe(
      'engine-missing',
    );
  });

  it('of an engine of ours nothing is chosen', async () => {
    const rig = await createRig();
    await rig.toolchain.install(['litellm']);
    expect(problemOf(await rig.toolchain.handlers['engines.useFound']({ name: 'litellm' })).code).toBe(
      'engine-not-elsewhere',
    );
    expect(rig.configured.litellm).toBeNull();
  });

  it('one click installs what lacks, also in the place of what was found, and not of what was chosen', async () => {
    const rig = await createRig();
    const file = elsewhere(rig, '1.100.0');
    await rig.toolchain.open();
    expect(await rig.toolchain.installFor('vllm-mlx')).toMatchObject({ ok: true });
    await expect.poll(() => rig.toolchain.status().job, { timeout: limitMs }).toBeNull();
    expect(rig.engine('vllm-mlx')).toMatchObject({ foundIn: 'engines' });
    expect(rig.engine('litellm')).toMatchObject({ foundIn: 'engines', version: '1.109.0' });

    const chosen = await createRig({ configured: { litellm: file } });
    await chosen.toolchain.open();
    expect(await chosen.toolchain.installFor('vllm-mlx')).toMatchObject({ ok: true });
    await expect.poll(() => chosen.toolchain.status().job, { timeout: limitMs }).toBeNull();
    expect(chosen.engine('litellm')).toMatchObject({ foundIn: 'config', version: '1.100.0' });
    expect(chosen.environments('litellm')).toEqual([]);
  });

  it('of a path in the config that leads nowhere, nothing is installed instead', async () => {
    const rig = await createRig({ configured: { litellm: '/nowhere/litellm' } });
    expect(problemOf(await rig.toolchain.lacking()).message).toContain('/nowhere/litellm');
  });
});

describe('the options of an engine that is not ours', () => {
  const program = (rig: ToolchainRig, without: readonly string[] = []) =>
    writeEngine({ dir: path.join(rig.root, 'known'), name: 'vllm-mlx', switches: {}, without });

  it('are read from its help once, and kept for the next launch', async () => {
    const rig = await createRig();
    const file = program(rig, ['--prefix-trie-cache']);
    const [options] = await Promise.all([rig.toolchain.optionsOf(file), rig.toolchain.optionsOf(file)]);
    expect(options?.has('continuous-batching')).toBe(true);
    expect(options?.has('prefix-trie-cache')).toBe(false);
    expect(options?.get('reasoning-parser')).toContain('qwen3');
    expect(rig.groups).toHaveLength(1);

    const next = rig.withPins(await pinsWith({}));
    expect(await next.optionsOf(file)).toEqual(options);
    expect(rig.groups).toHaveLength(1);
  });

  it('are read anew when the program was changed', async () => {
    const rig = await createRig();
    await rig.toolchain.optionsOf(program(rig, ['--prefix-trie-cache']));
    const file = program(rig);
    utimesSync(file, 1, 1);
    expect((await rig.toolchain.optionsOf(file))?.has('prefix-trie-cache')).toBe(true);
    expect(rig.groups).toHaveLength(2);
    const kept = rig.read(path.join(rig.paths.home, 'cache', 'engine-options.json'));
    expect(kept.match(/"path"/g)).toHaveLength(1);
  });

  it.each([
    ['one that says something of its own', 'echo "  --help  this help"'],
    ['one that fails', 'exit 2'],
    ['one that hangs', '[ "$1" = serve ] && sleep 600'],
    ['one that never stops talking', 'yes "  --port PORT"'],
  ])('of %s are not known, and it is asked once until the user looks again', async (_, body) => {
    const rig = await createRig({ deps: { helpLimitMs: 700 } });
    const file = path.join(rig.root, 'known', 'vllm-mlx');
    mkdirSync(path.dirname(file), { mode: 0o755 });
    writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    expect(await rig.toolchain.optionsOf(file)).toBeNull();
    expect(await rig.toolchain.optionsOf(file)).toBeNull();
    expect(rig.groups).toHaveLength(1);
    await rig.toolchain.handlers['engines.refresh']({});
    expect(await rig.toolchain.optionsOf(file)).toBeNull();
    // The one between is for its version.
    expect(rig.groups).toHaveLength(3);
  });

  it('are not waited for when the app ends', async () => {
    const rig = await createRig();
    const file = path.join(rig.root, 'known', 'vllm-mlx');
    mkdirSync(path.dirname(file), { mode: 0o755 });
    writeFileSync(file, '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
    const options = rig.toolchain.optionsOf(file);
    await expect.poll(() => rig.groups.length, { timeout: limitMs }).toBe(1);
    await rig.toolchain.close();
    expect(await options).toBeNull();
  });
});

describe('uv', () => {
  it('of the config is used first', async () => {
    const record = path.join(temporaryFolder(), 'record.jsonl');
    const folder = temporaryFolder();
    const rig = await createRig({ configured: { uv: writeUv(folder, { record }) } });
    await rig.toolchain.open();
    expect(rig.toolchain.status().uv).toMatchObject({
      state: 'found',
      path: path.join(folder, 'uv'),
      problem: null,
    });
    expect(await rig.toolchain.install(['litellm'])).toMatchObject({ ok: true });
    expect(readFileSync(record, 'utf8')).toContain('"sync"');
  });

  it('of the config that is not there is said so, and no other is taken for it', async () => {
    const rig = await createRig({ configured: { uv: '/nowhere/uv' } });
    await rig.toolchain.open();
    const problem = {
      code: 'executable-missing',
      message: expect.stringContaining('uv-path in config.yaml'),
    };
    expect(rig.toolchain.status().uv).toMatchObject({ state: 'missing', path: null, problem });
    expect(problemOf(await rig.toolchain.install(['litellm']))).toMatchObject(problem);
  });

  it('that lacked an installation and came later takes the complaint away', async () => {
    const rig = await createRig({ uv: null });
    await rig.toolchain.install(['litellm']);
    expect(rig.toolchain.status().problem?.code).toBe('uv-missing');
    rig.setUv({});
    await rig.toolchain.handlers['engines.refresh']({});
    expect(rig.toolchain.status()).toMatchObject({ uv: { state: 'found' }, problem: null });
  });

  it('is installed by the command that was shown, and found then', async () => {
    const rig = await createRig({ uv: null });
    const made = writeUv(path.join(rig.root, 'made'));
    const command = `mkdir -p "$HOME/.local/bin" && cp '${made}' "$HOME/.local/bin/uv"`;
    const other = await createRig({ root: rig.root, uv: null, deps: { uvInstaller: command } });
    await other.toolchain.open();
    expect(other.toolchain.status().uv).toMatchObject({ state: 'missing', installCommand: command });
    expect(await other.toolchain.handlers['engines.installUv']({})).toEqual({ ok: true, value: {} });
    await expect
      .poll(() => other.toolchain.status(), { timeout: limitMs })
      .toMatchObject({ job: null, problem: null, uv: { state: 'found', version: '0.12.16' } });
  });

  it('that an installer did not bring is said so, with the last it said', async () => {
    const rig = await createRig({
      uv: null,
      deps: { uvInstaller: 'echo "curl: (6) Could not resolve host" >&2; true' },
    });
    await rig.toolchain.handlers['engines.installUv']({});
    await expect
      .poll(() => rig.toolchain.status().problem, { timeout: limitMs })
      .toMatchObject({
        code: 'uv-not-installed',
        message: expect.stringContaining('Could not resolve host'),
      });
  });

  it('that is ended by the user leaves no process', async () => {
    const rig = await createRig({ uv: null, deps: { uvInstaller: 'sleep 600 | sleep 600' } });
    await rig.toolchain.handlers['engines.installUv']({});
    await expect.poll(() => rig.groups.length, { timeout: limitMs }).toBe(1);
    await rig.toolchain.handlers['engines.cancel']({});
    await expect
      .poll(() => rig.toolchain.status(), { timeout: limitMs })
      .toMatchObject({ job: null, problem: null });
  });
});
