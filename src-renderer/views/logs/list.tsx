/** The virtual list: draws only the lines on screen and a few around them, whatever their height, and moves by pixels. */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { LogRow, Ranges } from '../../bridge.ts';
import { useValue } from '../../state/signal.ts';
import { logWords as words } from '../../words/index.ts';
import { type Feed, keyOfRow } from './feed.ts';
import type { Finder } from './finder.ts';
import { Rail } from './rail.tsx';
import { LogLine } from './row.tsx';
import type { Selection } from './selection.ts';

/** Of a line that is not wrapped; the least height of any. */
const rowHeight = 20;
/** Drawn above and below what is seen, in screens: as far as one movement may go. */
const overscan = 1.5;
/** Closer than this to an end of the window more is asked for. */
const loadWithinRows = 250;
const lineScrollPx = 40;

/**
 * Where the list stands: the row of this index has its upper edge at `y`. Everything else hangs on it, above and below,
 * so that lines of any height, and lines that come in above, move nothing that is looked at.
 */
export interface Place {
  readonly key: string | null;
  readonly index: number;
  readonly y: number;
}

interface ListProps {
  readonly feed: Feed;
  readonly finder: Finder;
  readonly selection: Selection;
  readonly isWrapped: boolean;
  readonly hasService: boolean;
  readonly onOpen: (row: LogRow) => void;
  readonly box: RefObject<HTMLDivElement | null>;
  /** Whether the newest line is on screen; only when that changes. */
  readonly onEndShown: (isShown: boolean) => void;
}

const noMarks: ReadonlyMap<string, Ranges> = new Map();

export function LogList({
  feed,
  finder,
  selection,
  isWrapped,
  hasService,
  onOpen,
  box,
  onEndShown,
}: ListProps) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const frame = useRef<HTMLDivElement>(null);
  const above = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLDivElement>(null);
  const place = useRef<Place>({ key: null, index: 0, y: 0 });
  const height = useRef(0);
  /** Where the end stands while it is followed: at the bottom, or higher up when there is little. */
  const endY = useRef(0);
  const pending = useRef(0);
  const isScheduled = useRef(false);
  const seenTarget = useRef<object | null>(null);

  const { rows, atStart, atEnd, startFraction, endFraction } = useValue(feed.view);
  const target = useValue(feed.target);
  const isPinned = useValue(feed.isFollowing);
  const query = useValue(finder.query);
  const found = useValue(finder.marks);
  const marks = query === null ? noMarks : found;
  const current = useValue(finder.current);

  /** New rows above shift the index; the row itself stays where it is. */
  function resolvePlace(): void {
    if (seenTarget.current !== target) {
      seenTarget.current = target;
      const index = rows.findIndex((row) => keyOfRow(row) === target.key);
      const y = target.place === 'middle' ? Math.round(height.current / 3) : 0;
      place.current =
        target.place === 'end' || index < 0
          ? { key: null, index: rows.length, y: endY.current }
          : { key: target.key, index, y };
      return;
    }
    const { key, index, y } = place.current;
    if (isPinned) {
      place.current = { key: null, index: rows.length, y: endY.current };
      return;
    }
    const known = rows[index];
    if (key === null || (known && keyOfRow(known) === key)) return;
    const moved = rows.findIndex((row) => keyOfRow(row) === key);
    place.current =
      moved >= 0 ? { key, index: moved, y } : { key: null, index: Math.min(index, rows.length), y };
  }

  resolvePlace();
  const { index, y } = place.current;
  const drawnAbove = Math.ceil((Math.max(0, y) + height.current * overscan) / rowHeight);
  const drawnBelow = Math.ceil((Math.max(0, height.current - y) + height.current * overscan) / rowHeight);
  const first = Math.max(0, index - drawnAbove);
  const last = Math.min(rows.length, index + drawnBelow);
  const drawn = rows.slice(first, last);

  /** After drawing: nothing beyond the ends, and the anchor is a line on screen. */
  useLayoutEffect(() => {
    const top = above.current;
    const bottom = below.current;
    if (!top || !bottom || rows.length === 0) return;
    const aboveHeight = top.offsetHeight;
    const contentBottom = place.current.y + bottom.offsetHeight;
    if (isPinned) {
      endY.current = first === 0 ? Math.min(height.current, aboveHeight) : height.current;
      if (place.current.y !== endY.current) redraw(undefined);
      else loadAround();
      return;
    }
    let { y: nextY } = place.current;
    if (last === rows.length && contentBottom < height.current) nextY += height.current - contentBottom;
    if (first === 0 && nextY > aboveHeight) nextY = aboveHeight;
    const isMoved = nextY !== place.current.y;
    place.current = anchored({ ...place.current, y: nextY }, top, bottom);
    if (isMoved) {
      redraw(undefined);
      return;
    }
    const isAtBottom = last === rows.length && contentBottom <= height.current + 1;
    const isShown = atEnd && isAtBottom;
    if (isShown !== wasEndShown.current) onEndShown(isShown);
    wasEndShown.current = isShown;
    const mayFollow = atEnd && isAtBottom && pendingDown.current && feed.filter.peek().toMs === null;
    if (mayFollow) feed.setFollowing(true);
    loadAround();
  });
  const pendingDown = useRef(false);
  const wasEndShown = useRef(false);

  function loadAround(): void {
    pendingDown.current = false;
    if (!atStart && first < loadWithinRows) feed.loadOlder();
    if (!isPinned && !atEnd && rows.length - last < loadWithinRows) feed.loadNewer();
  }

  /** The same picture, hung on the first line that is on screen. */
  function anchored(from: Place, top: HTMLElement, bottom: HTMLElement): Place {
    const topEdge = from.y - top.offsetHeight;
    for (const [block, edge, offset] of [
      [top, topEdge, first],
      [bottom, from.y, from.index],
    ] as const) {
      for (const [i, child] of [...block.children].entries()) {
        if (!(child instanceof HTMLElement)) continue;
        const upper = edge + child.offsetTop;
        if (upper + child.offsetHeight <= 0) continue;
        const row = rows[offset + i];
        return { key: row ? keyOfRow(row) : null, index: offset + i, y: upper };
      }
    }
    return from;
  }

  function scrollBy(pixels: number): void {
    pending.current += pixels;
    if (isScheduled.current) return;
    isScheduled.current = true;
    requestAnimationFrame(() => {
      isScheduled.current = false;
      const limit = height.current * overscan;
      const step = Math.max(-limit, Math.min(limit, pending.current));
      pending.current = 0;
      if (step === 0) return;
      if (step < 0 && feed.isFollowing.peek()) feed.setFollowing(false);
      pendingDown.current = step > 0;
      place.current = { ...place.current, y: place.current.y - step };
      redraw(undefined);
    });
  }

  // Measured before the first paint, or that would show nothing.
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const onWheel = (event: WheelEvent): void => {
      if (event.ctrlKey) return;
      event.preventDefault();
      const unit = event.deltaMode === 1 ? lineScrollPx : event.deltaMode === 2 ? height.current : 1;
      scrollBy(event.deltaY * unit);
    };
    const measure = (): void => {
      height.current = element.clientHeight;
      endY.current = height.current;
      redraw(undefined);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => {
      element.removeEventListener('wheel', onWheel);
      observer.disconnect();
    };
  }, []);

  const firstKey = drawn[0] ? keyOfRow(drawn[0]) : '';
  useEffect(() => {
    if (query !== null) finder.mark(drawn);
  }, [firstKey, drawn.length, query]);

  /** Brings the active line on screen, with as little movement as will do. */
  function reveal(at: number): void {
    const { index: anchor, y: top } = place.current;
    const block = at < anchor ? above.current : below.current;
    const child = block?.children[at < anchor ? at - first : at - anchor];
    if (!(child instanceof HTMLElement)) {
      const row = rows[at];
      if (row) place.current = { key: keyOfRow(row), index: at, y: Math.round(height.current / 3) };
      feed.setFollowing(false);
      redraw(undefined);
      return;
    }
    const edge = (at < anchor ? top - (above.current?.offsetHeight ?? 0) : top) + child.offsetTop;
    if (edge < 0) scrollBy(edge);
    else if (edge + child.offsetHeight > height.current) scrollBy(edge + child.offsetHeight - height.current);
  }

  function move(step: number, extend: boolean): void {
    const at = selection.move(rows, step, extend, firstVisible());
    if (at !== null) reveal(at);
  }
  const firstVisible = (): number => Math.min(rows.length - 1, Math.max(0, place.current.index));

  function onKeyDown(event: KeyboardEvent): void {
    const page = height.current - rowHeight * 2;
    const keys: Record<string, () => void> = {
      ArrowDown: () => move(1, event.shiftKey),
      ArrowUp: () => move(-1, event.shiftKey),
      PageDown: () => scrollBy(page),
      PageUp: () => scrollBy(-page),
      ' ': () => scrollBy(event.shiftKey ? -page : page),
      Home: () => void feed.jump({ kind: 'start' }),
      End: () => feed.toEnd(),
      Enter: () => {
        const row = selection.activeRow(rows);
        if (row) onOpen(row);
      },
      Escape: () => selection.clear(),
    };
    const act = event.metaKey || event.ctrlKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  function onClick(event: MouseEvent): void {
    const row = rowAt(event);
    if (row) selection.choose(row, event.shiftKey);
  }
  function onDblClick(event: MouseEvent): void {
    const row = rowAt(event);
    if (row) onOpen(row);
  }
  function rowAt(event: MouseEvent): LogRow | undefined {
    const id =
      event.target instanceof Element ? event.target.closest('[data-key]')?.getAttribute('data-key') : null;
    return id === null ? undefined : rows.find((row) => keyOfRow(row) === id);
  }

  const chosen = selection.rangeIn(rows);
  const active = useValue(selection.active);
  const line = (row: LogRow, at: number) => {
    const key = keyOfRow(row);
    return (
      <LogLine
        key={key}
        id={key}
        row={row}
        marks={marks.get(key)}
        isSelected={chosen !== null && at >= chosen[0] && at <= chosen[1]}
        isActive={key === active}
        isCurrent={current !== null && keyOfRow(current) === key}
        hasService={hasService}
      />
    );
  };
  const isActiveDrawn = active !== null && drawn.some((row) => keyOfRow(row) === active);
  return (
    <div class="log-frame" ref={frame}>
      <div
        ref={box}
        class={`log-list${isWrapped ? ' is-wrapped' : ''}${hasService ? ' has-service' : ''}`}
        role="listbox"
        tabIndex={0}
        aria-label={words.lines}
        aria-description={words.keys}
        aria-multiselectable="true"
        aria-activedescendant={isActiveDrawn ? active : undefined}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onDblClick={onDblClick}
      >
        <div
          class="log-block"
          role="presentation"
          ref={above}
          style={{ transform: `translateY(calc(${y}px - 100%))` }}
        >
          {drawn.slice(0, index - first).map((row, i) => line(row, first + i))}
        </div>
        <div class="log-block" role="presentation" ref={below} style={{ transform: `translateY(${y}px)` }}>
          {drawn.slice(index - first).map((row, i) => line(row, index + i))}
        </div>
      </div>
      <Rail
        start={atStart && first === 0 && y >= 0 ? 0 : fractionAt(index)}
        span={
          rows.length === 0 ? 1 : ((endFraction - startFraction) * height.current) / (rows.length * rowHeight)
        }
        isAtEnd={isPinned}
        onMove={(fraction) =>
          void feed.jump(fraction === 0 ? { kind: 'start' } : { kind: 'fraction', fraction })
        }
        onEnd={feed.toEnd}
      />
    </div>
  );

  /** Between the known positions of the window's ends by number of lines. */
  function fractionAt(at: number): number {
    return rows.length === 0 ? 0 : startFraction + ((endFraction - startFraction) * at) / rows.length;
  }
}
