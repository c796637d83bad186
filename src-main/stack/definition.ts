/** From config, stack and facts to what the supervisor runs. Pure: the same input gives the same services. */
import { createHash } from 'node:crypto';
import type { Config } from '../config/config-keys.ts';
import { type Problem, problem } from '../contract/result.ts';
import type { Paths } from '../paths.ts';
import { stackWords } from '../words/index.ts';
import {
  childEnvironment,
  litellmEnvironment,
  type UserEnvironment,
  vllmMlxEnvironment,
} from './child-environment.ts';
import type { EngineOptions } from './engine-flags.ts';
import { gatewayConfig, relaySecretVariable } from './gateway-config.ts';
import { contextSteps } from './memory.ts';
import { candidatePorts } from './ports.ts';
import type { ContextChoice, Requirement, ServiceSpec } from './spec.ts';
import type { Stack, Tier } from './stack-types.ts';
import {
  contextInForce,
  heldBackArguments,
  offeredContext,
  type TierModel,
  tierArguments,
  tierMemoryOf,
} from './tier-arguments.ts';

export type ExecutableFact = ServiceSpec['executable'];

/** The relay as the gateway sees it. It decides with each request; nothing here depends on what it will decide. */
export interface CloudFacts {
  /** `http://127.0.0.1:PORT/api/v1`. */
  readonly baseUrl: string;
  readonly secretHeader: string;
  /** Marks requests that no local model answered. */
  readonly fallbackHeader: string;
  readonly secret: string;
  /** OpenRouter's ids in the user's order. */
  readonly models: readonly string[];
}

export interface DefinitionFacts {
  readonly executables: { readonly vllmMlx: ExecutableFact; readonly litellm: ExecutableFact };
  /** What the installed vllm-mlx understands; `null` where that is not known. */
  readonly vllmMlxOptions: EngineOptions | null;
  /** By tier name; there must be one for each tier of the stack. */
  readonly models: Readonly<Record<string, TierModel>>;
  readonly paths: Paths;
  /** The value of LITELLM_MASTER_KEY. */
  readonly gatewayKey: string;
  /** `null` while the cloud is not set up: the gateway then does not know that there is one. */
  readonly cloud: CloudFacts | null;
  readonly totalMemoryBytes: number;
  readonly user: UserEnvironment;
}

export interface Definition {
  /** In stack order, the gateway last. */
  readonly services: readonly ServiceSpec[];
  /** The text of `litellm.yaml`; the gateway's fingerprint covers it. */
  readonly gatewayConfig: string;
  /** What kept a tier out of the services, or an option out of its arguments. */
  readonly problems: readonly Problem[];
}

const bytesPerGb = 1_000_000_000;

/** 120 s hold importing the engine and a small model (the CLI's fixed limit, too short for large ones). */
const tierStartBaseMs = 120_000;
/** Weights come at 100 MB/s at worst: a spinning external disk. */
const tierStartMsPerGb = 10_000;
const maxTierStartMs = 30 * 60_000;
/** Importing LiteLLM takes 4 to 40 s, more while tiers load. */
const gatewayStartMs = 90_000;
/** A tier finishes open streams, then saves its prompt cache, which grows with the model. */
const minStopGraceMs = 10_000;
const stopGraceMsPerGb = 1_000;
const maxStopGraceMs = 60_000;

export function defineServices(input: {
  readonly config: Pick<Config, 'litellmPort'>;
  readonly stack: Stack;
  readonly facts: DefinitionFacts;
}): Definition {
  const { config, stack, facts } = input;
  const gatewayPort = config.litellmPort;
  const tiers = stack.tiers.filter((tier) => tier.port !== gatewayPort);
  const problems = stack.tiers
    .filter((tier) => tier.port === gatewayPort)
    .map((tier) => portClash(tier, candidatePorts(stack, gatewayPort)[0]));
  problems.push(...tiers.flatMap((tier) => heldBack(tier, facts)));
  const yaml = gatewayConfig(
    tiers.map((tier) => ({
      name: tier.name,
      port: tier.port,
      contextTokens: offeredContext(tier, modelOf(facts, tier)),
    })),
    facts.cloud,
  );
  const services = tiers.map((tier) => defineTier(tier, facts));
  if (tiers.length > 0) services.push(defineGateway(gatewayPort, yaml, facts));
  return { services, gatewayConfig: yaml, problems };
}

function portClash(tier: Tier, free: number | undefined): Problem {
  const instead = free === undefined ? stackWords.anotherPort : stackWords.thatPort(free);
  return problem(
    'port-clash',
    stackWords.portIsGateways(tier.name, tier.port),
    stackWords.giveTierPort(instead),
  );
}

export const engineLacksOption = 'engine-lacks-option';

/** Passed on it would end the server: an option that argparse does not know is a usage error. */
function heldBack(tier: Tier, facts: DefinitionFacts): Problem[] {
  const left = heldBackArguments(tier, modelOf(facts, tier), facts.totalMemoryBytes, facts.vllmMlxOptions);
  if (left.length === 0) return [];
  return [
    problem(
      engineLacksOption,
      stackWords.engineLacksOption(left.map((each) => `“${each}”`).join(', '), tier.name),
      stackWords.updateOrRemove,
    ),
  ];
}

function modelOf(facts: DefinitionFacts, tier: Tier): TierModel {
  const model = Object.hasOwn(facts.models, tier.name) ? facts.models[tier.name] : undefined;
  if (model === undefined) throw new Error(`No model facts were gathered for tier ${tier.name}`);
  return model;
}

const pathOf = (executable: ExecutableFact) => ('path' in executable ? executable.path : null);

function requireExecutable(executable: ExecutableFact): Requirement[] {
  const path = pathOf(executable);
  return path === null ? [] : [{ kind: 'executable', path }];
}

function defineTier(tier: Tier, facts: DefinitionFacts): ServiceSpec {
  const executable = facts.executables.vllmMlx;
  const model = modelOf(facts, tier);
  const weightsGb = model.weightsBytes / bytesPerGb;
  return withFingerprint({
    id: tier.name,
    kind: 'tier',
    name: tier.displayName ?? tier.name,
    model: tier.model,
    port: tier.port,
    executable,
    args: tierArguments(tier, model, facts.totalMemoryBytes, facts.vllmMlxOptions),
    env: childEnvironment(facts.user, pathOf(executable), vllmMlxEnvironment),
    cwd: facts.paths.emptyCwd,
    requirements: [
      ...requireExecutable(executable),
      { kind: 'model-folder', path: model.folder, source: tier.source },
    ],
    health: { kind: 'vllm-mlx', servedModelName: tier.name },
    memoryBytes: tierMemoryOf(tier, model, facts.totalMemoryBytes).totalBytes,
    contextTokens: contextInForce(tier, model),
    contexts: contextsOf(tier, model, facts.totalMemoryBytes),
    startLimitMs: Math.round(Math.min(maxTierStartMs, tierStartBaseMs + weightsGb * tierStartMsPerGb)),
    stopGraceMs: Math.round(Math.min(maxStopGraceMs, minStopGraceMs + weightsGb * stopGraceMsPerGb)),
  });
}

/** The usual steps up to the model's own limit, and the one in force. */
function contextsOf(tier: Tier, model: TierModel, totalMemoryBytes: number): ContextChoice[] {
  if (model.weightsBytes === 0) return [];
  const limit = model.contextTokens;
  const steps = limit === null ? contextSteps : [...contextSteps.filter((step) => step < limit), limit];
  return [...new Set([...steps, contextInForce(tier, model)])]
    .sort((a, b) => a - b)
    .map((tokens) => ({
      tokens,
      memoryBytes: tierMemoryOf(tier, model, totalMemoryBytes, tokens).totalBytes,
    }));
}

function defineGateway(port: number, yaml: string, facts: DefinitionFacts): ServiceSpec {
  const executable = facts.executables.litellm;
  return withFingerprint(
    {
      id: 'gateway',
      kind: 'gateway',
      name: stackWords.gateway,
      model: null,
      port,
      executable,
      /** Host, port and workers are always said: LiteLLM takes them from HOST, PORT and NUM_WORKERS otherwise. */
      args: [
        '--config',
        facts.paths.litellmConfig,
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--num_workers',
        '1',
      ],
      env: childEnvironment(facts.user, pathOf(executable), {
        ...litellmEnvironment,
        LITELLM_MASTER_KEY: facts.gatewayKey,
        ...(facts.cloud === null ? {} : { [relaySecretVariable]: facts.cloud.secret }),
      }),
      cwd: facts.paths.emptyCwd,
      requirements: requireExecutable(executable),
      health: { kind: 'litellm' },
      memoryBytes: 0,
      startLimitMs: gatewayStartMs,
      stopGraceMs: minStopGraceMs,
    },
    yaml,
  );
}

/** A hash, so that the key in the environment cannot be read from it. */
function withFingerprint(spec: Omit<ServiceSpec, 'fingerprint'>, content = ''): ServiceSpec {
  const env = Object.entries(spec.env).sort(([a], [b]) => (a < b ? -1 : 1));
  const started = JSON.stringify([pathOf(spec.executable), spec.args, env, spec.cwd, spec.port, content]);
  return { ...spec, fingerprint: createHash('sha256').update(started).digest('hex') };
}
