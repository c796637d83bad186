/** A button that copies something through the main process and says so for a second. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommandCall } from '../bridge.ts';
import { useStore } from '../state/store.ts';
import { commonWords } from '../words/index.ts';
import { Icon } from './icons.tsx';

export const copiedMs = 1000;

interface CopyButtonProps {
  readonly call: CommandCall;
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
    timer.current = setTimeout(() => setCopied(false), copiedMs);
  };

  return (
    <button
      type="button"
      class="button button-plain button-copy"
      aria-label={name}
      onClick={() => void copy()}
    >
      <Icon name={isCopied ? 'check' : 'copy'} />
      <span class="button-copy-label">
        <span class={isCopied ? 'is-away' : ''}>{label}</span>
        <span class={isCopied ? '' : 'is-away'}>{commonWords.copied}</span>
      </span>
    </button>
  );
}
