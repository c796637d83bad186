/** Thirty bars, one for each day: what the cloud cost. */
import { type CloudStatus, formatUsd } from '../../bridge.ts';
import { formatDay } from '../../words/format.ts';
import { cloudWords as words } from '../../words/index.ts';

const height = 64;
const gapShare = 0.28;
/** A day with any cost is seen. */
const leastBar = 2;

const nameOf = (day: string) => formatDay(Date.parse(`${day}T12:00:00`));

export function Plot({ days }: { readonly days: CloudStatus['usage']['days'] }) {
  const highest = Math.max(...days.map(({ costUsd }) => costUsd), 0);
  const total = days.reduce((usd, { costUsd }) => usd + costUsd, 0);
  const [first] = days;
  const last = days.at(-1);
  const share = 100 / days.length;
  return (
    <figure class="plot">
      <figcaption>
        <span>{words.plot}</span>
        <span class="plot-highest">{highest > 0 ? words.atMost(formatUsd(highest)) : ''}</span>
      </figcaption>
      <svg
        role="img"
        aria-label={words.plotText(formatUsd(total), formatUsd(highest))}
        width="100%"
        height={height}
      >
        <line class="plot-ground" x1="0" x2="100%" y1={height - 0.5} y2={height - 0.5} />
        {days.map(({ day, costUsd, requests }, index) => {
          const bar = costUsd === 0 ? 0 : Math.max(leastBar, (costUsd / highest) * (height - 2));
          return (
            <g key={day} class="plot-day">
              <title>{words.plotDay(nameOf(day), formatUsd(costUsd), words.requests(requests))}</title>
              <rect class="plot-hover" x={`${index * share}%`} width={`${share}%`} height={height} />
              <rect
                class="plot-bar"
                x={`${(index + gapShare / 2) * share}%`}
                width={`${share * (1 - gapShare)}%`}
                y={height - bar}
                height={bar}
                rx="1.5"
              />
            </g>
          );
        })}
      </svg>
      <div class="plot-axis" aria-hidden="true">
        <span>{first === undefined ? '' : nameOf(first.day)}</span>
        <span>{last === undefined ? '' : nameOf(last.day)}</span>
      </div>
    </figure>
  );
}
