/** Logs: every line of every service, merged by time or one by one, as it is printed and as far back as it is kept. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LogFilter, LogQuery, LogRow, LogSummary } from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { EmptyNote } from '../../parts/empty-note.tsx';
import { useValue } from '../../state/signal.ts';
import { useStore } from '../../state/store.ts';
import { commonWords, logWords as words } from '../../words/index.ts';
import { collectLines, copiedLine } from './copying.ts';
import { Entry } from './entry.tsx';
import { createFeed, everything, keyOfRow, placeOf } from './feed.ts';
import { Filters } from './filters.tsx';
import { createFinder } from './finder.ts';
import { LogList } from './list.tsx';
import { SearchBar } from './search-bar.tsx';
import { createSelection } from './selection.ts';

/** Sizes and names change slowly; looked at again no more often while the logs grow. */
const listEveryMs = 2000;
/** How long it is shown what came of a click. */
const noteMs = 6000;

export function Logs() {
  const store = useStore();
  const feed = useMemo(() => createFeed(store), [store]);
  const finder = useMemo(() => createFinder(store), [store]);
  const selection = useMemo(createSelection, []);
  const [logs, setLogs] = useState<readonly LogSummary[]>([]);
  const [isWrapped, setWrapped] = useState(false);
  const [isOnly, setOnly] = useState(false);
  const [isEndShown, setEndShown] = useState(false);
  const [opened, setOpened] = useState<LogRow | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const listedAt = useRef(0);
  const [note, setNote] = useState<string | null>(null);
  const noteTimer = useRef<ReturnType<typeof setTimeout> | null>(null);
  /** Was read too slowly to be copied at once; the next time it is. */
  const prepared = useRef<{ asked: string; text: string; said: string } | null>(null);

  /** For eyes and for screen readers. */
  function tell(text: string): void {
    store.say(text);
    setNote(text);
    clearTimeout(noteTimer.current ?? undefined);
    noteTimer.current = setTimeout(() => setNote(null), noteMs);
  }
  useEffect(() => () => clearTimeout(noteTimer.current ?? undefined), []);

  const asked = useValue(store.askedView);
  // Before the first paint: the lines are what one waits for.
  useLayoutEffect(() => {
    if (asked?.id === 'logs' && asked.log) {
      const place = asked.log;
      void feed.show(place).then(() => selectTarget());
    } else if (feed.view.peek().rows.length === 0) feed.toEnd();
  }, [asked, feed]);
  useEffect(
    () => () => {
      feed.close();
      finder.stop();
    },
    [feed, finder],
  );

  const growth = useValue(store.logGrowth);
  useEffect(() => {
    if (growth > 0) feed.grew();
    if (performance.now() - listedAt.current > listEveryMs || growth === 0) void readList();
  }, [growth]);

  async function readList(): Promise<void> {
    listedAt.current = performance.now();
    const result = await store.ask('log.list', {});
    if (result.ok) setLogs(result.value.logs);
  }

  function selectTarget(): void {
    const key = feed.target.peek().key;
    const row = feed.view.peek().rows.find((one) => keyOfRow(one) === key);
    if (row) selection.choose(row, false);
    box.current?.focus();
  }

  const filter = useValue(feed.filter);
  const { rows, atStart, atEnd } = useValue(feed.view);
  const busy = useValue(feed.busy);
  const isFollowing = useValue(feed.isFollowing);
  const newLines = useValue(feed.newLines);
  const refusal = useValue(store.refusal);
  const feedProblem = useValue(feed.problem);
  const active = useValue(selection.active);
  const chosenLogs = logs.filter(({ log }) => filter.logs === null || filter.logs.includes(log));
  const archives = chosenLogs.reduce((sum, one) => sum + one.archives, 0);
  const archiveBytes = chosenLogs.reduce((sum, one) => sum + one.archiveBytes, 0);
  const oneLog = filter.logs?.length === 1 ? (filter.logs[0] ?? null) : null;

  function setFilter(next: LogFilter): void {
    selection.clear();
    feed.setFilter(next);
    if (finder.query.peek() !== null) finder.setQuery(finder.query.peek(), { ...next, query: null });
  }
  function setQuery(query: LogQuery | null): void {
    finder.setQuery(query, { ...filter, query: null });
    if (isOnly) feed.setFilter({ ...filter, query });
    else if (query !== null) void find('backward', true);
  }
  function setOnlyMatches(next: boolean): void {
    setOnly(next);
    feed.setFilter({ ...filter, query: next ? finder.query.peek() : null });
  }

  async function find(direction: 'forward' | 'backward', isFirst = false): Promise<void> {
    const current = finder.current.peek();
    const row = current ?? selection.activeRow(rows);
    const side = direction === 'forward' ? 'after' : 'before';
    const from =
      row && !isFirst
        ? ({ kind: 'row', row: placeOf(row), side } as const)
        : ({ kind: isFirst || direction === 'backward' ? 'end' : 'start' } as const);
    const found = await finder.find(direction, from, { ...filter, query: null });
    if (found === null) {
      if (finder.progress.peek() === null && finder.problem.peek() === null && !isFirst) {
        tell(direction === 'forward' ? words.noMatchBelow : words.noMatchAbove);
      }
      return;
    }
    selection.choose(found, false);
    await feed.jump({ kind: 'row', row: placeOf(found), side: 'before' }, 'middle');
  }

  /** A page may write to the clipboard only shortly after a click or a key: `false` when that was too long ago. */
  function copyText(text: string, said: string): boolean {
    const onOwnCopy = (event: ClipboardEvent): void => {
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    document.addEventListener('copy', onOwnCopy, { once: true, capture: true });
    const isCopied = document.execCommand('copy');
    document.removeEventListener('copy', onOwnCopy, { capture: true });
    tell(isCopied ? said : words.copyReady);
    return isCopied;
  }
  /** `null` when not all of what is selected is in memory. */
  function selectedText(): { text: string; lines: number } | null {
    const range = selection.rangeIn(rows);
    if (range === null || !selection.isWithin(rows)) return null;
    const some = rows.slice(range[0], range[1] + 1);
    if (some.some(({ isCut }) => isCut)) return null;
    return { text: some.map((row) => copiedLine(row, row.text, filter)).join(''), lines: some.length };
  }
  async function copySelection(): Promise<void> {
    const ends = selection.ends();
    if (ends === null) return;
    const selected = selectedText();
    if (selected) {
      copyText(selected.text, words.copiedLines(selected.lines));
      return;
    }
    const asked = JSON.stringify([filter, ends === 'all' ? ends : ends.map(keyOfRow)]);
    if (prepared.current?.asked === asked) {
      copyText(prepared.current.text, prepared.current.said);
      prepared.current = null;
      return;
    }
    const result = await collectLines(store, filter, ends);
    if (!result.ok) {
      setProblem(result.error.message);
      return;
    }
    const { text, lines, isPart } = result.value;
    const said = isPart ? words.copiedPart(lines) : words.copiedLines(lines);
    prepared.current = copyText(text, said) ? null : { asked, text, said };
  }

  function onKeyDown(event: KeyboardEvent): void {
    const hasCommand = event.metaKey || event.ctrlKey;
    const inField = event.target instanceof HTMLInputElement;
    const key = event.key.toLowerCase();
    if (hasCommand && key === 'f') field.current?.focus();
    else if ((hasCommand && key === 'g') || event.key === 'F3')
      void find(event.shiftKey ? 'backward' : 'forward');
    else if (!inField && !hasCommand && key === 'g') void find(event.shiftKey ? 'backward' : 'forward');
    else if (!inField && event.key === '/') field.current?.focus();
    else if (hasCommand && key === 'a' && event.target === box.current) selection.all(rows);
    else return;
    event.preventDefault();
  }
  /** ⌘C from the Edit menu comes as an event, wherever the focus is in the list. */
  function onCopy(event: ClipboardEvent): void {
    if (document.activeElement !== box.current || selection.ends() === null) return;
    event.preventDefault();
    const selected = selectedText();
    if (selected === null) {
      void copySelection();
      return;
    }
    event.clipboardData?.setData('text/plain', selected.text);
    tell(words.copiedLines(selected.lines));
  }

  /** Wherever the focus is in this view. */
  useEffect(() => {
    const over = new AbortController();
    document.addEventListener('keydown', onKeyDown, over);
    document.addEventListener('copy', onCopy, over);
    return () => over.abort();
  });

  async function save(): Promise<void> {
    const result = await store.ask('log.save', { filter });
    if (result.ok && result.value.saved) tell(words.saved(result.value.lines));
    if (!result.ok) setProblem(result.error.message);
  }
  const [problem, setProblem] = useState<string | null>(null);
  const shownProblem = problem ?? feedProblem?.message ?? refusal?.problem.message ?? null;
  const isFiltered =
    filter.logs !== null ||
    filter.level !== 'debug' ||
    filter.fromMs !== null ||
    filter.toMs !== null ||
    filter.query !== null;

  return (
    <div class="logs">
      <div class="log-bar">
        <h1 class="visually-hidden">{commonWords.views.logs}</h1>
        <Filters filter={filter} logs={logs} onChange={setFilter} />
        <SearchBar
          finder={finder}
          field={field}
          isOnly={isOnly}
          onQuery={setQuery}
          onOnly={setOnlyMatches}
          onFind={(direction) => void find(direction)}
        />
      </div>
      {shownProblem !== null && (
        <div class="log-problem" role="alert">
          <p>{shownProblem}</p>
          <Button
            onClick={() => {
              setProblem(null);
              store.dismissRefusal();
              feed.toEnd();
            }}
          >
            {commonWords.again}
          </Button>
        </div>
      )}
      <div class="log-main card">
        {rows.length > 0 ? (
          <LogList
            feed={feed}
            finder={finder}
            selection={selection}
            isWrapped={isWrapped}
            hasService={oneLog === null}
            onOpen={setOpened}
            box={box}
            onEndShown={setEndShown}
          />
        ) : shownProblem === null || busy !== 'no' ? (
          <EmptyNote
            title={busy !== 'no' ? words.loading : isFiltered ? words.nothing : words.empty}
            text={busy !== 'no' ? '' : isFiltered ? words.nothingText : words.emptyText}
          >
            {busy === 'no' && isFiltered && (
              <Button onClick={() => setFilter(everything)}>{words.clearFilters}</Button>
            )}
          </EmptyNote>
        ) : null}
        {(busy === 'older' || busy === 'newer') && rows.length < 100 && !(atStart && atEnd) && (
          <div class="log-busy" role="status">
            {words.loading}
            <Button onClick={feed.stop}>{words.stop}</Button>
          </div>
        )}
        {note !== null && (
          <p class="log-said" aria-hidden="true">
            {note}
          </p>
        )}
        {/* Over lines that one reads it would be in the way, and there would be nowhere to go. */}
        {!isFollowing && rows.length > 0 && filter.toMs === null && (newLines > 0 || !isEndShown) && (
          <button type="button" class="button button-primary log-new" onClick={feed.toEnd}>
            {newLines > 0 ? words.newLines(newLines) : words.toEnd}
          </button>
        )}
      </div>
      {opened !== null && (
        <Entry
          row={opened}
          onClose={() => {
            setOpened(null);
            box.current?.focus();
          }}
          onCopy={(text) => void copyText(text, words.copiedLines(1))}
        />
      )}
      <div class="log-bar log-foot">
        <label class="log-check">
          <input
            type="checkbox"
            checked={isFollowing}
            disabled={filter.toMs !== null}
            onChange={({ currentTarget }) =>
              currentTarget.checked ? feed.toEnd() : feed.setFollowing(false)
            }
          />
          {words.follow}
        </label>
        <label class="log-check">
          <input
            type="checkbox"
            checked={isWrapped}
            onChange={({ currentTarget }) => setWrapped(currentTarget.checked)}
          />
          {words.wrap}
        </label>
        <span class="log-space" />
        <Button disabled={active === null} onClick={() => void copySelection()}>
          {commonWords.copy}
        </Button>
        <Button onClick={() => void save()}>{words.save}</Button>
        <Button
          onClick={() =>
            void store.act({ name: 'log.reveal', input: { log: oneLog } }, commonWords.revealInFinder)
          }
        >
          {commonWords.revealInFinder}
        </Button>
        <Button
          onClick={() =>
            void store.act({ name: 'log.rotate', input: { log: oneLog } }, words.rotate).then((isDone) => {
              if (isDone) tell(words.rotated);
              void readList();
            })
          }
        >
          {words.rotate}
        </Button>
        {archives > 0 && (
          <ConfirmButton
            key={`${archives} ${archiveBytes}`}
            call={{ name: 'log.deleteArchives', input: { log: oneLog } }}
            label={words.deleteArchives(archiveBytes)}
            name={words.deleteArchives(archiveBytes)}
            question={words.deleteQuestion(archives, archiveBytes)}
            confirm={words.deleteConfirm}
            done={words.deleted(archiveBytes)}
          />
        )}
      </div>
    </div>
  );
}
