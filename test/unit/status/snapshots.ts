/** Typed snapshots of every situation that the tray and the window must show. */

import type { CloudFigures, CloudStatus } from '../../../src-main/contract/cloud.ts';
import type {
  Failure,
  Notice,
  ServiceState,
  ServiceStatus,
  Snapshot,
} from '../../../src-main/contract/status.ts';
import { noCloud } from '../../../src-main/status/no-cloud.ts';
import { noEngines, noModels, noSetup } from '../../../src-main/status/no-setup.ts';
import { noUpdate } from '../../../src-main/status/no-update.ts';

const gib = 2 ** 30;
/** A fixed moment, so that the texts made from it do not change. */
export const moment = Date.UTC(2026, 10, 22, 9, 41, 0);

const details: Record<ServiceState, string> = {
  stopped: 'Not running',
  waiting: 'Waits for memory',
  starting: 'Loading the model',
  healthy: 'Answers requests',
  degraded: 'Answers slowly',
  unresponsive: 'It will be restarted if this lasts',
  stopping: 'Finishing its requests',
  'backing-off': 'Stopped unexpectedly; starts again after a pause',
  failed: 'The server ended unexpectedly.',
};

export function tier(name: string, state: ServiceState, more: Partial<ServiceStatus> = {}): ServiceStatus {
  const running = state === 'healthy' || state === 'degraded' || state === 'unresponsive';
  return {
    id: name,
    kind: 'tier',
    name,
    model: 'Qwen3-4B-4bit',
    port: 8000,
    state,
    desired: state === 'stopped' || state === 'stopping' ? 'off' : 'on',
    detail: details[state],
    stateSince: moment - 150_000,
    readySince: running ? moment - 150_000 : null,
    restarts: 0,
    nextStartAt: state === 'backing-off' ? moment + 4_000 : null,
    latencyMs: running ? 12 : null,
    memoryBytes: 2.6 * gib,
    pid: running || state === 'starting' ? 4711 : null,
    lastFailure: null,
    ...more,
  };
}

export function gateway(state: ServiceState, more: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    ...tier('gateway', state),
    kind: 'gateway',
    name: 'Gateway',
    model: null,
    port: 4000,
    memoryBytes: 0,
    detail: state === 'starting' ? 'Starting the gateway' : details[state],
    ...more,
  };
}

export function failure(more: Partial<Failure> = {}): Failure {
  return {
    reason: 'exited',
    at: moment - 20_000,
    message: 'The server ended unexpectedly.',
    hint: 'Look at its last lines, then start it again.',
    exit: { code: 1, signal: null },
    lastLines: [],
    remedies: [{ kind: 'start-again', label: 'Start Again' }],
    ...more,
  };
}

const standard = (state: ServiceState, more: Partial<ServiceStatus> = {}) =>
  tier('standard', state, { model: 'Qwen3-30B-A3B-4bit', port: 8001, memoryBytes: 17.2 * gib, ...more });
const longctx = (state: ServiceState, more: Partial<ServiceStatus> = {}) =>
  tier('longctx', state, { model: 'Qwen3-8B-1M-8bit', port: 8002, memoryBytes: 9 * gib, ...more });

function snapshot(services: readonly ServiceStatus[], more: Partial<Snapshot> = {}): Snapshot {
  const planned = services.filter((service) => service.desired === 'on');
  return {
    revision: 1,
    app: { version: '0.1.0', phase: 'running', home: '/Users/ada/.mlx-stack' },
    stack: { kind: 'loaded', name: 'default', intent: 'balanced' },
    gateway: { baseUrl: 'http://127.0.0.1:4000/v1', port: 4000, keyLast4: 'x7Qd' },
    cloud: noCloud,
    models: noModels,
    engines: noEngines,
    setup: noSetup,
    update: noUpdate,
    mac: {
      login: { state: 'off', problem: null },
      power: { source: 'mains', thermal: 'nominal', keepAwake: 'off' },
      memoryPressure: 'normal',
    },
    memory: {
      totalBytes: 64 * gib,
      limitBytes: 48 * gib,
      plannedBytes: planned.reduce((sum, service) => sum + service.memoryBytes, 0),
    },
    services: [...services],
    notices: [],
    ...more,
  };
}

const configNotice: Notice = {
  id: 'config-invalid',
  severity: 'error',
  title: 'The settings file cannot be read',
  message: 'config.yaml, line 3, column 14: “4OOO” is not a port. The last good settings stay in force.',
  action: { kind: 'open-config', label: 'Open the Settings File' },
  dismissible: false,
};

const warningNotice: Notice = {
  id: 'home-repaired',
  severity: 'warning',
  title: 'The MLX Stack folder was readable by others',
  message: 'Its permissions were corrected.',
  action: { kind: 'open-home', label: 'Open the Folder' },
  dismissible: true,
};

const infoNotice: Notice = {
  id: 'stack-reloaded',
  severity: 'info',
  title: 'The stack file was read again',
  message: 'One model was added: longctx.',
  action: null,
  dismissible: true,
};

const portBusy = failure({
  reason: 'port-busy',
  message: 'Port 8001 is in use by Python (pid 812).',
  hint: 'Quit that program, or let this model use another port.',
  exit: null,
  remedies: [
    { kind: 'use-free-port', label: 'Use a Free Port' },
    { kind: 'start-again', label: 'Start Again' },
    { kind: 'open-stack', label: 'Open the Stack File' },
  ],
});

const gpuMemory = failure({
  reason: 'gpu-memory',
  message: 'longctx ran out of GPU memory.',
  hint: 'Close other apps, or choose a smaller model.',
  exit: { code: null, signal: 'SIGABRT' },
  lastLines: [
    'INFO     Loading model mlx-community/Qwen3-8B-1M-8bit',
    'INFO     Context length 1048576, KV cache 4 bit',
    'libc++abi: terminating due to uncaught exception of type std::runtime_error:',
    '[METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory).',
  ],
});

const longName = 'a-tier-name-of-thirty-two-chars-x';
const longModel =
  'mlx-community/An-Extraordinarily-Long-Model-Name-70B-Instruct-2026-11-DWQ-4bit-mixed-precision';

const day = (index: number) => new Date(moment - (29 - index) * 86_400_000).toISOString().slice(0, 10);
const figures = (requests: number, costUsd: number): CloudFigures => ({
  requests,
  failed: Math.floor(requests / 20),
  promptTokens: requests * 1_850,
  completionTokens: requests * 420,
  costUsd,
  estimatedUsd: 0,
  firstByteMs: requests === 0 ? null : 840,
});

export const cloudInUse: CloudStatus = {
  ...noCloud,
  condition: 'ready',
  enabled: true,
  key: { state: 'present', last4: 'c4c4', checkedAt: moment - 90_000, problem: null },
  account: {
    label: 'MLX Stack',
    limitUsd: 20,
    limitLeftUsd: 16.6,
    limitReset: 'monthly',
    usageUsd: 3.4,
    freeTier: false,
    expiresAt: null,
  },
  dailyCapUsd: 2,
  monthlyCapUsd: 20,
  usage: {
    today: figures(3, 0.02),
    month: figures(214, 3.4),
    byModel: [
      { model: '~anthropic/claude-sonnet-latest', today: figures(3, 0.02), month: figures(160, 3.1) },
      { model: '~openai/gpt-mini-latest', today: figures(0, 0), month: figures(54, 0.3) },
    ],
    days: Array.from({ length: 30 }, (_, index) => ({
      day: day(index),
      requests: index % 7 === 5 ? 0 : (index * 7) % 11,
      costUsd: index % 7 === 5 ? 0 : ((index * 7) % 11) * 0.031,
    })),
  },
  models: [
    {
      id: '~anthropic/claude-sonnet-latest',
      name: 'Anthropic: Claude Sonnet (latest)',
      contextTokens: 1_000_000,
      promptUsdPerMillion: 3,
      completionUsdPerMillion: 15,
      listed: true,
    },
    {
      id: '~openai/gpt-mini-latest',
      name: 'OpenAI: GPT mini (latest)',
      contextTokens: 400_000,
      promptUsdPerMillion: 0.25,
      completionUsdPerMillion: 2,
      listed: true,
    },
    {
      id: 'gone/withdrawn-model',
      name: 'gone/withdrawn-model',
      contextTokens: null,
      promptUsdPerMillion: null,
      completionUsdPerMillion: null,
      listed: false,
    },
  ],
};

/** By name; the names appear in test titles and in screenshots. */
export const snapshots = {
  none: snapshot([], {
    stack: { kind: 'none' },
    memory: { totalBytes: 64 * gib, limitBytes: 48 * gib, plannedBytes: 0 },
  }),
  opening: snapshot([], {
    app: { version: '0.1.0', phase: 'starting', home: '/Users/ada/.mlx-stack' },
    stack: { kind: 'none' },
  }),
  off: snapshot([tier('fast', 'stopped'), standard('stopped'), gateway('stopped', { desired: 'off' })]),
  healthy: snapshot([
    tier('fast', 'healthy'),
    standard('healthy', { readySince: moment - 7_500_000, restarts: 1, latencyMs: 31 }),
    longctx('healthy', { readySince: moment - 200_000_000 }),
    gateway('healthy', { readySince: moment - 200_000_000 }),
  ]),
  oneOff: snapshot([tier('fast', 'healthy'), standard('stopped'), gateway('healthy')]),
  slow: snapshot([tier('fast', 'degraded', { latencyMs: 3400 }), standard('healthy'), gateway('healthy')]),
  starting: snapshot([
    tier('fast', 'healthy', { readySince: moment - 4_000 }),
    standard('starting'),
    longctx('waiting'),
    gateway('starting'),
  ]),
  backingOff: snapshot([
    tier('fast', 'backing-off', {
      restarts: 3,
      lastFailure: failure({
        exit: { code: null, signal: 'SIGKILL' },
        lastLines: ['INFO     Request 12 done'],
      }),
    }),
    standard('healthy'),
    gateway('healthy'),
  ]),
  stopping: snapshot([tier('fast', 'stopping'), standard('stopped'), gateway('stopped', { desired: 'off' })]),
  quitting: snapshot([tier('fast', 'stopping', { desired: 'on' }), gateway('stopped', { desired: 'on' })], {
    app: { version: '0.1.0', phase: 'quitting', home: '/Users/ada/.mlx-stack' },
  }),
  mixedFailures: snapshot([
    tier('fast', 'healthy', { restarts: 2, lastFailure: failure() }),
    standard('failed', { lastFailure: portBusy }),
    longctx('failed', { lastFailure: gpuMemory, restarts: 1 }),
    gateway('healthy'),
  ]),
  unresponsive: snapshot([tier('fast', 'unresponsive'), gateway('healthy')]),
  gatewayFailed: snapshot([
    tier('fast', 'healthy'),
    gateway('failed', {
      lastFailure: failure({
        reason: 'port-busy',
        message: 'Port 4000 is in use by node (pid 99).',
        hint: 'Quit that program, or let the gateway use another port.',
        exit: null,
        remedies: [{ kind: 'use-free-port', label: 'Use a Free Port' }],
      }),
    }),
  ]),
  cloud: snapshot([tier('fast', 'healthy'), gateway('healthy')], { cloud: cloudInUse }),
  cloudLocalOnly: snapshot([tier('fast', 'healthy'), gateway('healthy')], {
    cloud: { ...cloudInUse, localOnly: true, condition: 'local-only' },
  }),
  cloudCapped: snapshot([tier('fast', 'healthy'), gateway('healthy')], {
    cloud: {
      ...cloudInUse,
      condition: 'cap-daily',
      usage: { ...cloudInUse.usage, today: figures(31, 2.01) },
    },
  }),
  invalidStack: snapshot([], {
    stack: {
      kind: 'invalid',
      problem: {
        code: 'stack-invalid',
        message: 'stacks/default.yaml, line 7, column 3: there is no key “modle”.',
        hint: 'Did you mean “model”?',
      },
    },
    memory: { totalBytes: 64 * gib, limitBytes: 48 * gib, plannedBytes: 0 },
  }),
  notices: snapshot([tier('fast', 'healthy'), gateway('healthy')], {
    notices: [configNotice, warningNotice, infoNotice],
  }),
  longNames: snapshot([
    tier(longName, 'failed', {
      model: longModel,
      port: 65535,
      restarts: 1204,
      memoryBytes: 128.4 * gib,
      lastFailure: failure({
        message: `The model folder /Users/ada/.mlx-stack/models/${longModel} is incomplete: 14 of 31 files are there.`,
        hint: 'Download it again: the file model-00007-of-00031.safetensors ends too early.',
        lastLines: Array.from({ length: 40 }, (_, line) => `line ${line + 1} ${'x'.repeat(line * 7)}`),
        remedies: [
          { kind: 'reveal-models', label: 'Show the Models Folder' },
          { kind: 'start-again', label: 'Start Again' },
          { kind: 'start-anyway', label: 'Start Anyway' },
        ],
      }),
    }),
    tier('fast', 'healthy', { model: longModel, readySince: moment - 900_000_000 }),
    gateway('healthy'),
  ]),
} as const satisfies Record<string, Snapshot>;

export type SnapshotName = keyof typeof snapshots;
export const snapshotNames = Object.keys(snapshots).filter((name): name is SnapshotName => name in snapshots);
