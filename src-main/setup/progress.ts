/** How far setup is, as the window is told: a new step at once, progress within one a few times a second. */
import type { Problem } from '../contract/result.ts';
import type { SetupStatus, SetupStepId } from '../contract/setup.ts';
import { noSetup } from '../status/no-setup.ts';

/** Five times a second: more is not seen, and each costs the window a drawing. */
export const publishEveryMs = 200;
const maxDetailLength = 300;

type Step = SetupStatus['steps'][number];
type Answer = NonNullable<SetupStatus['answer']>;

export interface Progress {
  status(): SetupStatus;
  /** All steps wait; those before `from` are done. */
  begin(ids: readonly SetupStepId[], from: number): void;
  enter(id: SetupStepId, detail: string): void;
  report(id: SetupStepId, detail: string, fraction: number | null): void;
  leave(id: SetupStepId, detail: string): void;
  answer(answer: Answer): void;
  failed(id: SetupStepId | null, why: Problem): void;
  done(): void;
  /** Nothing of it is left. */
  clear(): void;
  close(): void;
}

export function createProgress(publish: (status: SetupStatus) => void): Progress {
  let present = noSetup;
  let publishedAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;

  function publishNow(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    publishedAtMs = performance.now();
    publish(present);
  }

  /** Never in the turn of the caller, which may be told of another change of the status at this very moment. */
  function publishSoon(): void {
    const waitMs = publishedAtMs + publishEveryMs - performance.now();
    timer ??= setTimeout(publishNow, Math.max(0, waitMs));
  }

  const change = (id: SetupStepId, part: Partial<Step>) => ({
    ...present,
    steps: present.steps.map((step) =>
      step.id === id
        ? { ...step, ...part, detail: (part.detail ?? step.detail).slice(0, maxDetailLength) }
        : step,
    ),
  });

  function become(next: SetupStatus): void {
    present = next;
    publishNow();
  }

  return {
    status: () => present,
    begin(ids, from) {
      const kept = new Map(present.steps.map((step) => [step.id, step]));
      const steps = ids.map((id, index): Step => {
        const before = kept.get(id);
        if (index < from && before !== undefined) return { ...before, state: 'done', fraction: 1 };
        return { id, state: 'waiting', detail: '', fraction: null };
      });
      become({ phase: 'working', steps, answer: null, problem: null });
    },
    enter: (id, detail) => become(change(id, { state: 'working', detail, fraction: null })),
    report(id, detail, fraction) {
      present = change(id, {
        detail,
        fraction: fraction === null ? null : Math.min(1, Math.max(0, fraction)),
      });
      publishSoon();
    },
    leave: (id, detail) => become(change(id, { state: 'done', detail, fraction: 1 })),
    answer(answer) {
      present = { ...present, answer };
      publishSoon();
    },
    failed(id, why) {
      const marked = id === null ? present : change(id, { state: 'failed', fraction: null });
      become({ ...marked, phase: 'failed', problem: why });
    },
    done: () => become({ ...present, phase: 'done' }),
    clear: () => become(noSetup),
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
