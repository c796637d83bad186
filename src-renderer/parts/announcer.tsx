/** The live region: says what changed to those who do not see it. */

import { useValue } from '../state/signal.ts';
import { useStore } from '../state/store.ts';

export function Announcer() {
  const { text, count } = useValue(useStore().spoken);
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      <p key={count}>{text}</p>
    </div>
  );
}
