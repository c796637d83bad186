/** How much memory the models are meant to take of what they may take. */
import { formatGigabytes, formatGigabytesOf, type Snapshot } from '../bridge.ts';
import { words } from '../words.ts';

export function MemoryCard({ memory }: { readonly memory: Snapshot['memory'] }) {
  const { totalBytes, limitBytes, plannedBytes } = memory;
  const share = limitBytes > 0 ? Math.min(1, plannedBytes / limitBytes) : 0;
  const text =
    plannedBytes > 0 ? words.memoryOf(formatGigabytesOf(plannedBytes, limitBytes)) : words.memoryNone;
  return (
    <section class="card memory" aria-labelledby="memory">
      <h2 id="memory">{words.memory}</h2>
      <p class="card-note">{text}</p>
      <svg
        class={plannedBytes > limitBytes ? 'bar bar-over' : 'bar'}
        aria-hidden="true"
        width="100%"
        height="8"
      >
        <rect class="bar-track" width="100%" height="8" rx="4" />
        {share > 0 && (
          <rect class="bar-fill" width={`${Math.max(2, share * 100).toFixed(1)}%`} height="8" rx="4" />
        )}
      </svg>
      <p class="card-note card-note-small">{words.memoryTotal(formatGigabytes(totalBytes))}</p>
    </section>
  );
}
