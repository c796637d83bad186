/** The setup: your Mac, the plan, and one page that shows how far it is. */
import { useEffect, useRef } from 'preact/hooks';
import type { Snapshot } from '../../bridge.ts';
import { Notices } from '../../parts/notices.tsx';
import { useValue } from '../../state/signal.ts';
import { type Store, useStore } from '../../state/store.ts';
import { setupWords as words } from '../../words/index.ts';
import { MachineScreen } from './machine-screen.tsx';
import { createPlanDraft, type PlanDraft } from './plan-draft.ts';
import { PlanScreen } from './plan-screen.tsx';
import { ProgressScreen } from './progress-screen.tsx';

/** What was chosen stays chosen while another view is looked at. */
const drafts = new WeakMap<Store, PlanDraft>();

function draftOf(store: Store): PlanDraft {
  const known = drafts.get(store);
  if (known !== undefined) return known;
  const draft = createPlanDraft((input) => store.ask('setup.plan', input));
  drafts.set(store, draft);
  return draft;
}

export function Setup({ status }: { readonly status: Snapshot }) {
  const plan = draftOf(useStore());
  const isUnderWay = status.setup.phase !== 'idle';
  const chosen = useValue(plan.stage);
  const stage = isUnderWay ? 'progress' : chosen;
  /** What is good to know can wait until all is done. */
  const notices = status.notices.filter(
    ({ severity }) => severity !== 'info' || status.setup.phase === 'done',
  );
  return (
    <>
      <Stages current={stage} />
      <Notices notices={notices} />
      {stage === 'progress' && <ProgressScreen status={status} />}
      {stage === 'machine' && <MachineScreen status={status} plan={plan} />}
      {stage === 'plan' && <PlanScreen status={status} plan={plan} />}
    </>
  );
}

const stages = [
  ['machine', words.stageMachine],
  ['plan', words.stagePlan],
  ['progress', words.stageProgress],
] as const;

/** Where one is; and on a new page the focus and the eye begin at its top. */
function Stages({ current }: { readonly current: string }) {
  const list = useRef<HTMLOListElement>(null);
  const shown = useRef(current);
  useEffect(() => {
    if (shown.current === current) return;
    shown.current = current;
    const page = list.current?.parentElement;
    page?.scrollTo(0, 0);
    const title = page?.querySelector('h1');
    title?.setAttribute('tabindex', '-1');
    title?.focus();
  }, [current]);
  return (
    <ol ref={list} class="stages" aria-label={words.stages}>
      {stages.map(([id, label]) => (
        <li key={id} class="stage" aria-current={id === current ? 'step' : undefined}>
          {label}
        </li>
      ))}
    </ol>
  );
}
