/** Typed states of the setup and of the models: every situation that their views must show. */
import type { EngineStatus, EnginesStatus } from '../../src-main/contract/engines.ts';
import type {
  BrowsedModel,
  Download,
  FoundModel,
  InstalledModel,
  ModelInformation,
  ModelsStatus,
} from '../../src-main/contract/models.ts';
import { fail, ok, problem } from '../../src-main/contract/result.ts';
import type { PlannedTier, SetupPlan, SetupStatus, TierWeight } from '../../src-main/contract/setup.ts';
import type { Snapshot } from '../../src-main/contract/status.ts';
import { noModels, noSetup } from '../../src-main/status/no-setup.ts';
import { moment, snapshots } from '../unit/status/snapshots.ts';
import type { OpenOptions } from './renderer-fixture.ts';

const gib = 2 ** 30;
const gb = 1e9;

// ------------------------------------------------------------------ the plan

const speed = (lowTps: number, highTps: number) =>
  ({ lowTps, likelyTps: (lowTps + highTps) / 2, highTps, basis: 'scaled' }) as const;

const alternatives: PlannedTier['alternatives'] = [
  {
    repo: 'mlx-community/Qwen3.6-35B-A3B-4bit',
    modelName: 'Qwen3.6 35B-A3B',
    quant: 'int4',
    memoryBytes: 22.1 * gib,
    speed: speed(50, 100),
    sentence:
      'Qwen3.6 35B-A3B fits: 22.1 GB with a context of 32K; about 50–100 tokens per second (estimate).',
  },
  {
    repo: 'mlx-community/gemma-4-26b-a4b-it-4bit',
    modelName: 'Gemma 4 26B-A4B',
    quant: 'int4',
    memoryBytes: 17.7 * gib,
    speed: speed(50, 100),
    sentence:
      'Gemma 4 26B-A4B fits: 17.7 GB with a context of 32K; about 50–100 tokens per second (estimate).',
  },
];

export const standardTier: PlannedTier = {
  name: 'standard',
  repo: 'mlx-community/Qwen3.8-27B-4bit',
  modelName: 'Qwen3.8 27B',
  quant: 'int4',
  contextTokens: 16_384,
  contextChoices: [4096, 8192, 16_384, 32_768, 65_536],
  memoryBytes: 18.8 * gib,
  weightsBytes: 15.1 * gib,
  downloadBytes: 16.2 * gb,
  speed: speed(13, 22),
  reason:
    'The best model that fits: 18.8 GB with a context of 16K, of 25.6 GB (40% of 64 GB); about 13–22 tokens per second (estimate).',
  problem: null,
  alternatives,
};

export const fastTier: PlannedTier = {
  ...standardTier,
  name: 'fast',
  repo: 'mlx-community/Qwen3.5-4B-4bit',
  modelName: 'Qwen3.5 4B',
  contextTokens: 32_768,
  memoryBytes: 6.5 * gib,
  weightsBytes: 2.4 * gib,
  downloadBytes: 2.6 * gb,
  speed: speed(70, 107),
  reason:
    'About 5.5 times as fast as Qwen3.8 27B: about 70–107 tokens per second (estimate); 6.5 GB with a context of 32K.',
};

export const plan: SetupPlan = {
  machine: {
    chip: 'Apple M2 Max',
    gpuCores: 38,
    memoryBytes: 64 * gib,
    bandwidthGbps: 400,
    gpuLimitBytes: 48 * gib,
    isEstimate: false,
    freeDiskBytes: 412.3 * gb,
  },
  budgetPct: 40,
  budgetBytes: 25.6 * gib,
  budgetWords: '25.6 GB (40% of 64 GB)',
  usedBytes: 25.3 * gib,
  downloadBytes: 18.8 * gb,
  tiers: [standardTier, fastTier],
  notes: [
    'No model for long prompts: 0.3 GB are left, and one that holds 128K needs more. Qwen3.8 27B holds 16K.',
  ],
  problem: null,
};

export const swappedPlan: SetupPlan = {
  ...plan,
  usedBytes: 28.6 * gib,
  tiers: [
    {
      ...standardTier,
      repo: 'mlx-community/Qwen3.6-35B-A3B-4bit',
      modelName: 'Qwen3.6 35B-A3B',
      contextTokens: 32_768,
      memoryBytes: 22.1 * gib,
      speed: speed(50, 100),
      reason: 'Chosen by you.',
    },
    fastTier,
  ],
  problem: problem(
    'over-budget',
    'These models need 28.6 GB together; models may have 25.6 GB (40% of 64 GB).',
    'Choose a smaller context or model, remove one, or give models 45% of the memory.',
  ),
};

export const roomierPlan: SetupPlan = {
  ...swappedPlan,
  budgetPct: 45,
  budgetBytes: 28.8 * gib,
  budgetWords: '28.8 GB (45% of 64 GB)',
  problem: null,
};

const longName = 'An-Extraordinarily-Long-Model-Name-70B-Instruct-2026-11-DWQ-4bit-mixed-precision';

export const longPlan: SetupPlan = {
  ...plan,
  machine: { ...plan.machine, chip: 'Apple M9 Ultra Extreme', isEstimate: true, freeDiskBytes: null },
  tiers: [
    {
      ...standardTier,
      name: 'a-tier-name-of-thirty-two-chars-x',
      modelName: longName,
      repo: `mlx-community/${longName}`,
      downloadBytes: 0,
      problem: problem('no-parser', 'It cannot call tools, which agents need.', 'Choose another model.'),
    },
    fastTier,
  ],
};

// --------------------------------------------------------------------- engines

const engine = (name: EngineStatus['name'], more: Partial<EngineStatus> = {}): EngineStatus => ({
  name,
  state: 'absent',
  version: null,
  path: null,
  foundIn: null,
  pinnedVersion: name === 'vllm-mlx' ? '0.2.9' : '1.84.3',
  hasUpdate: false,
  previousVersion: null,
  problem: null,
  ...more,
});

const uv: EnginesStatus['uv'] = {
  state: 'found',
  version: '0.9.9',
  path: '/Users/ada/.local/bin/uv',
  problem: null,
  installCommand: 'curl -LsSf https://astral.sh/uv/install.sh | sh',
};

export const freshEngines: EnginesStatus = {
  engines: [engine('vllm-mlx'), engine('litellm')],
  uv,
  job: null,
  problem: null,
};

export const withoutUv: EnginesStatus = {
  ...freshEngines,
  engines: [
    engine('vllm-mlx', { state: 'ready', version: '0.2.9', foundIn: 'engines' }),
    engine('litellm', {
      state: 'refused',
      version: '1.82.7',
      foundIn: 'path',
      problem: problem(
        'engine-denied',
        'LiteLLM 1.82.7 carried code that steals passwords.',
        'Let MLX Stack install its own.',
      ),
    }),
  ],
  uv: { ...uv, state: 'missing', version: null, path: null },
};

/** One that was found by chance, and an older one of ours. */
export const olderEngines: EnginesStatus = {
  ...freshEngines,
  engines: [
    engine('vllm-mlx', {
      state: 'unchosen',
      version: '0.2.6',
      path: '/Users/ada/.local/bin/vllm-mlx',
      foundIn: 'known-place',
      problem: problem(
        'engine-not-chosen',
        'It is vllm-mlx 0.2.6, while MLX Stack is made for 0.2.9, and is not used unless you choose it.',
        'Let MLX Stack install its own, or use the one found.',
      ),
    }),
    engine('litellm', {
      state: 'ready',
      version: '1.82.0',
      foundIn: 'engines',
      hasUpdate: true,
      previousVersion: '1.81.0',
    }),
  ],
};

/** The same, and the user has chosen the one that was found. */
export const chosenEngines: EnginesStatus = {
  ...olderEngines,
  engines: olderEngines.engines.map((one) =>
    one.name === 'vllm-mlx' ? { ...one, state: 'ready', foundIn: 'config', problem: null } : one,
  ),
};

export const installingUv: EnginesStatus = {
  ...withoutUv,
  job: {
    kind: 'install-uv',
    engine: null,
    step: 'downloading',
    detail: 'Installing uv',
    fraction: null,
    startedAt: moment,
  },
};

// ------------------------------------------------------------------- downloads

const download = (more: Partial<Download>): Download => ({
  repo: standardTier.repo,
  name: standardTier.modelName,
  state: 'downloading',
  detail: 'Downloading',
  doneBytes: 6.3 * gb,
  totalBytes: 16.2 * gb,
  bytesPerSecond: 84.2e6,
  secondsLeft: 118,
  problem: null,
  ...more,
});

const still = { bytesPerSecond: null, secondsLeft: null } as const;

export const downloads: readonly Download[] = [
  download({}),
  download({
    ...still,
    repo: fastTier.repo,
    name: fastTier.modelName,
    state: 'queued',
    detail: 'Waits for its turn',
    doneBytes: 0,
    totalBytes: null,
  }),
  download({
    ...still,
    repo: 'mlx-community/gemma-4-12b-it-4bit',
    name: 'Gemma 4 12B',
    state: 'paused',
    detail: 'Paused',
    doneBytes: 2.1 * gb,
    totalBytes: 7.4 * gb,
  }),
  download({
    ...still,
    repo: 'mlx-community/gpt-oss-20b-4bit',
    name: 'gpt-oss 20B',
    state: 'waiting',
    detail: 'Waits for the network',
    doneBytes: 9.9 * gb,
    totalBytes: 12.1 * gb,
    problem: problem(
      'offline',
      'Hugging Face cannot be reached.',
      'It goes on by itself when the network is back.',
    ),
  }),
  download({
    ...still,
    repo: `mlx-community/${longName}`,
    name: longName,
    state: 'failed',
    detail: 'Failed',
    doneBytes: 0,
    totalBytes: 39.1 * gb,
    problem: problem(
      'hub-gated',
      'Its makers ask for an account.',
      'Accept their terms at Hugging Face, then give a token of that account.',
    ),
  }),
  download({
    ...still,
    repo: 'mlx-community/Qwen3-0.6B-8bit',
    name: 'Qwen3 0.6B',
    state: 'verifying',
    detail: 'Checking the files',
    doneBytes: 0.6 * gb,
    totalBytes: 0.7 * gb,
  }),
  download({
    ...still,
    repo: 'mlx-community/phi-4-4bit',
    name: 'Phi 4',
    state: 'done',
    detail: 'Done',
    doneBytes: 8.3 * gb,
    totalBytes: 8.3 * gb,
  }),
];

export const busyModels: ModelsStatus = { ...noModels, inventoryRevision: 3, downloads: [...downloads] };

// ------------------------------------------------------------------- the setup

const step = (
  id: SetupStatus['steps'][number]['id'],
  state: SetupStatus['steps'][number]['state'],
  detail = '',
  fraction: number | null = null,
) => ({ id, state, detail, fraction });

export const settingUp: SetupStatus = {
  phase: 'working',
  steps: [
    step('engines', 'done', 'vllm-mlx 0.2.9, litellm 1.84.3', 1),
    step('models', 'working', '0 of 2 models, 6.3 of 18.8 GB', 0.335),
    step('stack', 'waiting'),
    step('start', 'waiting'),
    step('answer', 'waiting'),
  ],
  answer: null,
  problem: null,
};

export const answering: SetupStatus = {
  phase: 'working',
  steps: [
    step('engines', 'done', '', 1),
    step('models', 'done', '2 models', 1),
    step('stack', 'done', '', 1),
    step('start', 'done', '2 of 2 models ready', 1),
    step('answer', 'working', 'Qwen3.8 27B writes', null),
  ],
  answer: {
    tier: 'standard',
    question: 'Say hello in one sentence.',
    text: 'Hello! I am running entirely',
    tokensPerSecond: null,
    isComplete: false,
  },
  problem: null,
};

export const answered: SetupStatus = {
  ...answering,
  phase: 'done',
  steps: answering.steps.map((each) => ({ ...each, state: 'done' as const, fraction: 1 })),
  answer: {
    tier: 'standard',
    question: 'Say hello in one sentence.',
    text: 'Hello! I am running entirely on your Mac, and nothing you ask me leaves it.',
    tokensPerSecond: 18.7,
    isComplete: true,
  },
};

export const setupFailed: SetupStatus = {
  ...settingUp,
  phase: 'failed',
  steps: settingUp.steps.map((each) => (each.id === 'models' ? { ...each, state: 'failed' as const } : each)),
  problem: problem(
    'disk-full',
    'The disk is full: 12.5 GB are still to be downloaded, and 3.1 GB are free.',
    'Empty the Trash or delete what you do not need, then try again.',
  ),
};

// ------------------------------------------------------------------ the models

const installed = (more: Partial<InstalledModel>): InstalledModel => ({
  key: 'key-1',
  name: 'Qwen3.8 27B',
  repo: standardTier.repo,
  place: 'ours',
  folder: '/Users/ada/.mlx-stack/models/mlx-community--Qwen3.8-27B-4bit',
  sizeBytes: 16.2 * gb,
  quant: 'int4',
  contextTokens: 262_144,
  state: 'ready',
  lacks: null,
  tiers: ['standard'],
  isDeletable: false,
  others: [],
  ...more,
});

export const installedModels: readonly InstalledModel[] = [
  installed({}),
  installed({
    key: 'key-2',
    name: 'Qwen3 0.6B',
    repo: 'mlx-community/Qwen3-0.6B-8bit',
    sizeBytes: 0.7 * gb,
    quant: 'int8',
    contextTokens: 40_960,
    tiers: [],
    isDeletable: true,
  }),
  installed({
    key: 'key-3',
    name: longName,
    repo: `mlx-community/${longName}`,
    place: 'lm-studio',
    folder: `/Users/ada/.lmstudio/models/mlx-community/${longName}`,
    sizeBytes: 39.1 * gb,
    quant: 'mixed',
    state: 'unverified',
    tiers: [],
  }),
  installed({
    key: 'key-4',
    name: 'gpt-oss 20B',
    repo: 'mlx-community/gpt-oss-20b-4bit',
    place: 'hugging-face',
    sizeBytes: 9.9 * gb,
    contextTokens: 131_072,
    state: 'incomplete',
    lacks: '1 of 4 files is missing: model-00003-of-00004.safetensors.',
    tiers: [],
  }),
];

export const modelList = {
  models: [...installedModels],
  folders: [
    '/Users/ada/Models',
    `/Volumes/Archive/A folder with a rather long name/${'deeper/'.repeat(12)}models`,
  ],
  freeDiskBytes: 412.3 * gb,
};

const copyOf = ({ others: _others, ...model }: InstalledModel, more: Partial<FoundModel>): FoundModel => ({
  ...model,
  tiers: [],
  isDeletable: false,
  ...more,
});

/** Two models, one of them in three places: a tier uses that of another app. */
const [standardModel, smallModel] = [installed({}), installed({ key: 'key-2', name: 'Qwen3 0.6B' })];
export const copiedList = {
  ...modelList,
  models: [
    {
      ...standardModel,
      place: 'lm-studio' as const,
      folder: `/Users/ada/.lmstudio/models/${standardTier.repo}`,
      others: [
        copyOf(standardModel, { key: 'key-5', isDeletable: true }),
        copyOf(standardModel, {
          key: 'key-6',
          place: 'added',
          folder: `/Volumes/Archive/${'deeper/'.repeat(12)}Qwen3.8-27B-4bit`,
          state: 'incomplete',
          lacks: '1 of 4 files is missing.',
          sizeBytes: 2.1 * gb,
        }),
      ],
    },
    { ...smallModel, repo: 'mlx-community/Qwen3-0.6B-8bit', sizeBytes: 0.7 * gb, tiers: [] },
  ],
};

const browsed = (more: Partial<BrowsedModel>): BrowsedModel => ({
  repo: standardTier.repo,
  name: standardTier.modelName,
  family: 'Qwen',
  quant: 'int4',
  parametersB: 27,
  activeParametersB: null,
  sizeBytes: 16.2 * gb,
  downloads: 184_220,
  contextTokens: 262_144,
  tools: true,
  vision: false,
  thinking: true,
  gated: false,
  isRecommended: true,
  verdict: standardTier.reason,
  fits: true,
  speed: { lowTps: 13, highTps: 22, isMeasured: false },
  installed: false,
  ...more,
});

export const browsedModels: readonly BrowsedModel[] = [
  browsed({}),
  browsed({
    repo: fastTier.repo,
    name: fastTier.modelName,
    parametersB: 4,
    sizeBytes: 2.6 * gb,
    downloads: 92_400,
    verdict: fastTier.reason,
    speed: { lowTps: 70, highTps: 107, isMeasured: false },
  }),
  browsed({
    repo: 'mlx-community/Qwen3.6-35B-A3B-4bit',
    name: 'Qwen3.6 35B-A3B',
    parametersB: 35,
    activeParametersB: 3,
    sizeBytes: 20.4 * gb,
    isRecommended: false,
    downloads: 240_000,
    verdict: alternatives[0]?.sentence ?? null,
    speed: { lowTps: 50, highTps: 100, isMeasured: false },
  }),
  browsed({
    repo: 'mlx-community/gemma-4-12b-it-4bit',
    name: 'Gemma 4 12B',
    family: 'Gemma',
    parametersB: 12,
    sizeBytes: 7.4 * gb,
    downloads: 70_000,
    vision: true,
    isRecommended: false,
    verdict: 'Gemma 4 12B fits: 10.2 GB with a context of 32K; about 30–45 tokens per second (estimate).',
    speed: { lowTps: 30, highTps: 45, isMeasured: false },
  }),
  browsed({
    repo: 'mlx-community/Qwen3-0.6B-8bit',
    name: 'Qwen3 0.6B',
    quant: 'int8',
    parametersB: 0.6,
    sizeBytes: 0.7 * gb,
    downloads: 61_000,
    isRecommended: false,
    tools: false,
    installed: true,
    verdict: 'Qwen3 0.6B fits, but is too small for most work.',
    speed: { lowTps: 281, highTps: 281, isMeasured: true },
  }),
  browsed({
    repo: 'mlx-community/glm-4.5-air-4bit',
    name: 'GLM 4.5 Air',
    family: 'GLM',
    parametersB: 106,
    activeParametersB: 12,
    sizeBytes: 60.2 * gb,
    downloads: 50_000,
    isRecommended: false,
    fits: false,
    speed: null,
    verdict: 'GLM 4.5 Air needs at least 57.9 GB; models may have 25.6 GB (40% of 64 GB).',
  }),
  browsed({
    repo: 'mlx-community/Llama-3.3-70B-Instruct-4bit',
    name: 'Llama 3.3 70B Instruct',
    family: 'Llama',
    parametersB: 70,
    sizeBytes: 39.7 * gb,
    downloads: 44_000,
    gated: true,
    isRecommended: false,
    fits: false,
    speed: null,
    thinking: false,
    verdict: null,
  }),
  ...Array.from({ length: 60 }, (_, index) =>
    browsed({
      repo: `mlx-community/Community-Model-${index}-8B-4bit`,
      name: `Community Model ${index} 8B`,
      family: index % 3 === 0 ? 'Mistral' : null,
      parametersB: 8,
      sizeBytes: index % 4 === 0 ? null : (4 + (index % 7)) * gb,
      downloads: 9_000 - index * 31,
      contextTokens: index % 5 === 0 ? null : 131_072,
      tools: index % 2 === 0,
      thinking: index % 3 === 0,
      isRecommended: false,
      verdict: null,
      fits: index % 6 === 0 ? null : true,
      speed: null,
    }),
  ),
];

/** As many as Hugging Face has. */
export const manyModels: readonly BrowsedModel[] = [
  ...browsedModels,
  ...Array.from({ length: 3000 }, (_, index) =>
    browsed({
      repo: `mlx-community/Generated-${index}`,
      name: `Generated ${index}`,
      family: `Family ${index % 40}`,
      isRecommended: false,
      verdict: null,
      downloads: 3000 - index,
    }),
  ),
];

export const browseLive = {
  models: [...browsedModels],
  source: 'live' as const,
  fetchedAt: moment - 320_000,
  notice: null,
};

export const browseShipped = {
  ...browseLive,
  models: browsedModels.slice(0, 6),
  source: 'shipped' as const,
  fetchedAt: null,
  notice: problem(
    'offline',
    'Hugging Face cannot be reached; this is the list that came with MLX Stack.',
    'Look at the network, then refresh.',
  ),
};

export const information: ModelInformation = {
  repo: standardTier.repo,
  name: standardTier.modelName,
  commit: '0123456789abcdef0123456789abcdef01234567',
  sizeBytes: 16.2 * gb,
  quant: 'int4',
  contextTokens: 262_144,
  memoryBytes: 18.8 * gib,
  atContextTokens: 16_384,
  toolParser: 'hermes',
  reasoningParser: 'qwen3',
  verdict: standardTier.reason,
};

// --------------------------------------------------------------- the situations

export const fresh = (more: Partial<Snapshot> = {}): Snapshot => ({
  ...snapshots.none,
  engines: freshEngines,
  setup: noSetup,
  ...more,
});

/** With a stack in force, seven downloads and all that. */
export const stocked: Snapshot = {
  ...snapshots.healthy,
  engines: freshEngines,
  models: busyModels,
};

export const setupSnapshots = {
  fresh: fresh(),
  missingUv: fresh({ engines: withoutUv }),
  installingUv: fresh({ engines: installingUv }),
  older: fresh({ engines: olderEngines }),
  working: fresh({ setup: settingUp, models: { ...busyModels, downloads: downloads.slice(0, 2) } }),
  answering: { ...snapshots.healthy, engines: freshEngines, setup: answering },
  done: { ...snapshots.healthy, engines: freshEngines, setup: answered },
  failed: fresh({ setup: setupFailed, models: { ...busyModels, downloads: downloads.slice(2, 5) } }),
} as const satisfies Record<string, Snapshot>;

/** Of 64 GB: models may have 25.6 GB, the GPU 48 GB. */
export const weightOf = (memoryGib: number, more: Partial<TierWeight> = {}): TierWeight => ({
  contextTokens: 16_384,
  contexts: [
    { tokens: 8192, memoryBytes: 5.1 * gib, fits: true },
    { tokens: 16_384, memoryBytes: 6.3 * gib, fits: true },
    { tokens: 32_768, memoryBytes: 9.4 * gib, fits: true },
    { tokens: 131_072, memoryBytes: 50.2 * gib, fits: false },
  ],
  memoryBytes: memoryGib * gib,
  sumBytes: (memoryGib + 12) * gib,
  budgetBytes: 25.6 * gib,
  budgetWords: '25.6 GB (40% of 64 GB)',
  gpuLimitBytes: 48 * gib,
  problem: null,
  warning: null,
  ...more,
});

export const notAdmitted = problem(
  'not-enough-memory',
  'fast needs about 9.4 GB, but 41.2 GB of 48 GB are taken.',
  'Use a context of 16K (6.3 GB), stop standard (18.8 GB) first, or start it anyway and expect the Mac to slow down.',
);

export const usualAnswers = {
  'stack.weighTier': ok(weightOf(6.3)),
  'service.readCommand': ok({
    isStarted: true,
    text: "/Users/ada/.mlx-stack/engines/vllm-mlx/bin/vllm-mlx serve '/Users/ada/My Models/x' \\\n  --port 8000\n\n# in /Users/ada/.mlx-stack/run/empty\n# with HOME, PATH",
    problem: null,
  }),
  'setup.plan': ok(plan),
  'models.list': ok(modelList),
  'models.browse': ok(browseLive),
  'models.details': ok(information),
} satisfies OpenOptions['answers'];

export const cannotPlan = fail(
  problem(
    'not-apple-silicon',
    'MLX Stack needs a Mac with Apple silicon; this one has an Intel chip.',
    'Any Mac with an M1 or later will do.',
  ),
);
