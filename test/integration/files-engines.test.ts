/** Finding engines and models on a real disk: only what is whole and what no other user can change. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createExecutableFinder, type RunProgram } from '../../src-main/stack/executables.ts';
import {
  findModel,
  findModels,
  inspectModelFolder,
  modelFolderCandidates,
} from '../../src-main/stack/model-folder.ts';
import { uvFolders } from '../../src-main/toolchain/uv.ts';

let root = '';
beforeEach(async () => {
  root = await fs.realpath(await fs.mkdtemp(path.join(tmpdir(), 'mlx-stack-engines-')));
});
afterEach(() => fs.rm(root, { recursive: true, force: true }));
const at = (...parts: string[]) => path.join(root, ...parts);

async function program(file: string, mode = 0o755, text = '#!/bin/sh\nexit 0\n'): Promise<string> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, text);
  await fs.chmod(file, mode);
  return file;
}

describe('engines', () => {
  const noShell: RunProgram = async () => null;
  const finder = (env: Record<string, string> = {}, run: RunProgram = noShell) =>
    createExecutableFinder({
      userHome: at('user'),
      engines: at('engines'),
      env,
      run,
      knownFolders: () => [at('known')],
    });

  async function outcome(found: Promise<object>): Promise<string> {
    const result = await found;
    if ('path' in result && 'foundIn' in result)
      return `${String(result.foundIn)} ${path.relative(root, String(result.path))}`;
    return 'missing' in result ? `missing: ${JSON.stringify(result.missing)}` : 'neither';
  }

  test('are taken from the first place that has them', async () => {
    const shellPath = at('shell-bin');
    const run = vi.fn<RunProgram>(async ({ args }) => {
      const marker = /echo (\w+)/.exec(args[1] ?? '')?.[1] ?? '';
      return `motd: welcome\n${marker}\n${shellPath}:relative:/nowhere\n${marker}\nbye\n`;
    });
    const env = { SHELL: await program(at('bin', 'zsh')), PATH: `bin:.::${at('path-bin')}` };
    const find = () => outcome(finder(env, run).find('litellm', null));

    expect(await find()).toContain('missing: {"code":"engine-missing"');
    await program(at('path-bin', 'litellm'));
    expect(await find()).toBe('path path-bin/litellm');
    await program(path.join(shellPath, 'litellm'));
    expect(await find()).toBe('login-shell shell-bin/litellm');
    run.mockClear();
    await program(at('known', 'litellm'));
    expect(await find()).toBe('known-place known/litellm');
    await program(at('engines', 'litellm', '1.2', 'bin', 'litellm'));
    await fs.symlink('1.2', at('engines', 'litellm', 'current'));
    expect(await find()).toBe('engines engines/litellm/1.2/bin/litellm');
    await program(at('own', 'litellm'));
    expect(await outcome(finder(env, run).find('litellm', at('own', 'litellm')))).toBe('config own/litellm');
    expect(run).not.toHaveBeenCalled();
  });

  test('uv is taken from its known places in their order, and else from where the login shell has it', async () => {
    const home = at('user');
    const cargo = path.join(home, '.cargo', 'bin');
    const local = path.join(home, '.local', 'bin');
    const shellPath = at('shell-bin');
    const run: RunProgram = async ({ args, timeoutMs }) => {
      expect(timeoutMs).toBeLessThanOrEqual(10_000);
      const marker = /echo (\w+)/.exec(args[1] ?? '')?.[1] ?? '';
      return `${marker}\n${shellPath}\n${marker}\n`;
    };
    const shell = { SHELL: await program(at('bin', 'zsh')) };
    // Whatever this machine has at the places of Homebrew and MacPorts is none of the test's.
    const folders = uvFolders(home).filter((folder) => folder.startsWith(home));
    expect(folders).toEqual([local, cargo]);
    expect(uvFolders(home)).toEqual(
      expect.arrayContaining(['/opt/homebrew/bin', '/usr/local/bin', '/opt/local/bin']),
    );
    const find = () => outcome(finder(shell, run).findTool('uv', folders, null));
    expect(await find()).toContain('missing');
    await program(path.join(shellPath, 'uv'));
    expect(await find()).toBe('login-shell shell-bin/uv');
    await program(path.join(cargo, 'uv'));
    expect(await find()).toBe('known-place user/.cargo/bin/uv');
    await program(path.join(local, 'uv'));
    expect(await find()).toBe('known-place user/.local/bin/uv');
  });

  test('a configured path is the only place, and says what is wrong with it', async () => {
    await program(at('known', 'vllm-mlx'));
    const said = async (file: string) => outcome(finder().find('vllm-mlx', file));
    expect(await said(at('no', 'vllm-mlx'))).toContain('does not exist');
    expect(await said(root)).toContain('is not a file');
    expect(await said(await program(at('a', 'vllm-mlx'), 0o644))).toContain('may not be executed');
    expect(await said(await program(at('b', 'vllm-mlx'), 0o757))).toContain('can be changed by every user');
    await program(at('c', 'vllm-mlx'));
    await fs.chmod(at('c'), 0o777);
    expect(await said(at('c', 'vllm-mlx'))).toContain('lies in a folder that can be changed by every user');
    await fs.symlink(at('c', 'vllm-mlx'), at('a', 'link'));
    expect(await said(at('a', 'link'))).toContain('lies in a folder that');
    expect(await said('vllm-mlx')).toContain('does not exist');
    expect(await said('/bin/sh\0')).toContain('does not exist');
  });

  test('a place that others can write to is passed over, and named when nothing else is found', async () => {
    await program(at('known', 'litellm'), 0o777);
    const env = { PATH: at('good') };
    expect(await outcome(finder(env).find('litellm', null))).toContain(
      'known/litellm can be changed by every user of this Mac and is not used',
    );
    await program(at('good', 'litellm'));
    expect(await outcome(finder(env).find('litellm', null))).toBe('path good/litellm');
  });

  test('of ours run only out of their own folder, wherever a link leads', async () => {
    const id = '1.109.0-0000abcd';
    const own = await program(at('engines', 'litellm', id, 'bin', 'litellm'));
    const current = at('engines', 'litellm', 'current');
    const elsewhere = path.dirname(path.dirname(await program(at('elsewhere', 'bin', 'litellm'))));
    await program(at('engines', 'other', 'bin', 'litellm'));
    await fs.symlink(id, current);
    expect(await outcome(finder().find('litellm', null))).toBe(`engines engines/litellm/${id}/bin/litellm`);
    for (const target of [elsewhere, '../../elsewhere', '../other']) {
      await fs.rm(current);
      await fs.symlink(target, current);
      expect(await outcome(finder().find('litellm', null))).toContain('outside of the folder of the engines');
    }
    await fs.rm(current);
    await fs.symlink(id, current);
    await fs.rm(own);
    await fs.symlink(at('elsewhere', 'bin', 'litellm'), own);
    expect(await outcome(finder().find('litellm', null))).toContain('outside of the folder of the engines');
  });

  test('a program that another user owns, or that a group can change, is not used', async () => {
    const file = await program(at('known', 'litellm'), 0o775);
    const { uid, gid } = await fs.stat(file);
    const found = (users: readonly number[], groups: readonly number[]) =>
      outcome(
        createExecutableFinder({
          userHome: at('user'),
          engines: at('engines'),
          env: {},
          run: noShell,
          knownFolders: () => [at('known')],
          trusted: { users, groups },
        }).find('litellm', null),
      );
    expect(await found([uid], [gid])).toBe('known-place known/litellm');
    expect(await found([uid], [gid + 1])).toContain('known/litellm can be changed by a group of users');
    expect(await found([uid + 1], [gid])).toContain('known/litellm belongs to another user of this Mac');
    await fs.chmod(file, 0o755);
    expect(await found([uid], [gid + 1])).toBe('known-place known/litellm');
    await fs.chmod(at('known'), 0o775);
    expect(await found([uid], [gid + 1])).toContain('lies in a folder that can be changed by a group');
  });

  test('a link into a tool environment, as uv makes it, is used by the name of the link', async () => {
    await program(at('tools', 'litellm', 'bin', 'litellm'));
    await fs.mkdir(at('known'));
    await fs.symlink(at('tools', 'litellm', 'bin', 'litellm'), at('known', 'litellm'));
    expect(await outcome(finder().find('litellm', null))).toBe('known-place known/litellm');
  });

  test('the login shell is asked once, until it is forgotten, and only when it is a program', async () => {
    const run = vi.fn<RunProgram>(async () => 'no marker here');
    const asking = finder({ SHELL: await program(at('bin', 'zsh')) }, run);
    await Promise.all([asking.find('litellm', null), asking.find('vllm-mlx', null)]);
    await asking.find('litellm', null);
    expect(run).toHaveBeenCalledTimes(1);
    expect(run.mock.calls[0]?.[0]).toMatchObject({ args: ['-ilc', expect.any(String)], timeoutMs: 10_000 });
    asking.forgetLoginPath();
    await asking.find('litellm', null);
    expect(run).toHaveBeenCalledTimes(2);
    for (const SHELL of ['', 'zsh', '/no/such/shell', root])
      await finder({ SHELL }, run).find('litellm', null);
    expect(run).toHaveBeenCalledTimes(2);
  });

  test('a shell whose answer never ends, fails or is garbage finds nothing and holds nothing up', async () => {
    const SHELL = await program(at('bin', 'zsh'));
    for (const run of [
      async () => {
        throw new Error('cannot spawn');
      },
      async () => '\0'.repeat(1000),
      async () => '',
    ]) {
      expect(await outcome(finder({ SHELL }, run).find('litellm', null))).toContain('missing');
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const never = outcome(finder({ SHELL }, () => new Promise(() => undefined)).find('litellm', null));
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), 10_000);
      vi.advanceTimersByTime(11_000);
      expect(await never).toContain('missing');
    } finally {
      vi.useRealTimers();
    }
  });

  test('a real shell prints the PATH of its login files', async () => {
    await program(at('from-profile', 'litellm'));
    await fs.mkdir(at('user'));
    await fs.writeFile(at('user', '.profile'), `echo noise\nexport PATH="${at('from-profile')}:$PATH"\n`);
    const run: RunProgram = ({ file, args, env }) =>
      new Promise((resolve) => {
        const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
        let output = '';
        child.stdout.on('data', (chunk) => {
          output += String(chunk);
        });
        child.on('close', () => resolve(output));
        child.on('error', () => resolve(null));
      });
    const found = finder({ SHELL: '/bin/sh', HOME: at('user') }, run).find('litellm', null);
    expect(await outcome(found)).toBe('login-shell from-profile/litellm');
  });
});

describe('models', () => {
  const config = JSON.stringify({ model_type: 'qwen3', max_position_embeddings: 40_960 });

  async function folder(name: string, files: Record<string, string | number>): Promise<string> {
    await fs.mkdir(at(name), { recursive: true });
    for (const [file, content] of Object.entries(files)) {
      await fs.writeFile(at(name, file), typeof content === 'number' ? Buffer.alloc(content, 1) : content);
    }
    return at(name);
  }

  const index = (names: string[], totalSize?: number) =>
    JSON.stringify({
      metadata: totalSize === undefined ? {} : { total_size: totalSize },
      weight_map: Object.fromEntries(names.map((name, number) => [`layer.${number}`, name])),
    });

  test('a whole model, in one file and in several', async () => {
    const one = await folder('one', { 'config.json': config, 'model.safetensors': 100 });
    expect(await inspectModelFolder(one)).toEqual({
      folder: one,
      state: 'complete',
      lacks: null,
      weightsBytes: 100,
      contextTokens: 40_960,
      kv: null,
      vocabularySize: null,
    });
    const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    const two = await folder('two', {
      'config.json': JSON.stringify({
        vocab_size: 151_936,
        text_config: {
          max_position_embeddings: 262_144,
          num_hidden_layers: 4,
          num_key_value_heads: 4,
          head_dim: 128,
        },
      }),
      'model.safetensors.index.json': index(names, 190),
      [names[0] ?? '']: 100,
      [names[1] ?? '']: 100,
      'tokenizer.json': 50,
    });
    expect(await inspectModelFolder(two)).toMatchObject({
      state: 'complete',
      weightsBytes: 200,
      contextTokens: 262_144,
      kv: { bytesPerToken: 8192, slidingBytesPerToken: 0, slidingWindowTokens: 0, fixedBytes: 0 },
      vocabularySize: 151_936,
    });
  });

  test('links to files, as in the cache of the Hugging Face tools, count as the files', async () => {
    await folder('blobs', { abc: 300, def: config });
    await fs.mkdir(at('snapshot'));
    await fs.symlink('../blobs/abc', at('snapshot', 'model.safetensors'));
    await fs.symlink('../blobs/def', at('snapshot', 'config.json'));
    expect(await inspectModelFolder(at('snapshot'))).toMatchObject({ state: 'complete', weightsBytes: 300 });
    await fs.rm(at('blobs', 'abc'));
    expect(await inspectModelFolder(at('snapshot'))).toMatchObject({ state: 'incomplete' });
  });

  const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  test.each<[string, Record<string, string | number>, string]>([
    ['an empty folder', {}, 'config.json is missing'],
    ['no weights', { 'config.json': config, 'tokenizer.json': 5 }, 'weights are missing'],
    [
      'a download that is not finished',
      { 'config.json': config, 'model.safetensors': 5, 'x.safetensors.partial': 1 },
      'not finished',
    ],
    [
      'an interrupted download of another tool',
      { 'config.json': config, 'model.safetensors': 5, 'abc.incomplete': 1 },
      'not finished',
    ],
    [
      'a missing shard',
      { 'config.json': config, 'model.safetensors.index.json': index(shards), [shards[0] ?? '']: 5 },
      '1 of 2 weight files',
    ],
    ['a shard of several without index', { 'config.json': config, [shards[0] ?? '']: 5 }, 'index'],
    ['an empty weight file', { 'config.json': config, 'model.safetensors': 0 }, 'empty'],
    [
      'weights shorter than their index says',
      {
        'config.json': config,
        'model.safetensors.index.json': index(['model.safetensors'], 100),
        'model.safetensors': 99,
      },
      'cut off',
    ],
    ['a damaged config', { 'config.json': '{"a":', 'model.safetensors': 5 }, 'config.json is damaged'],
    ['a config that is a list', { 'config.json': '[]', 'model.safetensors': 5 }, 'config.json is damaged'],
    [
      'a damaged index',
      { 'config.json': config, 'model.safetensors.index.json': '{', 'model.safetensors': 5 },
      'index',
    ],
    [
      'an index that points out of the folder',
      {
        'config.json': config,
        'model.safetensors.index.json': index(['../outside.safetensors']),
        'model.safetensors': 5,
      },
      '1 of 1 weight files',
    ],
    [
      'an index of numbers',
      {
        'config.json': config,
        'model.safetensors.index.json': '{"weight_map":{"a":1}}',
        'model.safetensors': 5,
      },
      '1 of 1 weight files',
    ],
  ])('%s is no model', async (_what, files, lacks) => {
    const facts = await inspectModelFolder(await folder('m', files));
    expect(facts.state).toBe('incomplete');
    expect(facts.lacks).toContain(lacks);
  });

  test.each(['-1', '1.5', '"40960"', '1e300', 'null', '[]'])('a context of %s is unknown', async (value) => {
    const m = await folder('m', {
      'config.json': `{"max_position_embeddings": ${value}}`,
      'model.safetensors': 5,
    });
    expect(await inspectModelFolder(m)).toMatchObject({ state: 'complete', contextTokens: null });
  });

  test('a missing folder, a file in its place and a huge config', async () => {
    expect(await inspectModelFolder(at('no'))).toMatchObject({ state: 'absent', weightsBytes: 0 });
    await fs.writeFile(at('file'), 'x');
    expect((await inspectModelFolder(at('file'))).state).toBe('absent');
    const huge = await folder('huge', {
      'config.json': `{"a":"${'x'.repeat(5 * 1024 * 1024)}"}`,
      'model.safetensors': 5,
    });
    expect((await inspectModelFolder(huge)).lacks).toBe('config.json is damaged');
  });

  test('folders are looked for by repository, then by model, never outside the folder of models', async () => {
    expect(modelFolderCandidates({ source: 'org/Name-4bit', model: 'name' }, '/m')).toEqual([
      '/m/Name-4bit',
      '/m/name',
    ]);
    expect(modelFolderCandidates({ source: 'org/Name', model: '../../etc' }, '/m')).toEqual(['/m/Name']);
    for (const model of ['..', '.', '.hidden', 'a/b', 'a\0', '-x', '', 'Qwen3 0.6B', 'x'.repeat(300)]) {
      expect(modelFolderCandidates({ source: 'org/Name', model }, '/m')).toEqual(['/m/Name']);
    }
    expect(modelFolderCandidates({ source: '/other/disk/model', model: 'name' }, '/m')).toEqual([
      '/other/disk/model',
    ]);
    await folder('by-id', { 'config.json': config, 'model.safetensors': 7 });
    expect(await findModel({ source: 'org/by-repo', model: 'by-id' }, root)).toMatchObject({
      folder: at('by-id'),
      state: 'complete',
    });
    expect(await findModel({ source: 'org/by-repo', model: 'none' }, root)).toMatchObject({
      folder: at('by-repo'),
      state: 'absent',
    });
  });

  test('facts of a whole stack are gathered by tier name', async () => {
    await folder('A', { 'config.json': config, 'model.safetensors': 7 });
    const tier = { model: 'x', quant: null, flags: new Map(), displayName: null, context: null };
    const facts = await findModels(
      [
        { ...tier, name: 'one', source: 'org/A', port: 1 },
        { ...tier, name: 'two', source: 'org/B', port: 2 },
      ],
      root,
    );
    expect(Object.entries(facts).map(([name, { state }]) => [name, state])).toEqual([
      ['one', 'complete'],
      ['two', 'absent'],
    ]);
  });
});
