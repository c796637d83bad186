/** Which lines are shown: of which service, how serious, from when. */
import { useState } from 'preact/hooks';
import type { LogFilter, LogLevel, LogSummary } from '../../bridge.ts';
import { logWords as words } from '../../words/index.ts';

interface FiltersProps {
  readonly filter: LogFilter;
  readonly logs: readonly LogSummary[];
  readonly onChange: (filter: LogFilter) => void;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warning', 'error'];
const minuteMs = 60_000;
const spans = { minutes15: 15 * minuteMs, hour: 60 * minuteMs, day: 24 * 60 * minuteMs } as const;
type Span = 'all' | keyof typeof spans | 'custom';
const isSpan = (text: string): text is Span => text in words.times;
const isLevel = (text: string): text is LogLevel => levels.some((level) => level === text);

/** What `datetime-local` takes, in the time of this Mac. */
function localTime(ms: number): string {
  const time = new Date(ms);
  return new Date(ms - time.getTimezoneOffset() * minuteMs).toISOString().slice(0, 16);
}
const timeOf = (text: string): number | null => {
  const ms = new Date(text).getTime();
  return text === '' || Number.isNaN(ms) ? null : ms;
};

export function Filters({ filter, logs, onChange }: FiltersProps) {
  const [span, setSpan] = useState<Span>('all');
  const shown: Span = filter.fromMs === null && filter.toMs === null && span !== 'custom' ? 'all' : span;
  const only = filter.logs?.[0] ?? '';

  function choose(next: Span): void {
    setSpan(next);
    const now = Date.now();
    const fromMs = next === 'all' ? null : now - spans[next === 'custom' ? 'hour' : next];
    onChange({ ...filter, fromMs, toMs: next === 'custom' ? now : null });
  }

  return (
    <>
      <select
        class="log-select"
        aria-label={words.service}
        value={only}
        onChange={({ currentTarget }) =>
          onChange({ ...filter, logs: currentTarget.value === '' ? null : [currentTarget.value] })
        }
      >
        <option value="">{words.allServices}</option>
        {logs.map(({ log }) => (
          <option key={log} value={log}>
            {log === 'mlx-stack.app' ? words.appLog : log}
          </option>
        ))}
        {only !== '' && !logs.some(({ log }) => log === only) && <option value={only}>{only}</option>}
      </select>
      <select
        class="log-select"
        aria-label={words.level}
        value={filter.level}
        onChange={({ currentTarget }) => {
          if (isLevel(currentTarget.value)) onChange({ ...filter, level: currentTarget.value });
        }}
      >
        {levels.map((level) => (
          <option key={level} value={level}>
            {words.levels[level]}
          </option>
        ))}
      </select>
      <select
        class="log-select"
        aria-label={words.time}
        value={shown}
        onChange={({ currentTarget }) => {
          if (isSpan(currentTarget.value)) choose(currentTarget.value);
        }}
      >
        {Object.entries(words.times).map(([key, label]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </select>
      {shown === 'custom' && (
        <span class="log-times">
          <input
            type="datetime-local"
            aria-label={words.from}
            value={filter.fromMs === null ? '' : localTime(filter.fromMs)}
            onChange={({ currentTarget }) => onChange({ ...filter, fromMs: timeOf(currentTarget.value) })}
          />
          <input
            type="datetime-local"
            aria-label={words.to}
            value={filter.toMs === null ? '' : localTime(filter.toMs)}
            onChange={({ currentTarget }) => onChange({ ...filter, toMs: timeOf(currentTarget.value) })}
          />
        </span>
      )}
    </>
  );
}
