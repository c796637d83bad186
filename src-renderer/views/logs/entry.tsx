/** One line in full: everything known of it, and its whole text, to read and to copy. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LogRow } from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { useStore } from '../../state/store.ts';
import { formatLogTime } from '../../words/format.ts';
import { commonWords, logWords as words } from '../../words/index.ts';
import { LevelMark } from './row.tsx';

interface EntryProps {
  readonly row: LogRow;
  readonly onClose: () => void;
  readonly onCopy: (text: string) => void;
}

export function Entry({ row, onClose, onCopy }: EntryProps) {
  const { ask } = useStore();
  const [text, setText] = useState(row.text);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    let isOver = false;
    setText(row.text);
    if (row.isCut) {
      void ask('log.entry', { log: row.log, segment: row.segment, offset: row.offset }).then((result) => {
        if (!isOver) setText(result.ok ? result.value.text : `${row.text}…\n\n${result.error.message}`);
      });
    }
    return () => {
      isOver = true;
    };
  }, [row, ask]);
  useLayoutEffect(() => close.current?.focus(), []);
  return (
    <section
      class="log-entry card"
      aria-label={words.entry}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <header>
        <LevelMark level={row.level} />
        <span>{formatLogTime(row.timeMs)}</span>
        <span>{row.log === 'mlx-stack.app' ? words.appLog : row.log}</span>
        <span class="log-soft">{words.sources[row.source]}</span>
        <Button onClick={() => onCopy(text)}>{commonWords.copy}</Button>
        <Button ref={close} onClick={onClose}>
          {commonWords.close}
        </Button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
