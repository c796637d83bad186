/** A button that copies something through the main process, and has a tick for a second then. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommandCall } from '../bridge.ts';
import { useStore } from '../state/store.ts';
import { commonWords } from '../words/index.ts';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';

const tickMs = 1000;

interface CopyButtonProps {
  readonly call: CommandCall;
  /** Begins the name, and stays: a button is called what is to be read on it. */
  readonly label?: string;
  readonly name: string;
  /** What the live region says afterwards. */
  readonly done: string;
}

export function CopyButton({ call, label = commonWords.copy, name, done }: CopyButtonProps) {
  const store = useStore();
  const [isCopied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async (): Promise<void> => {
    if (!(await store.act(call, name))) return;
    store.say(done);
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), tickMs);
  };

  return (
    <Button aria-label={name} onClick={() => void copy()}>
      <Icon name={isCopied ? 'check' : 'copy'} />
      {label}
    </Button>
  );
}
