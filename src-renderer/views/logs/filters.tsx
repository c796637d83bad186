/** Which lines are shown: of which service, how serious, from when. */
import { useState } from 'preact/hooks';
import type { LogFilter, LogLevel, LogSummary } from '../../bridge.ts';
import { Select } from '../../parts/select.tsx';
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
    // The fields know no seconds: what they show is what is meant, and now belongs to it.
    const end = Math.ceil(now / minuteMs) * minuteMs;
    if (next === 'custom') onChange({ ...filter, fromMs: end - spans.hour, toMs: end });
    else onChange({ ...filter, fromMs: next === 'all' ? null : now - spans[next], toMs: null });
  }

  return (
    <>
      <Select
        label={words.service}
        value={only}
        options={[
          ['', words.allServices],
          ...logs.map(({ log }) => [log, log === 'mlx-stack.app' ? words.appLog : log] as const),
          ...(only === '' || logs.some(({ log }) => log === only) ? [] : [[only, only] as const]),
        ]}
        onChange={(log) => onChange({ ...filter, logs: log === '' ? null : [log] })}
      />
      <Select
        label={words.level}
        value={filter.level}
        options={levels.map((level) => [level, words.levels[level]])}
        onChange={(level) => {
          if (isLevel(level)) onChange({ ...filter, level });
        }}
      />
      <Select
        label={words.time}
        value={shown}
        options={Object.entries(words.times)}
        onChange={(value) => {
          if (isSpan(value)) choose(value);
        }}
      />
      {shown === 'custom' && <Times filter={filter} onChange={onChange} />}
    </>
  );
}

type Times = Pick<LogFilter, 'fromMs' | 'toMs'>;

/** What the fields say and no filter can be: the lines stay as they are. */
interface Refused extends Times {
  readonly fault: 'timesReversed' | 'noTime';
  readonly field: keyof Times;
  /** The filter that was kept; another one ends this. */
  readonly kept: Times;
}

function Times({ filter, onChange }: Pick<FiltersProps, 'filter' | 'onChange'>) {
  const [latest, setRefused] = useState<Refused | null>(null);
  const isCurrent = latest?.kept.fromMs === filter.fromMs && latest?.kept.toMs === filter.toMs;
  const refused = isCurrent ? latest : null;
  const { fromMs, toMs } = refused ?? filter;

  function refuse(next: Times, fault: Refused['fault'], field: Refused['field']): void {
    setRefused({ ...next, fault, field, kept: filter });
  }
  function change(field: keyof Times, { value, parentElement }: HTMLInputElement): void {
    const ms = timeOf(value);
    const next: Times = field === 'fromMs' ? { fromMs: ms, toMs } : { fromMs, toMs: ms };
    // Half a date is empty, and says of itself that it is not meant so.
    const unfinished = [...(parentElement?.querySelectorAll('input') ?? [])].find(
      ({ validity }) => validity.badInput,
    );
    if (unfinished !== undefined) {
      refuse(next, 'noTime', unfinished.name === 'fromMs' ? 'fromMs' : 'toMs');
    } else if (next.fromMs !== null && next.toMs !== null && next.toMs <= next.fromMs) {
      refuse(next, 'timesReversed', field);
    } else {
      setRefused(null);
      onChange({ ...filter, ...next });
    }
  }

  const field = (name: keyof Times, label: string, ms: number | null) => (
    <input
      class="input"
      type="datetime-local"
      name={name}
      aria-label={label}
      aria-invalid={refused?.field === name}
      value={ms === null ? '' : localTime(ms)}
      onChange={({ currentTarget }) => change(name, currentTarget)}
    />
  );
  return (
    <span class="log-times">
      {field('fromMs', words.from, fromMs)}
      {field('toMs', words.to, toMs)}
      {refused !== null && (
        <span class="log-times-fault" role="alert">
          {refused.fault === 'noTime' ? words.noTime : words.timesReversed}
        </span>
      )}
    </span>
  );
}
