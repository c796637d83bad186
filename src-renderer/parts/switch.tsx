/** An on/off switch that gives a command; it shows what is, not what was clicked. */
import type { CommandCall } from '../bridge.ts';
import { keyOf, useStore } from '../state/store.ts';

interface SwitchProps {
  readonly isOn: boolean;
  readonly call: CommandCall;
  readonly label: string;
  readonly describedBy?: string;
}

export function Switch({ isOn, call, label, describedBy }: SwitchProps) {
  const store = useStore();
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={isOn}
      aria-label={label}
      aria-describedby={describedBy}
      aria-disabled={store.pending.value.has(keyOf(call)) ? 'true' : undefined}
      onClick={() => void store.act(call, label)}
    >
      <span class="switch-knob" />
    </button>
  );
}
