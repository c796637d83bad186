/** What a choice for one place of the stack would come to: the numbers of plan and start, before anything is changed. */
import type { CommandInput } from '../contract/commands.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { TierWeight } from '../contract/setup.ts';
import type { MemoryNow } from '../hardware/detect.ts';
import { contextInWords } from '../planner/figures.ts';
import { budgetOf, overBudget } from '../planner/plan.ts';
import type { ContextChoice } from '../stack/spec.ts';
import { unknownTier } from '../stack/stack-file.ts';
import type { Stack, Tier } from '../stack/stack-types.ts';
import { admit, type Candidate, candidateOf, holdsMemory, smallerContexts } from '../supervisor/admission.ts';
import { notEnoughMemory } from '../supervisor/failures.ts';
import type { ServiceView } from '../supervisor/supervisor.ts';
import { setupWords } from '../words/index.ts';
import { noStack, planBeside, tooLarge } from './beside.ts';
import type { MemoryDoor, StackDoor } from './deps.ts';
import type { Planner } from './facts.ts';

export interface WeighDeps {
  readonly stack: Pick<StackDoor, 'present'>;
  readonly planner: Planner;
  readonly memory: MemoryDoor;
}

type Question = CommandInput<'stack.weighTier'>;

/** What one model needs, whoever worked it out. */
interface Need {
  readonly modelName: string;
  readonly contextTokens: number;
  readonly memoryBytes: number;
  readonly contexts: readonly ContextChoice[];
  readonly refusal: Problem | null;
}

export async function weighTier(question: Question, deps: WeighDeps): Promise<Result<TierWeight>> {
  const present = deps.stack.present();
  if (present === null) return fail(noStack);
  const tier = present.tiers.find(({ name }) => name === question.tier) ?? null;
  if (tier === null && (question.tier !== null || question.repo === null))
    return fail(unknownTier(present, question.tier));
  const tiers = deps.memory.services().filter(({ spec }) => spec.kind === 'tier');
  const own = tiers.find(({ spec }) => spec.id === question.tier) ?? null;
  const others = tiers.filter((each) => each !== own);
  const [limits, now, need] = await Promise.all([
    deps.memory.limits(),
    deps.memory.now(),
    needOf(present, tier, own, question, deps),
  ]);
  if (!need.ok) return need;
  const { modelName, contextTokens, memoryBytes, contexts, refusal } = need.value;
  const { gpuLimitBytes } = limits;
  const budget = budgetOf({ machine: limits, budgetPct: deps.memory.budgetPct() });
  const sumBytes = others.reduce((sum, { spec }) => sum + spec.memoryBytes, memoryBytes);
  const wrong = refusal ?? tooLarge(modelName, memoryBytes, gpuLimitBytes);
  const warning = () =>
    startRefusal(need.value, own, others, gpuLimitBytes, now) ??
    (sumBytes > budget.bytes ? overBudget(sumBytes, budget) : null);
  return ok({
    contextTokens,
    contexts: contexts.map((each) => ({ ...each, fits: each.memoryBytes <= gpuLimitBytes })),
    memoryBytes,
    sumBytes,
    budgetBytes: budget.bytes,
    budgetWords: budget.words,
    gpuLimitBytes,
    problem: wrong,
    warning: wrong === null ? warning() : null,
  });
}

/** Of the model that a tier has and that is here, as it would be started; of any other as the plan counts. */
async function needOf(
  present: Stack,
  tier: Tier | null,
  own: ServiceView | null,
  { repo, contextTokens }: Question,
  { planner }: WeighDeps,
): Promise<Result<Need>> {
  if (repo === null && own?.spec.contexts !== undefined && own.spec.contexts.length > 0) {
    return needAsStarted(own.spec, own.spec.contexts, contextTokens);
  }
  const source = repo ?? tier?.source;
  if (source === undefined) throw new Error('A question names a tier or a model');
  const name = tier?.name ?? unusedName(present);
  const planned = await planBeside(present, { name, repo: source, contextTokens }, planner);
  if (!planned.ok) return planned;
  const { tier: chosen, memoryWith, refusal } = planned.value;
  const contexts = chosen.contextChoices.map((tokens) => ({ tokens, memoryBytes: memoryWith(tokens) }));
  const { modelName, memoryBytes } = chosen;
  return ok({ modelName, contextTokens: chosen.contextTokens, memoryBytes, contexts, refusal });
}

function needAsStarted(
  { name, contextTokens = 0 }: ServiceView['spec'],
  contexts: readonly ContextChoice[],
  asked: number | null,
): Result<Need> {
  const choice = contexts.find(({ tokens }) => tokens === (asked ?? contextTokens));
  if (choice === undefined) return fail(noSuchContext(name, contexts));
  const { tokens, memoryBytes } = choice;
  return ok({ modelName: name, contextTokens: tokens, memoryBytes, contexts, refusal: null });
}

/** The sentence with which it would be refused at its start, were it started now beside those that run. */
function startRefusal(
  { modelName: name, memoryBytes, contexts, contextTokens }: Need,
  own: ServiceView | null,
  others: readonly ServiceView[],
  limitBytes: number,
  now: MemoryNow | null,
): Problem | null {
  /** Not the name of a tier. */
  const id = own?.spec.id ?? '';
  const mine: Candidate = {
    id,
    kind: 'tier',
    name,
    state: 'waiting',
    memoryBytes,
    holdsMemory: false,
    ignoreMemory: false,
    smallerContexts: smallerContexts({ contexts, contextTokens, memoryBytes }),
  };
  /** What it has now is given back before it starts anew. */
  const returnedBytes = own !== null && holdsMemory(own.machine) ? own.spec.memoryBytes : 0;
  const then = now === null ? null : { ...now, availableBytes: now.availableBytes + returnedBytes };
  const decision = admit([...others.map(({ spec, machine }) => candidateOf(spec, machine)), mine], {
    limitBytes,
    now: then,
  }).find((each) => each.id === id);
  if (decision?.kind !== 'refuse') return null;
  const { message, hint } = notEnoughMemory(0, name, decision.numbers);
  return problem('not-enough-memory', message, hint);
}

function unusedName({ tiers }: Stack): string {
  for (let number = tiers.length + 1; ; number += 1) {
    const name = `model-${number}`;
    if (tiers.every((tier) => tier.name !== name)) return name;
  }
}

const noSuchContext = (name: string, contexts: readonly ContextChoice[]): Problem =>
  problem(
    'no-such-context',
    setupWords.noSuchContext(name),
    setupWords.contextsAre(contexts.map(({ tokens }) => contextInWords(tokens)).join(', ')),
  );
