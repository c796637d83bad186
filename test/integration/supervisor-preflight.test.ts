/** What is said of a start that cannot succeed, before anything is spawned: programs, models, ports. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '../../src-main/stack/spec.ts';
import { spawnGroup } from '../../src-main/supervisor/child.ts';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import { preflight } from '../../src-main/supervisor/preflight.ts';
import { freePort } from './support/ports.ts';
import { type Helper, startHelper } from './support/processes.ts';
import { createRig, gatewaySpec, type Rig, tierSpec } from './support/rig.ts';

const on = () => 'on' as const;

async function tier(rig: Rig): Promise<ServiceSpec> {
  return tierSpec(rig, { id: 'fast', port: await freePort() });
}

function withExecutable(spec: ServiceSpec, file: string): ServiceSpec {
  const others = spec.requirements.filter(({ kind }) => kind !== 'executable');
  return {
    ...spec,
    executable: { path: file },
    requirements: [{ kind: 'executable', path: file }, ...others],
  };
}

const modelFolderOf = (rig: Rig) => path.join(rig.paths.models, 'fast');

describe('a program', () => {
  it('that was found nowhere is said in the words of the search, and nothing is spawned', async () => {
    const rig = createRig();
    const missing = {
      code: 'engine-missing',
      message: 'vllm-mlx is not installed.',
      hint: 'Install it.',
    };
    rig.supervisor.apply([{ ...(await tier(rig)), executable: { missing } }], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({
      reason: 'executable-missing',
      message: missing.message,
      hint: missing.hint,
    });
    expect(lastFailure?.remedies.map(({ kind }) => kind)).toEqual([
      'install-engine',
      'open-config',
      'start-again',
    ]);
    expect(rig.spawned).toEqual([]);
    expect(rig.failures).toHaveLength(1);
  });

  it.each([
    ['does not exist', (_file: string) => {}],
    ['may not be executed', (file: string) => writeFileSync(file, '#!/bin/sh\n', { mode: 0o644 })],
    ['is a folder', (file: string) => mkdirSync(file)],
  ])('that %s is named, and starts once it is put right', async (_what, make) => {
    const rig = createRig();
    const good = await tier(rig);
    const file = path.join(rig.home, 'engine');
    make(file);
    rig.supervisor.apply([withExecutable(good, file)], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.reason).toBe('executable-missing');
    expect(lastFailure?.message).toContain(file);
    expect(rig.spawned).toEqual([]);

    rmSync(file, { recursive: true, force: true });
    writeFileSync(file, '#!/bin/sh\nexit 2\n');
    chmodSync(file, 0o755);
    rig.supervisor.start('fast');
    await rig.until('fast', (machine) => machine.lastFailure?.reason === 'bad-option');
    expect(rig.spawned).toHaveLength(1);
  });

  it('whose interpreter is missing fails with its own words, not for ever starting', async () => {
    const rig = createRig({ policy: { unstableExitLimit: 2 } });
    const file = path.join(rig.home, 'engine');
    writeFileSync(file, '#!/nonexistent/python3\n', { mode: 0o755 });
    rig.supervisor.apply([withExecutable(await tier(rig), file)], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.reason).toBe('flapping');
    expect(lastFailure?.lastLines.join('\n')).toContain(file);
  });

  it('whose working folder is gone is a failed start, not a crash of ours', async () => {
    const rig = createRig();
    const cwd = path.join(rig.home, 'gone');
    rig.supervisor.apply([{ ...(await tier(rig)), cwd }], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({ reason: 'spawn-failed', hint: expect.stringContaining('folder') });
    expect(lastFailure?.message).toContain(cwd);
    expect(rig.spawned).toEqual([]);
  });

  it('whose options are longer than the system allows is a failed start that says so, and nothing of them', async () => {
    const rig = createRig();
    const spec = await tier(rig);
    rig.supervisor.apply([{ ...spec, args: [...spec.args, 'x'.repeat(4_000_000)] }], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure).toMatchObject({ reason: 'spawn-failed', hint: expect.stringContaining('options') });
    expect(lastFailure?.message).toContain('longer');
    expect(lastFailure?.message.length).toBeLessThan(100);
    expect(rig.spawned).toEqual([]);
  });
});

describe('a model', () => {
  it('that is not there is named with its folder, and starts once it is there', async () => {
    const rig = createRig();
    const spec = await tier(rig);
    rmSync(modelFolderOf(rig), { recursive: true });
    rig.supervisor.apply([spec], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.reason).toBe('model-missing');
    expect(`${lastFailure?.message} ${lastFailure?.hint}`).toContain('test/model');
    expect(lastFailure?.hint).toContain(modelFolderOf(rig));
    expect(rig.spawned).toEqual([]);
    tierSpec(rig, { id: 'fast', port: spec.port });
    rig.supervisor.start('fast');
    await rig.inState('fast', 'healthy');
  });

  it.each([
    ['has no weights', (folder: string) => rmSync(path.join(folder, 'model.safetensors'))],
    ['is still downloading', (folder: string) => writeFileSync(path.join(folder, 'x.partial'), '')],
    ['has a damaged config', (folder: string) => writeFileSync(path.join(folder, 'config.json'), '{')],
  ])('that %s is incomplete', async (_what, damage) => {
    const rig = createRig();
    const spec = await tier(rig);
    damage(modelFolderOf(rig));
    rig.supervisor.apply([spec], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.reason).toBe('model-incomplete');
    expect(rig.spawned).toEqual([]);
  });

  it.each(['custom.py', '../../custom.py', '', 1, {}])(
    'whose config.json names a program of its own (%j) is not started: the engine would run it',
    async (program) => {
      const rig = createRig();
      const spec = await tier(rig);
      const config = path.join(modelFolderOf(rig), 'config.json');
      writeFileSync(config, JSON.stringify({ model_type: 'qwen3', model_file: program }));
      rig.supervisor.apply([spec], on);
      const { lastFailure } = await rig.inState('fast', 'failed');
      expect(lastFailure?.reason).toBe('model-runs-code');
      expect(rig.spawned).toEqual([]);

      writeFileSync(config, JSON.stringify({ model_type: 'qwen3', model_file: null }));
      rig.supervisor.start('fast');
      await rig.inState('fast', 'healthy');
    },
  );

  it('whose auto_map names a program beside it is started: nothing runs that untold, and many models have one', async () => {
    const rig = createRig();
    const spec = await tier(rig);
    const folder = modelFolderOf(rig);
    const config = { model_type: 'qwen3', auto_map: { AutoModel: 'modeling_own.OwnModel' } };
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
    writeFileSync(path.join(folder, 'modeling_own.py'), '');
    rig.supervisor.apply([spec], on);
    await rig.inState('fast', 'healthy');
  });

  it.each([
    ['with a full path', (folder: string) => ['--draft-model', folder]],
    ['with a full path in one argument', (folder: string) => [`--draft-model=${folder}`]],
    [
      'with a path from where the engine runs',
      (folder: string, cwd: string) => ['--draft-model', path.relative(cwd, folder)],
    ],
  ])(
    'is not started when an option names, %s, a folder whose program would be run',
    async (_what, argsOf) => {
      const rig = createRig();
      const spec = await tier(rig);
      const folder = path.join(rig.home, 'draft');
      mkdirSync(folder);
      writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ model_file: 'own.py' }));
      rig.supervisor.apply([{ ...spec, args: [...spec.args, ...argsOf(folder, spec.cwd)] }], on);
      const { lastFailure } = await rig.inState('fast', 'failed');
      expect(lastFailure?.reason).toBe('model-runs-code');
      expect(lastFailure?.message).toContain(folder);
      expect(rig.spawned).toEqual([]);
    },
  );
});

describe('a second model that an option names', () => {
  const config = (text: string) => (rig: ReturnType<typeof createRig>) => {
    const folder = path.join(rig.home, 'draft');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'config.json'), text);
    return ['--mllm-draft-model', folder];
  };

  it.each([
    ['has a config.json that only Python reads', config('{"model_file": "own.py", "eps": NaN}')],
    [
      'has a config.json too large to look at',
      config(`{"model_file": "own.py"${' '.repeat(5 * 1024 ** 2)}}`),
    ],
    ['has a config.json that is none', config('[]')],
    ['has no config.json', (rig: ReturnType<typeof createRig>) => ['--draft-model', rig.home]],
    ['is a name in the cache of the Hugging Face tools', () => ['--mllm-draft-model', 'org/name']],
    ['is such a name in one argument', () => ['--embedding-model=org/name']],
    ['is such a name at an option cut short', () => ['--rerank-m', 'org/name']],
    ['is such a name at an option not known', () => ['--tokenizer', 'org/name']],
    ['is an old name without a slash', () => ['--draft-model', 'gpt2']],
  ])(
    'and that %s is not loaded unchecked: the tier does not start, and is told why',
    async (_what, argsOf) => {
      const rig = createRig();
      const spec = await tier(rig);
      rig.supervisor.apply([{ ...spec, args: [...spec.args, ...argsOf(rig)] }], on);
      const { lastFailure } = await rig.inState('fast', 'failed');
      expect(lastFailure?.reason).toBe('model-runs-code');
      expect(lastFailure?.hint).toMatch(/full path|again/);
      expect(rig.spawned).toEqual([]);
    },
  );

  it('by the full path of a folder that asks for nothing is passed on', async () => {
    const rig = createRig();
    const spec = await tier(rig);
    const checked = await preflight(
      { ...spec, args: [...spec.args, ...config('{"model_type": "qwen3"}')(rig), '--lazy-load-model'] },
      {
        run: async () => ({ exitCode: 0, stdout: '' }),
        nowMs: () => 0,
        previousMayHoldPort: () => false,
        checkModel: async () => null,
      },
    );
    expect(checked).toBeNull();
  });
});

/** A stranger that takes the port after our look at it and before our server is started. */
async function squat(
  port: number,
  answers: boolean,
): Promise<{ readonly stranger: Helper; readonly spawn: typeof spawnGroup }> {
  const stranger = startHelper('./stranger.ts', { host: '127.0.0.1', port, answers, waits: true });
  await stranger.line();
  return {
    stranger,
    async spawn(request) {
      if (request.args.includes(String(port))) {
        stranger.say('listen');
        await stranger.line();
      }
      return await spawnGroup(request);
    },
  };
}

describe('a port', () => {
  it.each([['127.0.0.1'], ['::1']])(
    'taken by a stranger on %s is said with its name and process, and free again it is used',
    async (host) => {
      const rig = createRig();
      const spec = await tier(rig);
      const stranger = startHelper('./stranger.ts', { host, port: spec.port });
      await stranger.line();
      rig.supervisor.apply([spec], on);
      const { lastFailure } = await rig.inState('fast', 'failed');
      expect(lastFailure?.reason).toBe('port-busy');
      expect(lastFailure?.message).toBe(
        `Port ${spec.port} is in use by stranger.ts (process ${stranger.pid}).`,
      );
      expect(lastFailure?.remedies.map(({ kind }) => kind)).toEqual(['use-free-port', 'start-again']);
      expect(rig.spawned).toEqual([]);

      await stranger.kill();
      rig.supervisor.start('fast');
      await rig.inState('fast', 'healthy');
    },
  );

  it('of a stranger, with start, stop and start in one breath, does not leave it starting for ever', async () => {
    const rig = createRig();
    const spec = await tier(rig);
    const stranger = startHelper('./stranger.ts', { host: '127.0.0.1', port: spec.port });
    await stranger.line();
    rig.supervisor.apply([spec], on);
    await rig.inState('fast', 'starting');
    rig.supervisor.stop('fast');
    rig.supervisor.start('fast');
    await rig.inState('fast', 'starting');
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.reason).toBe('port-busy');
  });

  it('squatted between our look and the bind by a silent stranger ends with its name', async () => {
    const port = await freePort();
    const { stranger, spawn } = await squat(port, false);
    const rig = createRig({ spawn });
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port })], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.message).toContain(`stranger.ts (process ${stranger.pid})`);
    expect(rig.states('fast')).not.toContain('healthy');
  });

  it('squatted by one that answers like a model server is not taken for health', async () => {
    const port = await freePort();
    const { stranger, spawn } = await squat(port, true);
    const rig = createRig({ spawn });
    const switches = { bindDelay: 60_000 };
    rig.supervisor.apply([tierSpec(rig, { id: 'fast', port, switches, stopGraceMs: 200 })], on);
    const { lastFailure } = await rig.inState('fast', 'failed');
    expect(lastFailure?.reason).toBe('port-busy');
    expect(lastFailure?.message).toContain(`stranger.ts (process ${stranger.pid})`);
    stranger.say('signals?');
    expect(JSON.parse(await stranger.line())).toEqual([]);
  });

  it.each([
    ['answers in its place', true],
    ['does not answer like a gateway', false],
  ])(
    'of the gateway, taken so late that LiteLLM moves away, by one that %s is noticed',
    async (_what, answers) => {
      const port = await freePort();
      const { stranger, spawn } = await squat(port, answers);
      const rig = createRig({ spawn });
      const switches = { moveFromAnyBusyPort: true };
      const gateway = { ...gatewaySpec(rig, { port, switches }), startLimitMs: 2_500 };
      rig.supervisor.apply([await tier(rig), gateway], on);
      const { lastFailure } = await rig.inState('gateway', 'failed');
      expect(lastFailure?.reason).toBe('gateway-port-moved');
      expect(lastFailure?.remedies.map(({ kind }) => kind)).toContain('use-free-port');
      expect(rig.states('gateway')).not.toContain('healthy');
      expect(rig.machine('fast').state).toBe('healthy');
      stranger.say('signals?');
      expect(JSON.parse(await stranger.line())).toEqual([]);
    },
  );

  it('that is free is not called busy because we were too busy to look', async () => {
    const looking = isPortFree(await freePort());
    // Longer than a connection may take, with nobody to read its outcome.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
    expect(await looking).toBe(true);
  });
});
