/** One line of the list: time, level by shape and word, service, text with what was found in it. */
import { useMemo } from 'preact/hooks';
import type { LogLevel, LogRow, Ranges } from '../../bridge.ts';
import { formatLogTime } from '../../words/format.ts';
import { logWords as words } from '../../words/index.ts';

interface RowProps {
  readonly row: LogRow;
  readonly id: string;
  readonly marks: Ranges | undefined;
  readonly isSelected: boolean;
  readonly isActive: boolean;
  readonly isCurrent: boolean;
  readonly hasService: boolean;
}

/** A shape for each level, told apart without colour: octagon, triangle, dot, ring. */
const shapes: Readonly<Record<LogLevel, string>> = {
  error: 'M4 .5h4L11.5 4v4L8 11.5H4L.5 8V4z',
  warning: 'M6 .8 11.7 11H.3z',
  info: 'M6 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  debug: 'M6 3.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zm0 1a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z',
};

export const LevelMark = ({ level }: { readonly level: LogLevel }) => (
  <span class={`log-level log-level-${level}`}>
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <path d={shapes[level]} fill="currentColor" />
    </svg>
    {words.levelOf[level]}
  </span>
);

/** The text in pieces, every second one found. */
export function piecesOf(text: string, ranges: Ranges): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (const [start, end] of ranges) {
    pieces.push(text.slice(from, start), text.slice(start, end));
    from = end;
  }
  pieces.push(text.slice(from));
  return pieces;
}

/** The very same nodes while nothing about the line changes: Preact then passes it over. */
export function LogLine(props: RowProps) {
  return useMemo(() => drawLine(props), Object.values(props));
}

function drawLine(props: RowProps) {
  const { row, id, marks, isSelected, isActive, isCurrent, hasService } = props;
  const state = `${isActive ? ' is-active' : ''}${isCurrent ? ' is-current' : ''}`;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active line
    <div id={id} data-key={id} role="option" aria-selected={isSelected} class={`log-row${state}`}>
      <time>{formatLogTime(row.timeMs)}</time>
      <LevelMark level={row.level} />
      {hasService && (
        <span class="log-service">{row.log === 'mlx-stack.app' ? words.appLogShort : row.log}</span>
      )}
      <span class="log-text">
        {marks === undefined || marks.length === 0
          ? row.text
          : piecesOf(row.text, marks).map((piece, i) => (i % 2 === 0 ? piece : <mark key={i}>{piece}</mark>))}
        {row.isCut ? '…' : ''}
      </span>
    </div>
  );
}
