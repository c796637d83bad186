/** Second screen: the plan with its reasons, every part of it to be changed, and what the change comes to. */
import { useState } from 'preact/hooks';
import { type CommandCall, formatDiskBytes, type SetupPlan, type Snapshot } from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { Engines, lacksUv } from '../../parts/engines.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { useValue } from '../../state/signal.ts';
import { useStore } from '../../state/store.ts';
import { commonWords, setupWords as words } from '../../words/index.ts';
import { ModelPicker } from '../models/picker.tsx';
import { Budget } from './budget.tsx';
import { NoPlan } from './machine-screen.tsx';
import { type PlanDraft, tiersMax, tiersOf, withAnother } from './plan-draft.ts';
import { TierRow } from './tier-row.tsx';

interface PlanScreenProps {
  readonly status: Snapshot;
  readonly plan: PlanDraft;
}

export function PlanScreen({ status, plan }: PlanScreenProps) {
  const made = useValue(plan.plan);
  const problem = useValue(plan.problem);
  const isWorking = useValue(plan.isWorking);
  const { tiers, budgetPct } = useValue(plan.draft);
  return (
    <>
      <ViewHead icon="models" condition="ready" title={words.planTitle} lines={[words.planText]}>
        {(tiers ?? budgetPct) !== null && (
          <Button onClick={() => plan.change({ budgetPct: null, tiers: null })}>{words.recommended}</Button>
        )}
      </ViewHead>
      {problem !== null && <NoPlan problem={problem} onAgain={plan.ask} isWorking={isWorking} />}
      {made !== null && (
        <>
          <Budget made={made} plan={plan} />
          <Tiers made={made} plan={plan} />
          <Notes notes={made.notes} />
        </>
      )}
      <Engines engines={status.engines} isSetup />
      <CloudLater />
      <Begin status={status} plan={plan} made={made} />
    </>
  );
}

function Tiers({ made, plan }: { readonly made: SetupPlan; readonly plan: PlanDraft }) {
  const [isAdding, setAdding] = useState(false);
  const asked = tiersOf(useValue(plan.draft), made);
  return (
    <Panel id="plan-models" look="services" title={words.models} isStale={useValue(plan.isWorking)}>
      {made.tiers.map((tier, index) => (
        <TierRow
          key={`${index} ${tier.name}`}
          tier={tier}
          index={index}
          plan={plan}
          names={made.tiers.map(({ name }) => name)}
          isOnly={made.tiers.length === 1}
        />
      ))}
      {isAdding ? (
        <section class="card panel" aria-label={words.addTitle}>
          <div class="row">
            <h3>{words.addTitle}</h3>
            <Button onClick={() => setAdding(false)}>{commonWords.close}</Button>
          </div>
          <ModelPicker
            label={words.addChoice}
            nameOf={words.addOf}
            onChoose={(repo) => {
              setAdding(false);
              plan.changeTiers((tiers) => withAnother(tiers, repo));
            }}
          />
        </section>
      ) : (
        asked.length < tiersMax && (
          <div>
            <Button onClick={() => setAdding(true)}>{words.add}</Button>
          </div>
        )
      )}
    </Panel>
  );
}

function Notes({ notes }: { readonly notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <details class="more">
      <summary>{words.notes}</summary>
      <ul class="plan-notes">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </details>
  );
}

function CloudLater() {
  const store = useStore();
  return (
    <p class="card-note card-note-small plan-cloud">
      {words.cloudText}{' '}
      <button type="button" class="link" onClick={() => store.show({ id: 'cloud' })}>
        {words.cloudLink}
      </button>
    </p>
  );
}

interface BeginProps extends PlanScreenProps {
  readonly made: SetupPlan | null;
}

/** What hinders it is said beside the button, in numbers where there are any. */
function Begin({ status, plan, made }: BeginProps) {
  const draft = useValue(plan.draft);
  const isWorking = useValue(plan.isWorking);
  const needsUv = lacksUv(status.engines);
  const tiers = tiersOf(draft, made);
  const problem = made?.problem ?? null;
  const isReady = made !== null && !isWorking && problem === null && !needsUv && tiers.length > 0;
  const bytes = made?.downloadBytes ?? 0;
  const label = bytes > 0 ? words.beginDownload(formatDiskBytes(bytes)) : words.begin;
  const call: CommandCall = { name: 'setup.begin', input: { ...draft, tiers: [...tiers] } };
  return (
    <footer class="setup-begin">
      {problem !== null && <ProblemNote problem={problem} />}
      <div class="setup-foot">
        <Button isLarge onClick={() => plan.show('machine')}>
          {words.back}
        </Button>
        <span class="setup-why card-note">
          {isWorking
            ? words.planning
            : needsUv && (
                <button
                  type="button"
                  class="link"
                  onClick={() => document.querySelector<HTMLElement>('.uv button')?.focus()}
                >
                  {words.needsUv}
                </button>
              )}
        </span>
        {isReady ? (
          <CommandButton key="begin" kind="primary" isLarge call={call} label={label} />
        ) : (
          <Button key="begin" kind="primary" isLarge isBusy>
            {label}
          </Button>
        )}
      </div>
    </footer>
  );
}
