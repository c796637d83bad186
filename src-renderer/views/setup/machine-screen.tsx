/** First screen: this Mac, what it can run, and what for. */
import { useEffect } from 'preact/hooks';
import {
  formatDiskBytes,
  formatGigabytes,
  type Machine,
  type Problem,
  type SetupPlan,
  type Snapshot,
} from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { Fact } from '../../parts/fact.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Unread } from '../../parts/problem-note.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { useValue } from '../../state/signal.ts';
import { useStore } from '../../state/store.ts';
import { commonWords, setupWords as words } from '../../words/index.ts';
import { formatRange } from '../models/figures.ts';
import type { Intent, PlanDraft } from './plan-draft.ts';

interface MachineScreenProps {
  readonly status: Snapshot;
  readonly plan: PlanDraft;
}

export function MachineScreen({ status, plan }: MachineScreenProps) {
  const isAgain = status.stack.kind !== 'none';
  const made = useValue(plan.plan);
  const problem = useValue(plan.problem);
  const isWorking = useValue(plan.isWorking);
  useEffect(() => {
    if (plan.plan.peek() === null) plan.ask();
  }, [plan]);
  return (
    <>
      <ViewHead
        icon="stack"
        condition={problem === null ? 'ready' : 'attention'}
        title={isAgain ? words.welcomeAgain : words.welcome}
        lines={[words.welcomeText]}
      />
      {problem !== null && <NoPlan problem={problem} onAgain={plan.ask} isWorking={isWorking} />}
      {made === null && problem === null && (
        <p class="card panel card-note" role="status">
          {words.looking}
        </p>
      )}
      {made !== null && (
        <>
          <MachineCard machine={made.machine} />
          <Intents plan={plan} />
          <CanRun plan={made} isStale={isWorking} />
        </>
      )}
      {!isAgain && <OwnStack />}
      {(isAgain || made !== null) && (
        <footer class="setup-begin setup-foot">
          {isAgain && <NotNow />}
          {made !== null && (
            <Button kind="primary" isLarge onClick={() => plan.show('plan')}>
              {words.continue}
            </Button>
          )}
        </footer>
      )}
    </>
  );
}

interface NoPlanProps {
  readonly problem: Problem;
  readonly isWorking: boolean;
  readonly onAgain: () => void;
}

export function NoPlan({ problem, onAgain, isWorking }: NoPlanProps) {
  return (
    <section class="card panel" aria-label={words.notPlanned}>
      <Unread problem={problem} onAgain={onAgain} isBusy={isWorking} />
    </section>
  );
}

function MachineCard({ machine }: { readonly machine: Machine }) {
  const { chip, gpuCores, memoryBytes, gpuLimitBytes, bandwidthGbps, freeDiskBytes, isEstimate } = machine;
  return (
    <Panel
      id="setup-mac"
      look="card panel machine"
      title={
        <>
          <Icon name="chip" />
          {chip}
        </>
      }
    >
      <dl class="machine-facts">
        <Fact label={words.memory}>{formatGigabytes(memoryBytes)}</Fact>
        <Fact label={words.gpuLimit}>{formatGigabytes(gpuLimitBytes)}</Fact>
        <Fact label={words.bandwidth}>{words.bandwidthOf(bandwidthGbps, isEstimate)}</Fact>
        <Fact label={words.gpuCores}>{gpuCores > 0 ? gpuCores : words.unknown}</Fact>
        <Fact label={words.freeDisk}>
          {freeDiskBytes === null ? words.unknown : formatDiskBytes(freeDiskBytes)}
        </Fact>
      </dl>
      {isEstimate && <p class="card-note card-note-small">{words.estimatedChip}</p>}
    </Panel>
  );
}

const intents: readonly Intent[] = ['balanced', 'agent-fleet'];

function Intents({ plan }: { readonly plan: PlanDraft }) {
  const chosen = useValue(plan.draft).intent;
  return (
    <fieldset class="choices intents">
      <legend>{words.intent}</legend>
      <div class="intent-pair">
        {intents.map((intent) => (
          <label key={intent} class="card choice intent">
            <input
              type="radio"
              name="setup-intent"
              checked={intent === chosen}
              onChange={() => plan.change({ intent, tiers: null })}
            />
            <span>
              <strong>{words.intents[intent].label}</strong>
              <span class="card-note">{words.intents[intent].text}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function CanRun({ plan, isStale }: { readonly plan: SetupPlan; readonly isStale: boolean }) {
  return (
    <Panel id="setup-can-run" title={words.canRun} isStale={isStale}>
      {plan.tiers.length === 0 && <p class="card-note">{plan.problem?.message ?? words.canRunNothing}</p>}
      <ul class="can-run">
        {plan.tiers.map(({ name, modelName, memoryBytes, speed }) => (
          <li key={name}>
            <strong>{modelName}</strong>
            <span class="card-note">
              {words.speed(formatRange(speed))} · {words.bases[speed.basis]}
            </span>
            <span class="can-run-memory">{words.needs(formatGigabytes(memoryBytes))}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function OwnStack() {
  return (
    <p class="card-note card-note-small setup-aside">
      {words.ownStack}{' '}
      <CommandButton call={{ name: 'place.open', input: { place: 'home' } }} label={commonWords.openHome} />
    </p>
  );
}

function NotNow() {
  const store = useStore();
  return <Button onClick={() => store.show({ id: 'overview' })}>{words.notNow}</Button>;
}
