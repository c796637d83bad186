/** What starts a service, to be read and copied: program, arguments, and names of the environment. */
import { useState } from 'preact/hooks';
import type { ServiceStatus } from '../bridge.ts';
import { useAnswer } from '../state/answer.ts';
import { overviewWords as words } from '../words/index.ts';
import { CopyButton } from './copy-button.tsx';
import { ProblemNote } from './problem-note.tsx';
import { ScrolledText } from './scrolled-text.tsx';

export function StartCommand({ service }: { readonly service: ServiceStatus }) {
  const { id, name, pid, state } = service;
  const [isOpen, setOpen] = useState(false);
  /** Asked only while it is looked at, and anew for another process. */
  const found = useAnswer('service.readCommand', isOpen ? { id } : null, `${pid} ${state}`);
  return (
    <details class="lines" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary aria-label={words.commandOf(name)}>{words.command}</summary>
      {found?.ok === false && <ProblemNote problem={found.error} />}
      {found?.ok && (
        <>
          <p class="card-note card-note-small">
            {found.value.isStarted ? words.commandStarted : words.commandWould}
          </p>
          {found.value.problem !== null && <ProblemNote problem={found.value.problem} />}
          <ScrolledText label={words.commandOf(name)} text={found.value.text} />
          <CopyButton
            call={{ name: 'service.copyCommand', input: { id } }}
            name={words.copyCommandOf(name)}
            done={words.commandCopied}
          />
        </>
      )}
    </details>
  );
}
