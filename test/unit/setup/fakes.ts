/** The doors of setup in memory: each can be told to fail, to wait, and says what was asked of it. */
import type { EngineName } from '../../../src-main/contract/engines.ts';
import type { Download } from '../../../src-main/contract/models.ts';
import { fail, ok, problem, type Result } from '../../../src-main/contract/result.ts';
import type { SetupStatus } from '../../../src-main/contract/setup.ts';
import type { ServiceState, ServiceStatus } from '../../../src-main/contract/status.ts';
import type { MemoryNow } from '../../../src-main/hardware/detect.ts';
import type { AnswerDoor, EnginesDoor, ModelsDoor, StackDoor } from '../../../src-main/setup/deps.ts';
import { createPlanner } from '../../../src-main/setup/facts.ts';
import type { Job } from '../../../src-main/setup/record.ts';
import { createSetup, type Setup } from '../../../src-main/setup/setup.ts';
import type { ModelFolderFacts } from '../../../src-main/stack/model-folder.ts';
import { parseStack } from '../../../src-main/stack/stack-file.ts';
import type { Stack } from '../../../src-main/stack/stack-types.ts';
import { createStatusStore, type StatusStore } from '../../../src-main/status/store.ts';
import { emptySnapshot } from '../../../src-main/supervisor/stack-control.ts';
import type { ServiceView } from '../../../src-main/supervisor/supervisor.ts';
import { loadShipped, machineOf } from '../planner/machines.ts';

/** A door that can be held shut: what is asked waits until it is let through, or its signal says stop. */
export interface Gate {
  hold(): void;
  open(): void;
  /** Resolves once something waits at it. */
  readonly reached: () => Promise<void>;
  pass(signal?: AbortSignal): Promise<'passed' | 'aborted'>;
}

export function createGate(): Gate {
  let held: PromiseWithResolvers<void> | null = null;
  let waiting = Promise.withResolvers<void>();
  return {
    hold() {
      held = Promise.withResolvers();
      waiting = Promise.withResolvers();
    },
    open() {
      held?.resolve();
      held = null;
    },
    reached: () => waiting.promise,
    async pass(signal) {
      waiting.resolve();
      if (held === null) return 'passed';
      const aborted = new Promise<'aborted'>((resolve) => {
        if (signal?.aborted) resolve('aborted');
        signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
      });
      return await Promise.race([held.promise.then(() => 'passed' as const), aborted]);
    },
  };
}

export const folderFacts: ModelFolderFacts = {
  folder: '/models/x',
  state: 'complete',
  lacks: null,
  weightsBytes: 2e9,
  contextTokens: 32_768,
  kv: null,
  vocabularySize: null,
};

export interface World {
  readonly setup: Setup;
  readonly store: StatusStore;
  /** What was asked, in order. */
  readonly calls: string[];
  readonly gates: Readonly<Record<'engines' | 'models' | 'stack' | 'start' | 'answer', Gate>>;
  readonly published: SetupStatus[];
  /** The next call of that name fails with it. */
  readonly failing: Map<string, ReturnType<typeof problem>>;
  readonly lacking: Set<EngineName>;
  readonly onDisk: Set<string>;
  readonly desired: Map<string, 'on' | 'off'>;
  readonly kept: string[];
  readonly paused: string[];
  readonly logged: string[];
  job(): Job | null;
  text(): string;
  setText(text: string): void;
  /** Something that happens just before all is started. */
  onStart(act: () => void): void;
  /** Publishes the service as being in that state. */
  state(id: string, state: ServiceState, more?: Partial<ServiceStatus>): void;
  downloads(downloads: readonly Download[]): void;
  until(condition: (status: SetupStatus) => boolean): Promise<SetupStatus>;
  /** The same home, after a new launch. */
  relaunch(): Promise<World>;
}

export interface WorldOptions {
  readonly text?: string;
  readonly job?: Job | null;
  readonly memoryGb?: number;
  readonly budgets?: number[];
  readonly startWaitMs?: number;
  readonly freeDiskBytes?: number | null;
  /** What the supervisor has. */
  readonly views?: () => readonly ServiceView[];
  readonly memoryNow?: MemoryNow;
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const catalogue = await loadShipped();
  const machine = machineOf('Apple M4 Pro', 20, options.memoryGb ?? 48);
  const store = createStatusStore(
    emptySnapshot({ version: '1', home: '/h', phase: 'running' }, machine.totalBytes, machine.gpuLimitBytes),
  );
  store.update({ gateway: { baseUrl: 'http://127.0.0.1:4000/v1', port: 4000, keyLast4: '' } });
  let text = options.text ?? '';
  let job = options.job ?? null;
  const calls: string[] = [];
  const failing = new Map<string, ReturnType<typeof problem>>();
  const gates = {
    engines: createGate(),
    models: createGate(),
    stack: createGate(),
    start: createGate(),
    answer: createGate(),
  };
  const lacking = new Set<EngineName>(['vllm-mlx', 'litellm']);
  const onDisk = new Set<string>();
  const desired = new Map<string, 'on' | 'off'>();
  const kept: string[] = [];
  const paused: string[] = [];
  const logged: string[] = [];
  const published: SetupStatus[] = [];

  function call(name: string): Result<Record<string, never>> {
    calls.push(name);
    const why = failing.get(name);
    failing.delete(name);
    return why === undefined ? ok({}) : fail(why);
  }
  let beforeStart = () => {};
  const aborted = () => fail(problem('aborted', 'It was aborted.'));

  const engines: EnginesDoor = {
    async lacking() {
      const looked = call('engines.lacking');
      return looked.ok ? ok([...lacking]) : looked;
    },
    async install(names, signal) {
      const begun = call(`engines.install ${names.join(' ')}`);
      if ((await gates.engines.pass(signal)) === 'aborted') return aborted();
      if (begun.ok) for (const name of names) lacking.delete(name);
      return begun;
    },
  };
  const models: ModelsDoor = {
    find: async (source) => (onDisk.has(source) ? folderFacts : null),
    async ensure(repo, signal) {
      if (onDisk.has(repo)) return ok({});
      const begun = call(`models.ensure ${repo}`);
      if (!begun.ok) return begun;
      if ((await gates.models.pass(signal)) === 'aborted') {
        paused.push(repo);
        return aborted();
      }
      onDisk.add(repo);
      return begun;
    },
    describe: async (repo) => fail(problem('hub-missing', `There is no ${repo}.`)),
  };
  const present = (): Stack | null => {
    const parsed = parseStack(text);
    return parsed.ok ? parsed.value.stack : null;
  };
  const allIds = () => [...(present()?.tiers.map(({ name }) => name) ?? []), 'gateway'];
  function publishServices(state: ServiceState, ids: readonly string[]): void {
    for (const id of ids) setState(id, state);
  }
  function setState(id: string, state: ServiceState, more: Partial<ServiceStatus> = {}): void {
    const { services } = store.snapshot();
    const one: ServiceStatus = {
      id,
      kind: id === 'gateway' ? 'gateway' : 'tier',
      name: id,
      model: null,
      port: 8000,
      state,
      desired: 'on',
      detail: 'Loading the model',
      stateSince: 0,
      readySince: null,
      restarts: 0,
      nextStartAt: null,
      latencyMs: null,
      memoryBytes: 0,
      pid: null,
      lastFailure: null,
      ...more,
    };
    const others = services.filter((service) => service.id !== id);
    store.update({ services: [...others, one] });
  }
  const stack: StackDoor = {
    present,
    async replace(next) {
      const begun = call('stack.replace');
      if (!begun.ok) return begun;
      await gates.stack.pass();
      const before = text;
      if (before !== '') kept.push(before);
      text = next;
      return ok({ keptAs: before === '' ? null : `default.yaml.${kept.length}.bak` });
    },
    async edit(change) {
      const begun = call('stack.edit');
      if (!begun.ok) return begun;
      const changed = change(text);
      if (changed.ok) text = changed.value;
      return changed;
    },
    wanted: (tier) => desired.get(tier) ?? 'off',
    async want(changes) {
      const begun = call(`stack.want ${Object.keys(changes).join(' ')}`);
      for (const [name, wanted] of Object.entries(changes)) desired.set(name, wanted);
      return begun;
    },
    async refresh() {
      calls.push('stack.refresh');
    },
    async startAll() {
      beforeStart();
      const begun = call('stack.startAll');
      if (begun.ok) {
        publishServices('starting', allIds());
        void gates.start.pass().then(() => publishServices('healthy', allIds()));
      }
      return begun;
    },
    async start(tier) {
      const begun = call(`stack.start ${tier}`);
      publishServices('healthy', allIds());
      return begun;
    },
    stop: async (service) => call(`stack.stop ${service}`),
    async moveToFreePort(tier) {
      const moved = call(`stack.move ${tier}`);
      if (moved.ok) setState(tier, 'starting');
      return moved;
    },
    isPortFree: async (port) => port !== 8000,
  };
  const ask: AnswerDoor = async ({ tier }, onAnswer, signal) => {
    const begun = call(`ask ${tier}`);
    if (!begun.ok) return begun;
    const counted = { promptTokens: 8, firstTokenMs: 40 };
    onAnswer({ text: 'Hello', tokens: 1, tokensPerSecond: null, ...counted });
    if ((await gates.answer.pass(signal)) === 'aborted') return aborted();
    const whole = { text: 'Hello there', tokens: 2, tokensPerSecond: 41.7, ...counted };
    onAnswer(whole);
    return ok(whole);
  };

  const setup = createSetup({
    status: store,
    engines,
    models,
    stack,
    ask,
    gatewayKey: () => 'key',
    startWaitMs: options.startWaitMs,
    planner: createPlanner({
      hardware: {
        profile: async () =>
          ok({
            chip: machine.chip,
            gpuCores: 20,
            memoryGb: machine.totalBytes / 1024 ** 3,
            bandwidthGbps: machine.bandwidthGbps,
            isEstimate: false,
            profileId: machine.profileId,
          }),
        memory: async () => ({ totalBytes: machine.totalBytes, gpuLimitBytes: machine.gpuLimitBytes }),
      },
      catalogue: async () => catalogue.entries,
      measured: async () => [],
      models,
      settings: () => ({ ranking: 'quality', quant: 'int4', budgetPct: 40, modelDir: '/models' }),
      freeDiskBytes: async () => options.freeDiskBytes ?? null,
      downloads: () => store.snapshot().models.downloads,
    }),
    memory: {
      services: () => options.views?.() ?? [],
      limits: async () => ({ totalBytes: machine.totalBytes, gpuLimitBytes: machine.gpuLimitBytes }),
      now: async () => options.memoryNow ?? null,
      budgetPct: () => 40,
    },
    measuring: { requests: async () => 0, peakMemoryBytes: async () => null, keep: async () => call('keep') },
    record: {
      read: async () => job,
      async write(next) {
        const begun = call(next === null ? 'record.clear' : 'record.write');
        if (begun.ok) job = next;
        return begun;
      },
    },
    async setBudget(pct) {
      options.budgets?.push(pct);
      return call('setBudget');
    },
    publish(status) {
      published.push(status);
      store.update({ setup: status });
    },
    nowMs: () => Date.parse('2026-11-22T10:00:00Z'),
    log: (line) => void logged.push(line),
  });

  return {
    setup,
    store,
    calls,
    gates,
    published,
    failing,
    lacking,
    onDisk,
    desired,
    kept,
    paused,
    logged,
    job: () => job,
    text: () => text,
    setText(next) {
      text = next;
    },
    onStart(act) {
      beforeStart = act;
    },
    state: setState,
    downloads: (downloads) =>
      store.update({ models: { ...store.snapshot().models, downloads: [...downloads] } }),
    until: (condition) =>
      new Promise((resolve) => {
        const { snapshot, unsubscribe } = store.subscribe((_change, now) => look(now.setup));
        function look(status: SetupStatus): void {
          if (!condition(status)) return;
          unsubscribe();
          resolve(status);
        }
        look(snapshot.setup);
      }),
    relaunch: () => createWorld({ ...options, text, job }),
  };
}
