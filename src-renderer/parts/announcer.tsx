/** The live region: says what changed to those who do not see it. */

import { useValue } from '../state/signal.ts';
import { useStore } from '../state/store.ts';

export function Announcer() {
  const { spoken } = useStore();
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {useValue(spoken)}
    </div>
  );
}
