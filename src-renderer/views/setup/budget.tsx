/** How much memory the models take of what they may take; the mark on the bar is moved to change that. */
import { formatGigabytes, type SetupPlan } from '../../bridge.ts';
import { useValue } from '../../state/signal.ts';
import { setupWords as words } from '../../words/index.ts';
import type { PlanDraft } from './plan-draft.ts';

const stepPct = 5;
const leastPct = 5;
const shades = 4;

export function Budget({ made, plan }: { readonly made: SetupPlan; readonly plan: PlanDraft }) {
  const { machine, tiers, usedBytes, budgetBytes } = made;
  const total = machine.memoryBytes;
  const pct = useValue(plan.draft).budgetPct ?? made.budgetPct;
  const isCurrent = pct === made.budgetPct;
  const isOver = isCurrent && usedBytes > budgetBytes;
  const budgetText = isCurrent ? made.budgetWords : words.budgetNow(pct, formatGigabytes(total));
  const usedText = (isOver ? words.usedOver : words.used)(formatGigabytes(usedBytes), budgetText);
  const share = (bytes: number): string => `${Math.min(100, (bytes / total) * 100)}%`;
  return (
    <section class="card panel" aria-labelledby="plan-memory">
      <div class="row">
        <h2 id="plan-memory">{words.memoryFor}</h2>
        <p class={isOver ? 'budget-over' : 'card-note'} role="status">
          {usedText}
        </p>
      </div>
      <div class={`budget${isOver ? ' is-over' : ''}`}>
        <div class="budget-bar" aria-hidden="true">
          <div class="budget-may" style={{ width: `${pct}%` }} />
          <div class="budget-parts">
            {tiers.map(({ name, memoryBytes }, index) => (
              <div
                key={name}
                class={`budget-part shade-${index % shades}`}
                style={{ width: share(memoryBytes) }}
              />
            ))}
          </div>
        </div>
        <input
          type="range"
          class="budget-slider"
          min={0}
          max={100}
          step={stepPct}
          value={pct}
          aria-label={words.budget}
          aria-valuetext={budgetText}
          onInput={({ currentTarget }) => {
            const wanted = Math.max(leastPct, Number(currentTarget.value));
            currentTarget.value = String(wanted);
            if (wanted !== pct) plan.change({ budgetPct: wanted }, 'soon');
          }}
        />
      </div>
      <ul class="budget-legend">
        {tiers.map(({ name, memoryBytes }, index) => (
          <li key={name}>
            <span class={`budget-dot shade-${index % shades}`} />
            <span class="ellipsis">{words.usedBy(name, formatGigabytes(memoryBytes))}</span>
          </li>
        ))}
        {usedBytes < total && <li class="budget-rest">{words.left(formatGigabytes(total - usedBytes))}</li>}
      </ul>
    </section>
  );
}
