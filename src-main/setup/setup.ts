/** From a choice to a first answer, and later changes of the stack: one job at a time, that survives window and launch. */
import type * as z from 'zod';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { SetupStatus, SetupStepId, setupCommands, TierChoice } from '../contract/setup.ts';
import { commonWords, setupWords } from '../words/index.ts';
import { type Change, planChange, removeFromStack, renameInStack, setContext } from './changes.ts';
import { chosenTiers } from './chosen.ts';
import type { MeasuringDoor, MemoryDoor } from './deps.ts';
import type { Planner, PlanQuery } from './facts.ts';
import { createMeasure } from './measure.ts';
import { createProgress } from './progress.ts';
import type { Job, JobRecord } from './record.ts';
import { changeStack, runStep, type StepDeps, stepsOf } from './steps.ts';
import { weighTier } from './weigh.ts';

export interface SetupDeps extends StepDeps {
  readonly planner: Planner;
  readonly memory: MemoryDoor;
  readonly measuring: MeasuringDoor;
  readonly record: JobRecord;
  readonly setBudget: (pct: number) => Promise<Result<unknown>>;
  readonly publish: (status: SetupStatus) => void;
  readonly nowMs: () => number;
  readonly log: (line: string) => void;
}

type Done = Result<Record<string, never>>;
const done: Done = ok({});

type Commands = typeof setupCommands;

export interface Setup {
  readonly handlers: {
    readonly [N in keyof Commands]: (
      input: z.input<Commands[N]['input']>,
    ) => Promise<Result<z.output<Commands[N]['output']>>>;
  };
  readonly status: () => SetupStatus;
  /** Looks for what an earlier launch did not bring to its end. */
  open(): Promise<void>;
  /** Stops what is under way; the next launch can go on with it. */
  close(): Promise<void>;
}

interface Run {
  readonly job: Job;
  readonly over: AbortController;
  /** Where it failed; `null` while it runs. */
  failedAt: SetupStepId | null;
  ended: Promise<void>;
}

export function createSetup(deps: SetupDeps): Setup {
  const progress = createProgress(deps.publish);
  const speeds = createMeasure(deps);
  let run: Run | null = null;
  /** Between the question and the begin of a run, which others must not slip into. */
  let preparing = false;
  let closing = false;

  const isWorking = () => preparing || (run !== null && run.failedAt === null);

  /** One at a time, from the first look at the facts on. */
  async function exclusively(act: () => Promise<Done>, isBusy = isWorking): Promise<Done> {
    if (isBusy()) return fail(busy);
    preparing = true;
    try {
      return await act();
    } finally {
      preparing = false;
    }
  }

  async function begin({ intent, budgetPct, tiers }: PlanQuery & { tiers: TierChoice[] }): Promise<Done> {
    const planned = await deps.planner.plan({ intent, budgetPct, tiers });
    if (!planned.ok) return planned;
    const { plan, facts } = planned.value;
    if (plan.problem !== null) return fail(plan.problem);
    if (budgetPct !== null) {
      const kept = await deps.setBudget(budgetPct);
      if (!kept.ok) return kept;
    }
    return await launch({
      kind: 'setup',
      intent,
      profileId: facts.request.machine.profileId,
      createdAtMs: deps.nowMs(),
      tiers: chosenTiers(plan, facts),
    });
  }

  async function change(kind: Change['kind'], choice: TierChoice): Promise<Done> {
    const planned = await planChange(kind, choice, deps);
    if (!planned.ok) return planned;
    const { tier, isOnDisk } = planned.value;
    const job = { kind, tier };
    if (!isOnDisk) return await launch(job);
    const changed = await changeStack(job, deps);
    return changed.ok ? done : changed;
  }

  async function launch(job: Job): Promise<Done> {
    const written = await deps.record.write(job);
    if (!written.ok) return written;
    /** What an earlier one that failed still downloads goes on in the queue. */
    start(job, 0);
    return done;
  }

  function start(job: Job, from: number): void {
    const present: Run = { job, over: new AbortController(), failedAt: null, ended: Promise.resolve() };
    run = present;
    progress.begin(stepsOf(job), from);
    present.ended = perform(present, from);
  }

  async function perform(present: Run, from: number): Promise<void> {
    const { job } = present;
    const { signal } = present.over;
    for (const id of stepsOf(job).slice(from)) {
      progress.enter(id, '');
      const outcome = await attempt(id, present);
      if (signal.aborted) return;
      if (!outcome.ok) {
        present.failedAt = id;
        deps.log(`Setup failed at ${id} (${outcome.error.code}): ${outcome.error.message}`);
        progress.failed(id, outcome.error);
        return;
      }
      progress.leave(id, outcome.value);
    }
    await deps.record.write(null);
    if (signal.aborted) return;
    run = null;
    /** A change of the stack speaks for itself once it is made. */
    if (job.kind === 'setup') progress.done();
    else progress.clear();
  }

  async function attempt(id: SetupStepId, { job, over }: Run): Promise<Result<string>> {
    try {
      return await runStep(id, job, progress, deps, over.signal);
    } catch (error) {
      deps.log(`Setup ended at ${id} by a mistake of ours: ${error instanceof Error ? error.stack : error}`);
      return fail(ourMistake);
    }
  }

  async function retry(): Promise<Done> {
    const present = run;
    if (present === null) return fail(nothingToRetry);
    const { job, failedAt } = present;
    const steps = stepsOf(job);
    const index = failedAt === null ? 0 : steps.indexOf(failedAt);
    /** The servers may have ended since: the question waits for them again. */
    start(job, failedAt === 'answer' ? steps.indexOf('start') : Math.max(0, index));
    return done;
  }

  /** Ends what there is of it, which leaves downloads paused. */
  async function putAway(): Promise<Done> {
    const present = run;
    present?.over.abort();
    await present?.ended;
    run = null;
    progress.clear();
    const written = await deps.record.write(null);
    return written.ok ? done : written;
  }

  /** A change that waits for its download keeps nobody from other changes; a whole new stack does. */
  const edit = (act: () => Promise<Result<unknown>>) =>
    exclusively(
      async () => {
        const edited = await act();
        return edited.ok ? done : edited;
      },
      () => preparing || (run?.job.kind === 'setup' && run.failedAt === null),
    );

  return {
    status: progress.status,
    async open() {
      const job = await deps.record.read();
      if (job === null || closing) return;
      run = { job, over: new AbortController(), failedAt: stepsOf(job)[0] ?? null, ended: Promise.resolve() };
      progress.begin(stepsOf(job), 0);
      progress.failed(null, interrupted);
    },
    async close() {
      closing = true;
      speeds.close();
      run?.over.abort();
      await run?.ended;
      progress.close();
    },
    handlers: {
      'setup.plan': async (query) => {
        const planned = await deps.planner.plan(query);
        return planned.ok ? ok(planned.value.plan) : planned;
      },
      'setup.begin': (query) => exclusively(() => begin(query)),
      'setup.cancel': async () => (preparing ? fail(busy) : await putAway()),
      'setup.retry': () => exclusively(retry),
      'setup.finish': async () => (isWorking() ? fail(busy) : await putAway()),
      'stack.addTier': (choice) => exclusively(() => change('add', choice)),
      'stack.swapModel': (choice) => exclusively(() => change('swap', choice)),
      'stack.setContext': ({ name, contextTokens }) => edit(() => setContext(name, contextTokens, deps)),
      'stack.weighTier': (question) => weighTier(question, deps),
      'stack.measureSpeed': ({ name }) => speeds.measure(name),
      'stack.removeTier': ({ name }) => edit(() => removeFromStack(name, deps.stack)),
      'stack.renameTier': ({ name, newName }) => edit(() => renameInStack(name, newName, deps.stack)),
    },
  };
}

const busy: Problem = problem('setup-busy', setupWords.atWork, setupWords.waitOrCancel);
const interrupted: Problem = problem('setup-interrupted', setupWords.interrupted, setupWords.retryGoesOn);
const nothingToRetry: Problem = problem('setup-nothing-to-retry', setupWords.nothingToRetry);
const ourMistake: Problem = problem(
  'internal-error',
  commonWords.insideMistake,
  commonWords.insideMistakeHint,
);
