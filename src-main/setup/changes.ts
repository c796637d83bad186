/** Changes of the stack in force: worked out with the arithmetic of the plan, written into the user's own file. */
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { TierChoice } from '../contract/setup.ts';
import { gigabytes } from '../planner/figures.ts';
import { intents } from '../planner/types.ts';
import { reservedContextTokens } from '../stack/memory.ts';
import type { Stack } from '../stack/stack-types.ts';
import { formatDiskBytes } from '../status/format.ts';
import { chosenTier } from './chosen.ts';
import type { StackDoor } from './deps.ts';
import type { Planner } from './facts.ts';
import { diskShare } from './plan.ts';
import type { Chosen } from './record.ts';
import { removeTier, renameTier } from './stack-edit.ts';
import { tierNameProblem } from './tier-names.ts';

const gatewayId = 'gateway';

export interface Change {
  readonly kind: 'add' | 'swap';
  readonly tier: Chosen;
  /** The model is whole on this Mac: the change can be made at once. */
  readonly isOnDisk: boolean;
}

/** What is to be written; a model that no Mac of this size can run, or that the disk cannot hold, is refused. */
export async function planChange(
  kind: Change['kind'],
  choice: TierChoice,
  { stack, planner }: { readonly stack: Pick<StackDoor, 'present'>; readonly planner: Planner },
): Promise<Result<Change>> {
  const present = stack.present();
  if (present === null) return fail(noStack);
  const place = present.tiers.findIndex(({ name }) => name === choice.name);
  if (kind === 'swap' && place === -1) return fail(unknownTier(present));
  const names = present.tiers.map(({ name }) => name);
  const wrongName = kind === 'add' ? tierNameProblem(choice.name, names) : null;
  if (wrongName !== null) return fail(wrongName);
  const others = present.tiers
    .filter((_, index) => kind === 'add' || index !== place)
    .map(({ name, source, context }) => ({
      name,
      repo: source,
      contextTokens: context ?? reservedContextTokens,
    }));
  const planned = await planner.plan({
    intent: intents.find((intent) => intent === present.intent) ?? 'balanced',
    budgetPct: null,
    tiers: [...others, choice],
  });
  if (!planned.ok) return planned;
  const { plan, facts } = planned.value;
  const tier = plan.tiers.at(-1);
  if (tier === undefined) throw new Error('A plan has a tier for each choice');
  if (tier.problem !== null) return fail(tier.problem);
  const { gpuLimitBytes, freeDiskBytes } = plan.machine;
  /** More than one that fits alone may be stopped and started in turn: the sum is weighed when they start. */
  if (tier.memoryBytes > gpuLimitBytes)
    return fail(tooLarge(tier.modelName, tier.memoryBytes, gpuLimitBytes));
  const neededBytes = tier.downloadBytes * diskShare;
  if (freeDiskBytes !== null && neededBytes > freeDiskBytes) {
    return fail(noRoom(tier.modelName, neededBytes, freeDiskBytes));
  }
  return ok({ kind, tier: chosenTier(tier, facts), isOnDisk: facts.onDisk.has(tier.repo) });
}

export async function removeFromStack(name: string, stack: StackDoor): Promise<Result<unknown>> {
  const present = stack.present();
  if (present === null) return fail(noStack);
  const edited = await stack.edit((text) => removeTier(text, name));
  if (!edited.ok) return edited;
  await stack.refresh();
  const isLast = present.tiers.every((tier) => tier.name === name || stack.wanted(tier.name) === 'off');
  const unwanted = await stack.want({ [name]: 'off' });
  /** Without a model behind it the gateway has nothing to do. */
  if (isLast && stack.wanted(gatewayId) === 'on') return await stack.stop(gatewayId);
  return unwanted;
}

export async function renameInStack(
  name: string,
  newName: string,
  stack: StackDoor,
): Promise<Result<unknown>> {
  const present = stack.present();
  if (present === null) return fail(noStack);
  const wrong = tierNameProblem(
    newName,
    present.tiers.map((tier) => tier.name).filter((other) => other !== name),
  );
  if (wrong !== null) return fail(wrong);
  if (!present.tiers.some((tier) => tier.name === name)) return fail(unknownTier(present));
  /** First, for the file is taken up the moment it is written. */
  const wanted = await stack.want({ [newName]: stack.wanted(name) });
  if (!wanted.ok) return wanted;
  const edited = await stack.edit((text) => renameTier(text, name, newName));
  if (!edited.ok) return edited;
  await stack.refresh();
  return newName === name ? ok({}) : await stack.want({ [name]: 'off' });
}

const noStack = problem('no-stack', 'There is no stack yet.', 'Set one up first.');
const unknownTier = ({ tiers }: Stack): Problem =>
  problem(
    'unknown-tier',
    'There is no tier of that name.',
    `The tiers are ${tiers.map(({ name }) => name).join(', ')}.`,
  );
const tooLarge = (name: string, needed: number, limit: number) =>
  problem(
    'too-large',
    `${name} needs ${gigabytes(needed)}; the GPU of this Mac may use ${gigabytes(limit)}.`,
    'Choose a smaller model or a shorter context.',
  );
const noRoom = (name: string, needed: number, free: number) =>
  problem(
    'disk-full',
    `To download ${name}, ${formatDiskBytes(needed)} of the disk should be free; ${formatDiskBytes(free)} are.`,
    'Make room on the disk, or choose a smaller model.',
  );
