/** The live region: says what changed to those who do not see it. */
import { useStore } from '../state/store.ts';

export function Announcer() {
  const { spoken } = useStore();
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {spoken.value}
    </div>
  );
}
