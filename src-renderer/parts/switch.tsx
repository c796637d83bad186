/** An on/off switch; it shows what is, not what was clicked. */
import type { CommandCall } from '../bridge.ts';
import { useValue } from '../state/signal.ts';
import { keyOf, useStore } from '../state/store.ts';

interface SwitchLook {
  readonly isOn: boolean;
  readonly label: string;
  readonly describedBy?: string;
}

interface SwitchProps extends SwitchLook {
  readonly id?: string;
  readonly isBusy?: boolean;
  readonly onClick: () => void;
}

export function Switch({ isOn, label, describedBy, id, isBusy = false, onClick }: SwitchProps) {
  return (
    <button
      id={id}
      type="button"
      role="switch"
      class="switch"
      aria-checked={isOn}
      aria-label={label}
      aria-describedby={describedBy}
      aria-disabled={isBusy || undefined}
      onClick={onClick}
    >
      <span class="switch-knob" />
    </button>
  );
}

interface CommandSwitchProps extends SwitchLook {
  readonly call: CommandCall;
}

/** Gives a command, once, however often it is clicked meanwhile. */
export function CommandSwitch({ call, ...look }: CommandSwitchProps) {
  const store = useStore();
  return (
    <Switch
      {...look}
      isBusy={useValue(store.pending).has(keyOf(call))}
      onClick={() => void store.act(call, look.label)}
    />
  );
}
