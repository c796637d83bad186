/** The plan as it is being changed: what is asked for, what comes of it, and never an answer to an older question. */

import type { CommandInput, Problem, Result, SetupPlan, TierChoice } from '../../bridge.ts';
import { type ReadonlySignal, signal } from '../../state/signal.ts';

/** Typing and dragging go on: the question waits for a moment's rest. */
export const restMs = 120;
/** Of a stack; the contract takes no more. */
export const tiersMax = 16;

export type Draft = CommandInput<'setup.plan'>;
export type Intent = Draft['intent'];
export type Stage = 'machine' | 'plan';

export interface PlanDraft {
  readonly stage: ReadonlySignal<Stage>;
  readonly draft: ReadonlySignal<Draft>;
  /** The last answer, until the next: what is shown stays while a new one is made. */
  readonly plan: ReadonlySignal<SetupPlan | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  /** The plan is not yet of this draft. */
  readonly isWorking: ReadonlySignal<boolean>;
  show(stage: Stage): void;
  /** `soon`: after a moment's rest. */
  change(part: Partial<Draft>, when?: 'now' | 'soon'): void;
  changeTiers(edit: (tiers: readonly TierChoice[]) => readonly TierChoice[]): void;
  /** Asks once more, for instance after a failure. */
  ask(): void;
}

type AskPlan = (draft: Draft) => Promise<Result<SetupPlan>>;

const firstDraft: Draft = { intent: 'balanced', budgetPct: null, tiers: null };

export function createPlanDraft(askPlan: AskPlan): PlanDraft {
  const stage = signal<Stage>('machine');
  const draft = signal<Draft>(firstDraft);
  const plan = signal<SetupPlan | null>(null);
  const problem = signal<Problem | null>(null);
  const isWorking = signal(false);
  let question = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    clearTimeout(timer);
    question += 1;
    const asked = question;
    isWorking.value = true;
    const answer = await askPlan(draft.peek());
    if (asked !== question) return;
    isWorking.value = false;
    problem.value = answer.ok ? null : answer.error;
    if (answer.ok) plan.value = answer.value;
  }

  function change(part: Partial<Draft>, when: 'now' | 'soon' = 'now'): void {
    draft.value = { ...draft.peek(), ...part };
    /** An answer that is under way is to an older question. */
    question += 1;
    clearTimeout(timer);
    isWorking.value = true;
    if (when === 'now') void ask();
    else timer = setTimeout(() => void ask(), restMs);
  }

  return {
    stage,
    draft,
    plan,
    problem,
    isWorking,
    show: (next) => {
      stage.value = next;
    },
    change,
    changeTiers: (edit) => change({ tiers: [...edit(tiersOf(draft.peek(), plan.peek()))] }),
    ask: () => void ask(),
  };
}

/** What is asked for: the choices made so far, or those of the recommendation. */
export function tiersOf({ tiers }: Draft, plan: SetupPlan | null): readonly TierChoice[] {
  if (tiers !== null) return tiers;
  return (plan?.tiers ?? []).map(({ name, repo, contextTokens }) => ({ name, repo, contextTokens }));
}

const replaceAt = <T>(items: readonly T[], index: number, make: (item: T) => T): readonly T[] =>
  items.map((item, at) => (at === index ? make(item) : item));

/** Another model has another size: its context is chosen anew. */
export const withModel = (tiers: readonly TierChoice[], index: number, repo: string) =>
  replaceAt(tiers, index, (tier) => ({ ...tier, repo, contextTokens: null }));

export const withContext = (tiers: readonly TierChoice[], index: number, contextTokens: number) =>
  replaceAt(tiers, index, (tier) => ({ ...tier, contextTokens }));

export const withName = (tiers: readonly TierChoice[], index: number, name: string) =>
  replaceAt(tiers, index, (tier) => ({ ...tier, name }));

export const without = (tiers: readonly TierChoice[], index: number) => tiers.filter((_, at) => at !== index);

export const withAnother = (tiers: readonly TierChoice[], repo: string): readonly TierChoice[] =>
  tiers.length >= tiersMax
    ? tiers
    : [...tiers, { name: freeName(tiers.map(({ name }) => name)), repo, contextTokens: null }];

const usualNames = ['standard', 'fast', 'longctx'];

/** A name that no tier has yet, the usual ones first. */
export function freeName(taken: readonly string[]): string {
  const usual = usualNames.find((name) => !taken.includes(name));
  if (usual !== undefined) return usual;
  for (let number = taken.length + 1; ; number += 1) {
    const name = `model-${number}`;
    if (!taken.includes(name)) return name;
  }
}
