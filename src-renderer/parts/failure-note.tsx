/** Why a service last failed: the sentence, what to do, one click for it, and its last lines. */
import { exitWords, type Failure, type ServiceStatus } from '../bridge.ts';
import { useStore } from '../state/store.ts';
import { formatMoment, joinFacts } from '../words/format.ts';
import { overviewWords as words } from '../words/index.ts';
import { CommandButton } from './command-button.tsx';
import { CopyButton } from './copy-button.tsx';
import { ScrolledText } from './scrolled-text.tsx';

interface FailureNoteProps {
  readonly service: ServiceStatus;
  readonly failure: Failure;
}

export function FailureNote({ service, failure }: FailureNoteProps) {
  const isOver = service.state !== 'failed' && service.state !== 'unresponsive';
  const { id, name } = service;
  const { show } = useStore();
  const showInLog = (): void =>
    show({
      id: 'logs',
      log: { log: id, atMs: failure.at, line: failure.decisiveLine?.slice(0, 500) ?? null },
    });
  const facts = [
    isOver ? words.lastFailureAt(formatMoment(failure.at)) : words.failedAt(formatMoment(failure.at)),
    exitWords(failure.exit),
  ];
  return (
    <div class={`failure ${isOver ? 'failure-over' : 'failure-now'}`}>
      <p class="failure-message">{failure.message}</p>
      {/* Nothing is to be done about what is over. */}
      {!isOver && failure.hint !== '' && <p class="failure-hint">{failure.hint}</p>}
      <p class="failure-facts">
        {joinFacts(...facts)}
        {' · '}
        <button type="button" class="link" aria-label={words.showInLogOf(name)} onClick={showInLog}>
          {words.showInLog}
        </button>
      </p>
      {service.state === 'failed' && failure.remedies.length > 0 && (
        <div class="failure-buttons">
          {failure.remedies.map((remedy, index) => (
            <CommandButton
              key={remedy.kind}
              kind={index === 0 ? 'primary' : 'plain'}
              call={{ name: 'service.remedy', input: { id, kind: remedy.kind } }}
              label={remedy.label}
              name={words.remedyOf(remedy.label, name)}
            />
          ))}
        </div>
      )}
      {failure.lastLines.length > 0 && (
        <details class="lines">
          <summary>{words.lastLines}</summary>
          <ScrolledText label={words.lastLinesOf(name)} text={failure.lastLines.join('\n')} />
          <CopyButton
            call={{ name: 'service.copyFailure', input: { id } }}
            label={words.copyFailure}
            name={words.copyFailureOf(name)}
            done={words.failureCopied}
          />
        </details>
      )}
    </div>
  );
}
