/** A button for what cannot be undone: the first click asks in place, the second does it. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { CommandCall } from '../bridge.ts';
import { useStore } from '../state/store.ts';
import { commonWords } from '../words/index.ts';
import { Button } from './button.tsx';

interface ConfirmButtonProps {
  readonly call: CommandCall;
  readonly label: string;
  /** What it does, for the question and for a refusal. */
  readonly name: string;
  /** The label alone does not say what it acts upon. */
  readonly isNamed?: boolean;
  readonly question: string;
  readonly confirm: string;
  /** The harmless answer; where the other one says “Cancel”, it must not say so, too. */
  readonly keep?: string;
  /** What the live region says afterwards. */
  readonly done?: string;
}

export function ConfirmButton({
  call,
  label,
  name,
  isNamed,
  question,
  confirm,
  keep = commonWords.cancel,
  done,
}: ConfirmButtonProps) {
  const store = useStore();
  const [isAsking, setAsking] = useState(false);
  const cancel = useRef<HTMLButtonElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  /** The focus goes to the harmless answer, and back; with the question, so that the next key is for it. */
  useLayoutEffect(() => {
    if (isAsking) cancel.current?.focus();
    else if (wasAsking.current) opener.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);

  if (!isAsking) {
    return (
      <Button ref={opener} aria-label={isNamed ? name : undefined} onClick={() => setAsking(true)}>
        {label}
      </Button>
    );
  }
  const perform = async (): Promise<void> => {
    setAsking(false);
    if ((await store.act(call, name)) && done !== undefined) store.say(done);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div
      class="confirm"
      role="group"
      aria-label={name}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setAsking(false);
      }}
    >
      <p>{question}</p>
      <Button kind="danger" onClick={() => void perform()}>
        {confirm}
      </Button>
      <Button ref={cancel} onClick={() => setAsking(false)}>
        {keep}
      </Button>
    </div>
  );
}
