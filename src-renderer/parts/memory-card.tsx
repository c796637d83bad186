/** How much memory the models are meant to take of what they may take, and how the Mac itself bears it. */
import { Fragment } from 'preact';
import { formatGigabytes, formatGigabytesOf, type Snapshot } from '../bridge.ts';
import { overviewWords as words } from '../words/index.ts';
import { Panel } from './panel.tsx';

/** Said only while it is worth knowing. */
function bearing({ power, memoryPressure }: Snapshot['mac']): readonly string[] {
  return [
    (memoryPressure === 'warning' || memoryPressure === 'critical') && words.memoryShort,
    (power.thermal === 'serious' || power.thermal === 'critical') && words.hot,
    power.source === 'battery' && words.onBattery,
    power.keepAwake === 'holding' && words.keptAwake,
  ].filter((text) => text !== false);
}

export function MemoryCard({ memory, mac }: Pick<Snapshot, 'memory' | 'mac'>) {
  const { totalBytes, limitBytes, plannedBytes } = memory;
  const share = limitBytes > 0 ? Math.min(1, plannedBytes / limitBytes) : 0;
  const text =
    plannedBytes > 0 ? words.memoryOf(formatGigabytesOf(plannedBytes, limitBytes)) : words.memoryNone;
  return (
    <Panel id="memory" look="card memory" title={words.memory} text={text}>
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
      <p class="card-note card-note-small memory-facts">
        <span class="memory-total">{words.memoryTotal(formatGigabytes(totalBytes))}</span>
        {bearing(mac).map((text) => (
          <Fragment key={text}>
            {' '}
            <span>{text}</span>
          </Fragment>
        ))}
      </p>
    </Panel>
  );
}
