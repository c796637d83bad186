/** Third screen: how far it is, from the engines to the first answer. It only shows: the work goes on without a window. */
import { curlSample, type SetupStatus, type Snapshot } from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { EndpointCard, keyMask } from '../../parts/endpoint-card.tsx';
import { Icon, StateIcon } from '../../parts/icons.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { ScrolledText } from '../../parts/scrolled-text.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { useStore } from '../../state/store.ts';
import { joinFacts } from '../../words/format.ts';
import { commonWords, progressWords, setupWords as words } from '../../words/index.ts';
import { Downloads } from '../models/downloads.tsx';
import { LoginRow } from '../settings/login.tsx';

type Phase = Exclude<SetupStatus['phase'], 'idle'>;
type Step = SetupStatus['steps'][number];

const looks: Readonly<
  Record<Phase, { readonly title: string; readonly text: string; readonly condition: string }>
> = {
  working: { title: words.working, text: words.workingText, condition: 'starting' },
  failed: { title: progressWords.setupFailed, text: words.failedText, condition: 'attention' },
  done: { title: progressWords.setupDone, text: words.doneText, condition: 'ready' },
};

export function ProgressScreen({ status }: { readonly status: Snapshot }) {
  const { phase, steps, answer, problem } = status.setup;
  if (phase === 'idle') return null;
  const { title, text, condition } = looks[phase];
  return (
    <>
      <ViewHead icon="stack" condition={condition} title={title} lines={[text]}>
        <Buttons phase={phase} />
      </ViewHead>
      {phase === 'failed' && problem !== null && <ProblemNote problem={problem} role="alert" />}
      {answer !== null && <Answer answer={answer} />}
      {phase === 'done' && (
        <>
          {/* What is to be decided stands before what is only to be taken. */}
          <LoginQuestion login={status.mac.login} />
          <EndpointCard status={status} serving />
          {answer !== null && <Sample baseUrl={status.gateway.baseUrl} tier={answer.tier} />}
        </>
      )}
      {phase !== 'done' && (
        <ol class="card steps">
          {steps.map((step) => (
            <StepRow key={step.id} step={step} status={status} />
          ))}
        </ol>
      )}
    </>
  );
}

function Buttons({ phase }: { readonly phase: Phase }) {
  const store = useStore();
  switch (phase) {
    case 'working':
      return (
        <ConfirmButton
          call={{ name: 'setup.cancel', input: {} }}
          label={words.cancel}
          name={words.cancelTitle}
          question={words.cancelQuestion}
          confirm={words.cancelConfirm}
          keep={commonWords.keepGoing}
        />
      );
    case 'failed':
      return (
        <>
          <CommandButton
            key="retry"
            kind="primary"
            call={{ name: 'setup.retry', input: {} }}
            label={words.retry}
            name={words.retryTitle}
          />
          <CommandButton key="plan" call={{ name: 'setup.finish', input: {} }} label={words.changePlan} />
        </>
      );
    case 'done':
      return (
        <Button
          kind="primary"
          isLarge
          onClick={() => {
            void store
              .act({ name: 'setup.finish', input: {} }, words.finishTitle)
              .then((isDone) => isDone && store.show({ id: 'overview' }));
          }}
        >
          {words.finish}
        </Button>
      );
  }
}

/** Of a step that is not done, as of a service. */
const stepLooks = { failed: 'failed', working: 'starting', waiting: 'stopped' } as const;

function StepRow({ step, status }: { readonly step: Step; readonly status: Snapshot }) {
  const { id, state, detail, fraction } = step;
  const isHere = state === 'working' || state === 'failed';
  const title = progressWords.steps[id];
  return (
    <li class={`step step-${state}`} aria-current={state === 'working' ? 'step' : undefined}>
      {state === 'done' ? <Icon name="check" /> : <StateIcon state={stepLooks[state]} />}
      <div class="step-text">
        <p class="step-title">
          <strong>{title}</strong>
          <span class="visually-hidden">, {progressWords.stepStates[state]}</span>
          {detail !== '' && <span class="card-note"> {detail}</span>}
        </p>
        {state === 'working' && <ProgressBar label={words.progressOf(title)} fraction={fraction} />}
        {id === 'engines' && isHere && status.engines.problem !== null && status.engines.job === null && (
          <ProblemNote problem={status.engines.problem} />
        )}
        {id === 'models' && isHere && <Downloads downloads={status.models.downloads} isWithinSetup />}
      </div>
    </li>
  );
}

/** As it comes in; it is read to the end by a screen reader when it is complete. */
function Answer({ answer }: { readonly answer: NonNullable<SetupStatus['answer']> }) {
  const { tier, question, text, tokensPerSecond, isComplete } = answer;
  return (
    <section class="card panel first-answer" aria-label={words.answerOf(tier)} aria-busy={!isComplete}>
      <p class="card-note card-note-small">{words.asked(question)}</p>
      <p class="answer-words">
        {text}
        {!isComplete && <span class="answer-caret" aria-hidden="true" />}
      </p>
      <p class="card-note card-note-small">
        {joinFacts(words.answerOf(tier), tokensPerSecond !== null && words.answerSpeed(tokensPerSecond))}
      </p>
    </section>
  );
}

/** The key is shown to nobody; what is copied has it, so that it works where it is pasted. */
function Sample({ baseUrl, tier }: { readonly baseUrl: string; readonly tier: string }) {
  return (
    <Panel id="setup-sample" look="card panel lines" title={words.sample} text={words.sampleText}>
      <ScrolledText label={words.sampleRequest} text={curlSample(baseUrl, tier, keyMask)} />
      <CopyButton
        call={{ name: 'endpoint.copySample', input: { tier } }}
        name={words.copySample}
        done={words.sampleCopied}
      />
    </Panel>
  );
}

/** Only a click turns it on; whoever goes on without one leaves it as it is. */
function LoginQuestion({ login }: { readonly login: Snapshot['mac']['login'] }) {
  return (
    <Panel id="setup-login" title={words.loginQuestion}>
      <LoginRow login={login} />
    </Panel>
  );
}
