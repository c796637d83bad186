/** How far something is; without a fraction it only says that something goes on. */
import { formatPercent } from '../words/format.ts';

interface ProgressBarProps {
  readonly label: string;
  /** 0 to 1; `null` where it cannot be told. */
  readonly fraction: number | null;
  /** Stands still: paused, waiting or failed. */
  readonly isStill?: boolean;
}

export function ProgressBar({ label, fraction, isStill = false }: ProgressBarProps) {
  const percent = fraction === null ? undefined : Math.floor(fraction * 100);
  return (
    <div
      class={`progress${isStill ? ' is-still' : ''}${fraction === null ? ' is-open' : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={percent === undefined ? undefined : formatPercent(percent)}
    >
      <div class="progress-fill" style={{ width: fraction === null ? '30%' : `${fraction * 100}%` }} />
    </div>
  );
}
