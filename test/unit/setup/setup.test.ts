/** The way from a choice to a first answer, with every step failing, cancelled and tried again. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type * as z from 'zod';
import { problem } from '../../../src-main/contract/result.ts';
import {
  type SetupStatus,
  type setupCommands,
  setupStatusSchema,
  setupSteps,
} from '../../../src-main/contract/setup.ts';
import type { Failure } from '../../../src-main/contract/status.ts';
import { publishEveryMs } from '../../../src-main/setup/progress.ts';
import { maxPortMoves } from '../../../src-main/setup/steps.ts';
import { createWorld, type World } from './fakes.ts';

type CommandInput = z.input<(typeof setupCommands)['setup.begin']['input']>;

const nine = 'mlx-community/Qwen3.5-9B-4bit';
const small = 'mlx-community/Qwen3-0.6B-4bit';
const choice = (name: string, repo: string, contextTokens: number | null = 8192) => ({
  name,
  repo,
  contextTokens,
});
const input: CommandInput = {
  intent: 'balanced',
  budgetPct: null,
  tiers: [choice('standard', nine), choice('fast', small)],
};

const begin = async (world: World, wanted = input) => {
  const begun = await world.setup.handlers['setup.begin'](wanted);
  if (!begun.ok) throw new Error(begun.error.message);
};
const ended = ({ phase }: SetupStatus) => phase === 'done' || phase === 'failed';
const inWords = (status: SetupStatus) =>
  status.steps.map(({ id, state, detail }) => `${id} ${state}: ${detail}`);
const codeOf = (result: { ok: boolean; error?: { code: string } }) => (result.ok ? null : result.error?.code);

const userFile = `schema_version: 1
tiers: # mine
  - name: standard
    model: old
    source: org/old-4bit
    port: 8000
  - name: extra
    model: extra
    source: org/extra-4bit
    port: 8001
`;

describe('setup', () => {
  it('installs, downloads, writes, starts and asks, in this order', async () => {
    const world = await createWorld();
    await begin(world);
    const status = await world.until(ended);
    setupStatusSchema.parse(status);
    expect(world.calls).toEqual([
      'record.write',
      'engines.lacking',
      'engines.install vllm-mlx litellm',
      `models.ensure ${nine}`,
      `models.ensure ${small}`,
      'stack.want standard fast gateway',
      'stack.replace',
      'stack.refresh',
      'stack.startAll',
      'ask standard',
      'record.clear',
    ]);
    expect(inWords(status)).toEqual([
      'engines done: Installed.',
      'models done: All 2 models are on this Mac.',
      'stack done: Written.',
      'start done: Running.',
      'answer done: 42 tokens per second.',
    ]);
    expect(status.answer).toMatchObject({
      tier: 'standard',
      text: 'Hello there',
      tokensPerSecond: 41.7,
      isComplete: true,
    });
    expect(parse(world.text()).tiers).toMatchObject([
      { name: 'standard', model: 'qwen3.5-9b', source: nine, port: 8001, context: 8192 },
      { name: 'fast', model: 'qwen3-0.6b', source: small, port: 8002, context: 8192 },
    ]);
    expect(Object.fromEntries(world.desired)).toEqual({ standard: 'on', fast: 'on', gateway: 'on' });
    expect(world.job()).toBeNull();
    expect(codeOf(await world.setup.handlers['setup.finish']({}))).toBeNull();
    expect(world.store.snapshot().setup).toEqual({ phase: 'idle', steps: [], answer: null, problem: null });
  });

  it('takes what is there: engines, models, and a stack that says the same', async () => {
    const world = await createWorld();
    await begin(world);
    await world.until(ended);
    await world.setup.handlers['setup.finish']({});
    world.calls.length = 0;
    await begin(world);
    await world.until(ended);
    expect(world.calls).toEqual([
      'record.write',
      'engines.lacking',
      'stack.want standard fast gateway',
      'stack.refresh',
      'stack.startAll',
      'ask standard',
      'record.clear',
    ]);
    expect(world.kept).toEqual([]);
  });

  it('keeps the stack that was there before, and takes over its ports', async () => {
    const world = await createWorld({ text: userFile });
    await begin(world);
    const status = await world.until(ended);
    expect(world.kept).toEqual([userFile]);
    expect(status.steps[2]?.detail).toContain('default.yaml.1.bak');
    expect(parse(world.text()).tiers.map(({ port }: { port: number }) => port)).toEqual([8000, 8001]);
  });

  it('remembers the budget that was chosen', async () => {
    const budgets: number[] = [];
    const world = await createWorld({ budgets });
    await begin(world, { ...input, budgetPct: 55 });
    await world.until(ended);
    expect(budgets).toEqual([55]);
  });

  it.each([
    [
      'over the budget',
      { tiers: [choice('standard', 'mlx-community/Qwen3.8-27B-4bit', 262_144)] },
      'over-budget',
    ],
    ['with a reserved name', { tiers: [choice('gateway', small)] }, 'tier-name-reserved'],
    ['with one name twice', { tiers: [choice('a', small), choice('a', nine)] }, 'tier-name-taken'],
    ['of a model that is nowhere', { tiers: [choice('a', 'org/none')] }, 'hub-missing'],
    ['of something that is no model', { tiers: [choice('a', '../../etc')] }, 'bad-model'],
    ['of a folder that is not there', { tiers: [choice('a', '/Users/me/none')] }, 'model-missing'],
  ])('a choice %s is refused before anything happens', async (_what, part, code) => {
    const world = await createWorld();
    expect(codeOf(await world.setup.handlers['setup.begin']({ ...input, ...part }))).toBe(code);
    expect(world.calls).toEqual([]);
    expect(world.store.snapshot().setup.phase).toBe('idle');
  });

  it('more than the disk holds is refused before anything happens', async () => {
    const world = await createWorld({ freeDiskBytes: 1e9 });
    expect(codeOf(await world.setup.handlers['setup.begin'](input))).toBe('disk-full');
    expect(world.calls).toEqual([]);
  });

  it('is one at a time', async () => {
    const world = await createWorld();
    world.gates.engines.hold();
    await begin(world);
    const { handlers } = world.setup;
    expect(codeOf(await handlers['setup.begin'](input))).toBe('setup-busy');
    expect(codeOf(await handlers['setup.finish']({}))).toBe('setup-busy');
    expect(codeOf(await handlers['setup.retry']({}))).toBe('setup-busy');
    expect(codeOf(await handlers['stack.renameTier']({ name: 'a', newName: 'b' }))).toBe('setup-busy');
    world.gates.engines.open();
    expect((await world.until(ended)).phase).toBe('done');
    const both = await Promise.all([handlers['setup.begin'](input), handlers['setup.begin'](input)]);
    expect(both.map(codeOf)).toEqual([null, 'setup-busy']);
    await world.until(ended);
  });
});

describe('a step that fails', () => {
  const failures = [
    ['engines.lacking', 'engines'],
    ['engines.install vllm-mlx litellm', 'engines'],
    [`models.ensure ${small}`, 'models'],
    ['stack.want standard fast gateway', 'stack'],
    ['stack.replace', 'stack'],
    ['stack.startAll', 'start'],
    ['ask standard', 'answer'],
  ] as const;

  it.each(failures)(
    '%s: is told, leaves nothing half done, and goes on there when tried again',
    async (name, step) => {
      const world = await createWorld({ text: userFile });
      const why = problem('broken', 'It broke.', 'Mend it.');
      world.failing.set(name, why);
      await begin(world);
      const status = await world.until(ended);
      expect(status).toMatchObject({ phase: 'failed', problem: why });
      const at = setupSteps.indexOf(step);
      expect(status.steps.map(({ state }) => state)).toEqual(
        setupSteps.map((_, index) => (index < at ? 'done' : index === at ? 'failed' : 'waiting')),
      );
      if (at < 3) expect(world.text()).toBe(userFile);
      expect(world.job()).not.toBeNull();

      world.calls.length = 0;
      expect(codeOf(await world.setup.handlers['setup.retry']({}))).toBeNull();
      const then = await world.until(ended);
      expect(then).toMatchObject({ phase: 'done', problem: null });
      expect(then.steps.map(({ state }) => state)).toEqual(setupSteps.map(() => 'done'));
      if (at > 0) expect(world.calls).not.toContain('engines.lacking');
      if (at > 2) expect(world.calls).not.toContain('stack.replace');
      expect(world.kept).toEqual([userFile]);
      expect(world.job()).toBeNull();
    },
  );

  it('one download that fails is told at once, while the others go on', async () => {
    const world = await createWorld();
    world.gates.models.hold();
    world.failing.set(`models.ensure ${small}`, problem('hub-gated', 'It is gated.'));
    await begin(world);
    expect((await world.until(ended)).problem?.code).toBe('hub-gated');
    expect(world.paused).toEqual([]);
    world.gates.models.open();
    await world.setup.handlers['setup.retry']({});
    expect((await world.until(ended)).phase).toBe('done');
  });

  it('a model that does not start is told in the words of its failure', async () => {
    const world = await createWorld();
    world.gates.start.hold();
    await begin(world);
    await world.gates.start.reached();
    world.state('standard', 'failed', {
      lastFailure: {
        reason: 'not-enough-memory',
        at: 0,
        message: 'standard needs about 9.2 GB.',
        hint: 'Stop fast first.',
        exit: null,
        lastLines: [],
        remedies: [],
      },
    });
    expect((await world.until(ended)).problem).toEqual({
      code: 'start-failed',
      message: 'standard needs about 9.2 GB.',
      hint: 'Stop fast first.',
    });
  });

  it('a port that somebody took meanwhile is left to them, a few times', async () => {
    const lastFailure: Failure = {
      reason: 'port-busy',
      at: 0,
      message: 'Port 8001 is in use.',
      hint: 'Quit it.',
      exit: null,
      lastLines: [],
      remedies: [],
    };
    const world = await createWorld();
    world.gates.start.hold();
    await begin(world);
    await world.gates.start.reached();
    const moves = () => world.calls.filter((call) => call === 'stack.move standard').length;
    for (let move = 1; move <= maxPortMoves; move += 1) {
      world.state('standard', 'failed', {
        lastFailure,
      });
      await expect.poll(moves).toBe(move);
    }
    world.state('standard', 'failed', { lastFailure });
    expect((await world.until(ended)).problem).toMatchObject({
      code: 'start-failed',
      message: 'Port 8001 is in use.',
    });
    expect(moves()).toBe(maxPortMoves);
    world.gates.start.open();
    await world.setup.handlers['setup.retry']({});
    expect((await world.until(ended)).phase).toBe('done');
  });

  it('a model that the user stops ends the wait for it', async () => {
    const world = await createWorld();
    world.gates.start.hold();
    await begin(world);
    await world.gates.start.reached();
    world.state('standard', 'stopped', { desired: 'off' });
    expect((await world.until(ended)).problem?.code).toBe('start-stopped');
  });

  it('a model that is not in the stack any more is not waited for', async () => {
    const world = await createWorld();
    world.gates.stack.hold();
    await begin(world);
    await world.gates.stack.reached();
    world.gates.stack.open();
    world.onStart(() => world.setText(userFile.replace('name: standard', 'name: elsewhere')));
    expect((await world.until(ended)).problem?.code).toBe('start-not-in-stack');
  });

  it('a start that never ends is given up', async () => {
    const world = await createWorld({ startWaitMs: 30 });
    world.gates.start.hold();
    await begin(world);
    expect((await world.until(ended)).problem?.code).toBe('start-too-slow');
  });

  it('the first model and the gateway are enough; another one may still load', async () => {
    const world = await createWorld();
    world.gates.start.hold();
    await begin(world);
    await world.gates.start.reached();
    world.state('standard', 'degraded');
    world.state('gateway', 'healthy');
    const status = await world.until(ended);
    expect(status.phase).toBe('done');
  });

  it('a choice that cannot be kept is not begun', async () => {
    const world = await createWorld();
    world.failing.set('record.write', problem('disk-full', 'The disk is full.'));
    expect(codeOf(await world.setup.handlers['setup.begin'](input))).toBe('disk-full');
    expect(world.calls).toEqual(['record.write']);
  });
});

describe('cancel', () => {
  it.each(['engines', 'models', 'start', 'answer'] as const)(
    'while %s is at work ends it at once; downloads stay paused',
    async (step) => {
      const world = await createWorld({ text: userFile });
      world.gates[step].hold();
      await begin(world);
      await world.gates[step].reached();
      expect(codeOf(await world.setup.handlers['setup.cancel']({}))).toBeNull();
      expect(world.store.snapshot().setup.phase).toBe('idle');
      expect(world.job()).toBeNull();
      expect(world.paused).toEqual(step === 'models' ? [nine, small] : []);
      const { length } = world.calls;
      world.gates[step].open();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(world.calls).toHaveLength(length);
      expect(world.store.snapshot().setup.phase).toBe('idle');
      if (step === 'engines' || step === 'models') expect(world.text()).toBe(userFile);
      expect(codeOf(await world.setup.handlers['setup.retry']({}))).toBe('setup-nothing-to-retry');
      await begin(world);
      expect((await world.until(ended)).phase).toBe('done');
    },
  );

  it('in the middle of the write leaves a whole file, and nothing follows', async () => {
    const world = await createWorld({ text: userFile });
    world.gates.stack.hold();
    await begin(world);
    await world.gates.stack.reached();
    const cancelled = world.setup.handlers['setup.cancel']({});
    world.gates.stack.open();
    expect(codeOf(await cancelled)).toBeNull();
    expect(parse(world.text()).tiers).toHaveLength(2);
    expect(world.calls).not.toContain('stack.startAll');
  });

  it('of one that failed pauses what it still downloads', async () => {
    const world = await createWorld();
    world.gates.models.hold();
    world.failing.set(`models.ensure ${small}`, problem('hub-gated', 'It is gated.'));
    await begin(world);
    await world.until(ended);
    await world.setup.handlers['setup.cancel']({});
    expect(world.paused).toEqual([nine]);
  });

  it('of nothing is well', async () => {
    const world = await createWorld();
    expect(codeOf(await world.setup.handlers['setup.cancel']({}))).toBeNull();
  });
});

describe('a launch that ends in the middle', () => {
  it.each(['engines', 'models', 'start', 'answer'] as const)(
    'of %s: the next one says so and goes on',
    async (step) => {
      const before = await createWorld();
      before.gates[step].hold();
      await begin(before);
      await before.gates[step].reached();
      await before.setup.close();
      const world = await before.relaunch();
      await world.setup.open();
      expect(world.store.snapshot().setup).toMatchObject({
        phase: 'failed',
        problem: { code: 'setup-interrupted', message: 'Setup was interrupted.' },
        steps: setupSteps.map((id) => ({ id, state: 'waiting' })),
      });
      await world.setup.handlers['setup.retry']({});
      expect((await world.until(ended)).phase).toBe('done');
      expect(parse(world.text()).tiers).toHaveLength(2);
      expect(world.job()).toBeNull();
    },
  );

  it('can be put away', async () => {
    const before = await createWorld();
    before.gates.models.hold();
    await begin(before);
    await before.gates.models.reached();
    await before.setup.close();
    const world = await before.relaunch();
    await world.setup.open();
    await world.setup.handlers['setup.finish']({});
    expect(world.store.snapshot().setup.phase).toBe('idle');
    expect(world.job()).toBeNull();
  });

  it('after all was done is nothing', async () => {
    const world = await createWorld();
    await world.setup.open();
    expect(world.store.snapshot().setup.phase).toBe('idle');
  });
});

describe('progress', () => {
  it('is told in words, a few times a second at most', async () => {
    const world = await createWorld();
    world.gates.models.hold();
    await begin(world);
    await world.gates.models.reached();
    const count = world.published.length;
    const startedMs = performance.now();
    for (let round = 1; round <= 400; round += 1) {
      world.downloads([
        {
          repo: nine,
          name: 'Qwen3.5 9B',
          state: 'downloading',
          detail: 'Downloading',
          doneBytes: round * 1e7,
          totalBytes: 6e9,
          bytesPerSecond: 1e7,
          secondsLeft: 1,
          problem: null,
        },
      ]);
      if (round % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const status = await world.until(
      ({ steps }) => steps[1]?.detail.startsWith('0 of 2 models, 4.0') ?? false,
    );
    const elapsedMs = performance.now() - startedMs;
    expect(world.published.length - count).toBeLessThanOrEqual(Math.ceil(elapsedMs / publishEveryMs) + 1);
    expect(status.steps[1]?.detail).toMatch(/^0 of 2 models, 4\.0 of 6\.3 GB, \d+ minutes left$/);
    expect(status.steps[1]?.fraction).toBeCloseTo(0.63, 1);
    world.gates.models.open();
    await world.until(ended);
  });

  it('of a download that waits says for what', async () => {
    const world = await createWorld();
    world.gates.models.hold();
    await begin(world);
    await world.gates.models.reached();
    const waits = {
      repo: nine,
      name: 'Qwen3.5 9B',
      state: 'waiting',
      detail: 'Waits for the network',
      doneBytes: 0,
      totalBytes: 6e9,
      bytesPerSecond: null,
      secondsLeft: null,
      problem: null,
    } as const;
    world.downloads([waits]);
    const status = await world.until(({ steps }) => steps[1]?.detail.includes('network') ?? false);
    expect(status.steps[1]?.detail).toMatch(/, Waits for the network$/);
    world.gates.models.open();
    await world.until(ended);
  });
});

describe('a change of the stack', () => {
  it('renames at once, and what is wanted goes along', async () => {
    const world = await createWorld({ text: userFile });
    world.desired.set('standard', 'on');
    const renamed = await world.setup.handlers['stack.renameTier']({ name: 'standard', newName: 'smart' });
    expect(codeOf(renamed)).toBeNull();
    expect(world.text()).toBe(userFile.replace('name: standard', 'name: smart'));
    expect(world.calls.slice(0, 3)).toEqual(['stack.want smart', 'stack.edit', 'stack.refresh']);
    expect(Object.fromEntries(world.desired)).toEqual({ smart: 'on', standard: 'off' });
    const { handlers } = world.setup;
    expect(codeOf(await handlers['stack.renameTier']({ name: 'none', newName: 'x' }))).toBe('unknown-tier');
    expect(codeOf(await handlers['stack.renameTier']({ name: 'smart', newName: 'extra' }))).toBe(
      'tier-name-taken',
    );
    expect(codeOf(await handlers['stack.renameTier']({ name: 'smart', newName: '../x' }))).toBe(
      'tier-name-invalid',
    );
    expect(world.desired.has('x')).toBe(false);
  });

  it('removes at once; the last one that runs takes the gateway with it', async () => {
    const world = await createWorld({ text: userFile });
    world.desired.set('standard', 'on').set('gateway', 'on');
    expect(codeOf(await world.setup.handlers['stack.removeTier']({ name: 'standard' }))).toBeNull();
    expect(parse(world.text()).tiers).toHaveLength(1);
    expect(world.calls.at(-1)).toBe('stack.stop gateway');
    expect(codeOf(await world.setup.handlers['stack.removeTier']({ name: 'extra' }))).toBe('last-tier');
  });

  it('with a model that is there is made at once, on when others are on', async () => {
    const world = await createWorld({ text: userFile });
    world.onDisk.add(nine);
    world.desired.set('extra', 'on');
    expect(codeOf(await world.setup.handlers['stack.addTier'](choice('third', nine, null)))).toBeNull();
    expect(parse(world.text()).tiers[2]).toMatchObject({
      name: 'third',
      source: nine,
      port: 8002,
      context: 32_768,
    });
    expect(world.desired.get('third')).toBe('on');
    expect(codeOf(await world.setup.handlers['stack.swapModel'](choice('extra', nine, 4096)))).toBeNull();
    expect(parse(world.text()).tiers[1]).toMatchObject({ source: nine, context: 4096 });
    expect(world.store.snapshot().setup.phase).toBe('idle');
    expect(world.job()).toBeNull();
  });

  it('with a model that lacks waits for it while the old one serves, and is gone when it is made', async () => {
    const world = await createWorld({ text: userFile });
    world.desired.set('standard', 'on');
    world.gates.models.hold();
    expect(codeOf(await world.setup.handlers['stack.swapModel'](choice('standard', nine)))).toBeNull();
    await world.gates.models.reached();
    expect(world.store.snapshot().setup).toMatchObject({
      phase: 'working',
      steps: [{ id: 'models' }, { id: 'stack' }, { id: 'start' }],
    });
    expect(world.text()).toBe(userFile);
    world.gates.models.open();
    const status = await world.until(({ phase }) => phase !== 'working');
    expect(status).toEqual({ phase: 'idle', steps: [], answer: null, problem: null });
    expect(parse(world.text()).tiers[0]).toMatchObject({ name: 'standard', source: nine });
    expect(world.calls).toContain('stack.start standard');
    expect(world.kept).toEqual([]);
  });

  it('that waits for its model keeps nobody from other changes, and fails in words when its tier has gone', async () => {
    const world = await createWorld({ text: userFile });
    const { handlers } = world.setup;
    world.gates.models.hold();
    await handlers['stack.swapModel'](choice('standard', nine));
    await world.gates.models.reached();
    expect(codeOf(await handlers['stack.addTier'](choice('third', small)))).toBe('setup-busy');
    expect(codeOf(await handlers['stack.renameTier']({ name: 'extra', newName: 'other' }))).toBeNull();
    expect(codeOf(await handlers['stack.removeTier']({ name: 'standard' }))).toBeNull();
    world.gates.models.open();
    const status = await world.until(({ phase }) => phase !== 'working');
    expect(status).toMatchObject({ phase: 'failed', problem: { code: 'unknown-tier' } });
    expect(parse(world.text()).tiers).toMatchObject([{ name: 'other' }]);
  });

  it('that waits for its model survives a launch', async () => {
    const before = await createWorld({ text: userFile });
    before.gates.models.hold();
    await before.setup.handlers['stack.addTier'](choice('third', nine));
    await before.gates.models.reached();
    await before.setup.close();
    const world = await before.relaunch();
    await world.setup.open();
    expect(world.store.snapshot().setup.problem?.code).toBe('setup-interrupted');
    await world.setup.handlers['setup.retry']({});
    await world.until(({ phase }) => phase === 'idle');
    expect(parse(world.text()).tiers).toHaveLength(3);
  });

  it('that this Mac can never run, or the disk not hold, or that is no name is refused in numbers', async () => {
    const world = await createWorld({ text: userFile, memoryGb: 16, freeDiskBytes: 1e9 });
    const { handlers } = world.setup;
    const large = await handlers['stack.addTier'](choice('x', 'mlx-community/Qwen3.8-27B-4bit', 4096));
    expect(codeOf(large)).toBe('too-large');
    expect(!large.ok && large.error.message).toMatch(
      /needs [\d.]+ GB; the GPU of this Mac may use [\d.]+ GB/,
    );
    expect(codeOf(await handlers['stack.addTier'](choice('x', nine, 4096)))).toBe('disk-full');
    expect(codeOf(await handlers['stack.addTier'](choice('extra', small)))).toBe('tier-name-taken');
    expect(codeOf(await handlers['stack.addTier'](choice('a b', small)))).toBe('tier-name-invalid');
    expect(codeOf(await handlers['stack.swapModel'](choice('none', small)))).toBe('unknown-tier');
    expect(world.text()).toBe(userFile);
    const none = await createWorld();
    expect(codeOf(await none.setup.handlers['stack.addTier'](choice('x', small)))).toBe('no-stack');
  });
});

describe('the plan', () => {
  it('is answered for the recommended and for a choice', async () => {
    const world = await createWorld();
    const recommended = await world.setup.handlers['setup.plan']({ ...input, tiers: null });
    if (!recommended.ok) throw new Error(recommended.error.message);
    expect(recommended.value.tiers[0]).toMatchObject({ name: 'standard', problem: null });
    expect(recommended.value.budgetPct).toBe(40);
    world.onDisk.add(nine);
    const chosen = await world.setup.handlers['setup.plan']({ ...input, budgetPct: 60 });
    if (!chosen.ok) throw new Error(chosen.error.message);
    expect(chosen.value.budgetPct).toBe(60);
    expect(chosen.value.tiers.map(({ downloadBytes }) => downloadBytes > 0)).toEqual([false, true]);
  });
});
