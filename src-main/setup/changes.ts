/** Changes of the stack in force: worked out with the arithmetic of the plan, written into the user's own file. */
import { fail, ok, type Result } from '../contract/result.ts';
import type { TierChoice } from '../contract/setup.ts';
import { setTierContext, unknownTier } from '../stack/stack-file.ts';
import { noStack, planBeside } from './beside.ts';
import { chosenTier } from './chosen.ts';
import type { StackDoor } from './deps.ts';
import type { Planner } from './facts.ts';
import type { Chosen } from './record.ts';
import { removeTier, renameTier } from './stack-edit.ts';
import { tierNameProblem } from './tier-names.ts';
import { type WeighDeps, weighTier } from './weigh.ts';

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
  const names = present.tiers.map(({ name }) => name);
  if (kind === 'swap' && !names.includes(choice.name)) return fail(unknownTier(present, choice.name));
  const wrongName = kind === 'add' ? tierNameProblem(choice.name, names) : null;
  if (wrongName !== null) return fail(wrongName);
  const planned = await planBeside(present, choice, planner);
  if (!planned.ok) return planned;
  const { tier, facts, refusal } = planned.value;
  if (refusal !== null) return fail(refusal);
  return ok({ kind, tier: chosenTier(tier, facts), isOnDisk: facts.onDisk.has(tier.repo) });
}

export async function setContext(
  name: string,
  contextTokens: number,
  deps: WeighDeps & { readonly stack: StackDoor },
): Promise<Result<unknown>> {
  const weight = await weighTier({ tier: name, repo: null, contextTokens }, deps);
  if (!weight.ok) return weight;
  if (weight.value.problem !== null) return fail(weight.value.problem);
  const edited = await deps.stack.edit((text) => setTierContext(text, name, contextTokens));
  if (!edited.ok) return edited;
  await deps.stack.refresh();
  return ok({});
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
  if (!present.tiers.some((tier) => tier.name === name)) return fail(unknownTier(present, name));
  /** First, for the file is taken up the moment it is written. */
  const wanted = await stack.want({ [newName]: stack.wanted(name) });
  if (!wanted.ok) return wanted;
  const edited = await stack.edit((text) => renameTier(text, name, newName));
  if (!edited.ok) return edited;
  await stack.refresh();
  return newName === name ? ok({}) : await stack.want({ [name]: 'off' });
}
