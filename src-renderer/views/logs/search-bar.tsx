/** The search field with its switches, its count and the way to the next match. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogQuery } from '../../bridge.ts';
import { SearchField } from '../../parts/search-field.tsx';
import { useValue } from '../../state/signal.ts';
import { joinSentences } from '../../words/format.ts';
import { logWords as words } from '../../words/index.ts';
import type { Finder } from './finder.ts';

interface SearchBarProps {
  readonly finder: Finder;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly isOnly: boolean;
  readonly onQuery: (query: LogQuery | null) => void;
  readonly onOnly: (isOnly: boolean) => void;
  readonly onFind: (direction: 'forward' | 'backward') => void;
}

/** Typing goes on: the search waits for a moment's rest. */
const restMs = 120;

interface ToggleProps {
  readonly isOn: boolean;
  readonly label: string;
  readonly sign: string;
  readonly onToggle: () => void;
}

const Toggle = ({ isOn, label, sign, onToggle }: ToggleProps) => (
  <button
    type="button"
    class="log-toggle"
    aria-pressed={isOn}
    aria-label={label}
    title={label}
    onClick={onToggle}
  >
    {sign}
  </button>
);

export function SearchBar({ finder, field, isOnly, onQuery, onOnly, onFind }: SearchBarProps) {
  const [text, setText] = useState('');
  const [isPattern, setPattern] = useState(false);
  const [matchCase, setCase] = useState(false);
  const given = useRef('');
  const query: LogQuery | null = text === '' ? null : { text, isPattern, matchCase };
  const wanted = JSON.stringify(query);

  useEffect(() => {
    if (wanted === given.current || (given.current === '' && query === null)) return;
    const give = (): void => {
      given.current = wanted;
      onQuery(query);
    };
    const timer = setTimeout(give, query === null ? 0 : restMs);
    return () => clearTimeout(timer);
  }, [wanted]);

  const matches = useValue(finder.matches);
  const progress = useValue(finder.progress);
  const problem = useValue(finder.problem);
  return (
    <search class="log-search">
      <SearchField
        field={field}
        label={words.search}
        value={text}
        maxLength={500}
        isInvalid={problem !== null}
        onInput={setText}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onFind(event.shiftKey ? 'forward' : 'backward');
          if (event.key === 'Escape' && text !== '') setText('');
        }}
      />
      <Toggle isOn={matchCase} label={words.matchCase} sign="Aa" onToggle={() => setCase(!matchCase)} />
      <Toggle isOn={isPattern} label={words.pattern} sign=".*" onToggle={() => setPattern(!isPattern)} />
      <Toggle isOn={isOnly} label={words.onlyMatches} sign="≡" onToggle={() => onOnly(!isOnly)} />
      {query !== null && (
        <>
          <button
            type="button"
            class="log-toggle"
            aria-label={words.previous}
            title={words.previous}
            onClick={() => onFind('backward')}
          >
            ↑
          </button>
          <button
            type="button"
            class="log-toggle"
            aria-label={words.next}
            title={words.next}
            onClick={() => onFind('forward')}
          >
            ↓
          </button>
          <span class="log-count" role="status">
            {problem !== null
              ? joinSentences(problem.message, problem.hint)
              : progress !== null
                ? words.searching(Math.round(progress * 100))
                : matches !== null && words.matches(matches.count, matches.isDone)}
          </span>
          {(progress !== null || matches?.isDone === false) && problem === null && (
            <button type="button" class="log-toggle" onClick={() => finder.stop()}>
              {words.stop}
            </button>
          )}
        </>
      )}
    </search>
  );
}
