import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Problem, Result, SetupPlan } from '../../../src-renderer/bridge.ts';
import {
  createPlanDraft,
  type Draft,
  freeName,
  restMs,
  tiersMax,
  tiersOf,
  withAnother,
  withContext,
  withModel,
  withName,
  without,
} from '../../../src-renderer/views/setup/plan-draft.ts';
import { fastTier, plan, standardTier } from '../../e2e/setup-fixture.ts';

const refused: Problem = { code: 'no-models', message: 'There is no model to choose from.' };

/** Answers when it is told to, in any order. */
function slowPlanner() {
  const asked: { draft: Draft; answer: (result: Result<SetupPlan>) => void }[] = [];
  const draft = createPlanDraft(
    (input) => new Promise((answer) => asked.push({ draft: structuredClone(input), answer })),
  );
  return { asked, draft };
}
const planOf = (budgetPct: number): Result<SetupPlan> => ({ ok: true, value: { ...plan, budgetPct } });
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the plan being changed', () => {
  it('asks for the recommendation first', async () => {
    const { asked, draft } = slowPlanner();
    draft.ask();
    expect(asked.map((each) => each.draft)).toEqual([{ intent: 'balanced', budgetPct: null, tiers: null }]);
    expect(draft.isWorking.peek()).toBe(true);
    asked[0]?.answer(planOf(40));
    await settled();
    expect(draft.plan.peek()?.budgetPct).toBe(40);
    expect(draft.isWorking.peek()).toBe(false);
  });

  it('waits for a rest while a slider moves, then asks once for where it is', async () => {
    const { asked, draft } = slowPlanner();
    for (const budgetPct of [45, 50, 55]) draft.change({ budgetPct }, 'soon');
    await vi.advanceTimersByTimeAsync(restMs - 1);
    expect(asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map((each) => each.draft.budgetPct)).toEqual([55]);
  });

  it('takes no answer to an older question, whichever comes first', async () => {
    const { asked, draft } = slowPlanner();
    draft.change({ budgetPct: 45 });
    draft.change({ budgetPct: 60 });
    asked[1]?.answer(planOf(60));
    await settled();
    asked[0]?.answer(planOf(45));
    await settled();
    expect(draft.plan.peek()?.budgetPct).toBe(60);
    draft.change({ budgetPct: 70 });
    draft.change({ budgetPct: 80 }, 'soon');
    asked[2]?.answer(planOf(70));
    await settled();
    expect(draft.plan.peek()?.budgetPct).toBe(60);
    expect(draft.isWorking.peek()).toBe(true);
  });

  it('keeps the plan that is shown when the next cannot be made, and forgets the reason afterwards', async () => {
    const { asked, draft } = slowPlanner();
    draft.ask();
    asked[0]?.answer(planOf(40));
    await settled();
    draft.change({ budgetPct: 5 });
    asked[1]?.answer({ ok: false, error: refused });
    await settled();
    expect(draft.plan.peek()?.budgetPct).toBe(40);
    expect(draft.problem.peek()).toEqual(refused);
    draft.change({ budgetPct: 50 });
    asked[2]?.answer(planOf(50));
    await settled();
    expect(draft.problem.peek()).toBeNull();
  });

  it('changes the tiers from the recommendation on, one change upon another', async () => {
    const { asked, draft } = slowPlanner();
    draft.ask();
    asked[0]?.answer(planOf(40));
    await settled();
    draft.changeTiers((tiers) => withModel(tiers, 0, 'a/b'));
    draft.changeTiers((tiers) => withName(tiers, 1, 'quick'));
    expect(asked.at(-1)?.draft.tiers).toEqual([
      { name: 'standard', repo: 'a/b', contextTokens: null },
      { name: 'quick', repo: fastTier.repo, contextTokens: fastTier.contextTokens },
    ]);
  });
});

describe('tiers', () => {
  const tiers = tiersOf({ intent: 'balanced', budgetPct: null, tiers: null }, plan);

  it('are those of the plan until something is chosen', () => {
    expect(tiers).toEqual([
      { name: 'standard', repo: standardTier.repo, contextTokens: 16_384 },
      { name: 'fast', repo: fastTier.repo, contextTokens: 32_768 },
    ]);
    expect(tiersOf({ intent: 'balanced', budgetPct: null, tiers: [] }, plan)).toEqual([]);
  });

  it('change one at a time', () => {
    expect(withContext(tiers, 1, 8192).map(({ contextTokens }) => contextTokens)).toEqual([16_384, 8192]);
    expect(without(tiers, 0).map(({ name }) => name)).toEqual(['fast']);
    expect(withAnother(tiers, 'a/b').at(-1)).toEqual({ name: 'longctx', repo: 'a/b', contextTokens: null });
  });

  it('are never more than the contract takes', () => {
    const full = Array.from({ length: tiersMax }, (_, index) => ({
      name: `t${index}`,
      repo: 'a/b',
      contextTokens: null,
    }));
    expect(withAnother(full, 'c/d')).toHaveLength(tiersMax);
  });

  it('get a name that is free', () => {
    expect(freeName([])).toBe('standard');
    expect(freeName(['standard', 'fast', 'longctx'])).toBe('model-4');
    expect(freeName(['standard', 'fast', 'longctx', 'model-5'])).toBe('model-6');
  });
});
