/** A button that gives one command, once, however often it is clicked meanwhile. */
import type { CommandCall } from '../bridge.ts';
import { useValue } from '../state/signal.ts';
import { keyOf, useStore } from '../state/store.ts';
import { Button } from './button.tsx';

interface CommandButtonProps {
  readonly call: CommandCall;
  readonly label: string;
  /** Says what it acts upon where the label alone does not. */
  readonly name?: string;
  readonly kind?: 'plain' | 'primary';
  readonly isLarge?: boolean;
  /** What it asks for is under way already, whoever asked. */
  readonly isBusy?: boolean;
}

export function CommandButton({
  call,
  label,
  name = label,
  kind = 'plain',
  isLarge = false,
  isBusy = false,
}: CommandButtonProps) {
  const store = useStore();
  const pending = useValue(store.pending);
  const isPending = isBusy || pending.has(keyOf(call));
  /** The second click of a double click could meet the button's next meaning: Start has become Stop. */
  const give = (event: MouseEvent): void => {
    if (event.detail <= 1 && !isBusy) void store.act(call, name);
  };
  return (
    <Button
      kind={kind}
      isLarge={isLarge}
      isBusy={isPending}
      aria-label={name === label ? undefined : name}
      onClick={give}
    >
      {label}
    </Button>
  );
}
