/** The list of models: draws the rows on screen and a few around them, however many there are. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type BrowsedModel, type Download, formatDiskBytes } from '../../bridge.ts';
import { joinFacts } from '../../words/format.ts';
import { modelWords as words } from '../../words/index.ts';
import { abilities } from './browse-filter.ts';
import { formatContext, formatQuant, formatRange } from './figures.ts';

/** As in the style sheet. */
const rowHeight = 52;
/** Drawn above and below what is seen. */
const overscanRows = 8;

interface ModelListProps {
  readonly models: readonly BrowsedModel[];
  readonly downloads: readonly Download[];
  readonly chosen: string | null;
  /** Something lies over it. */
  readonly isBehind: boolean;
  readonly onChoose: (repo: string) => void;
  /** The details are wanted, not only the row. */
  readonly onOpen: (repo: string, isByKey: boolean) => void;
  readonly box: RefObject<HTMLDivElement | null>;
}

export function ModelList({ models, downloads, chosen, isBehind, onChoose, onOpen, box }: ModelListProps) {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(0);
  const shown = useRef(models);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    setHeight(element.clientHeight);
    return () => observer.disconnect();
  }, [box]);

  /** Another search begins at its first row. */
  useLayoutEffect(() => {
    if (shown.current === models) return;
    shown.current = models;
    if (box.current !== null) box.current.scrollTop = 0;
  }, [models, box]);

  const at = models.findIndex(({ repo }) => repo === chosen);
  const first = Math.max(0, Math.floor(top / rowHeight) - overscanRows);
  const last = Math.min(models.length, Math.ceil((top + height) / rowHeight) + overscanRows);
  const isDrawn = at >= first && at < last;

  function moveTo(index: number): void {
    const next = Math.min(models.length - 1, Math.max(0, index));
    const model = models[next];
    const element = box.current;
    if (model === undefined || element === null) return;
    onChoose(model.repo);
    const upper = next * rowHeight;
    if (upper < element.scrollTop) element.scrollTop = upper;
    else if (upper + rowHeight > element.scrollTop + height) element.scrollTop = upper + rowHeight - height;
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: models.length - 1,
    };
    const target = moves[event.key];
    const model = models[at];
    if (target !== undefined) moveTo(target);
    else if (event.key === 'Enter' && model !== undefined) onOpen(model.repo, true);
    else return;
    event.preventDefault();
  }

  function onClick({ target }: MouseEvent): void {
    const row = target instanceof Element ? target.closest('[data-repo]') : null;
    const repo = row?.getAttribute('data-repo');
    if (repo !== null && repo !== undefined) onOpen(repo, false);
  }

  return (
    <div
      ref={box}
      class="card browse-list"
      inert={isBehind}
      role="listbox"
      tabIndex={0}
      aria-label={words.list}
      aria-description={words.listKeys}
      aria-activedescendant={isDrawn ? `model-row-${at}` : undefined}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <div role="presentation" style={{ height: `${models.length * rowHeight}px` }}>
        <div role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {models.slice(first, last).map((model, index) => (
            <Row
              key={model.repo}
              model={model}
              index={first + index}
              count={models.length}
              isChosen={first + index === at}
              download={downloads.find(({ repo }) => repo === model.repo)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  readonly model: BrowsedModel;
  readonly index: number;
  readonly count: number;
  readonly isChosen: boolean;
  readonly download: Download | undefined;
}

/** Short figures at the right; who listens hears them with the rest of the row. */
function Row({ model, index, count, isChosen, download }: RowProps) {
  const { repo, name, family, quant, sizeBytes, contextTokens, speed, isRecommended, installed, gated } =
    model;
  const facts = [
    family,
    quant !== null && formatQuant(quant),
    contextTokens !== null && formatContext(contextTokens),
    ...abilities.map((ability) => model[ability] && words.traits[ability]),
    gated && words.gated,
  ];
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active row
    <div
      id={`model-row-${index}`}
      class="browse-row"
      role="option"
      data-repo={repo}
      aria-selected={isChosen}
      aria-posinset={index + 1}
      aria-setsize={count}
    >
      <div class="library-text">
        <p class="library-title">
          <span class="model-name ellipsis" title={repo}>
            {name}
          </span>
          {isRecommended && <span class="chip chip-good">{words.recommended}</span>}
        </p>
        <p class="browse-facts ellipsis">{joinFacts(...facts)}</p>
      </div>
      <div class="browse-figures">
        <p>{sizeBytes !== null && formatDiskBytes(sizeBytes)}</p>
        <p class={`browse-facts${model.fits === false ? ' is-bad' : ''}`}>
          {standing(model, installed, download) || (speed !== null && words.speedShort(formatRange(speed)))}
        </p>
      </div>
    </div>
  );
}

function standing(model: BrowsedModel, installed: boolean, download: Download | undefined): string {
  if (installed) return words.traits.installed;
  if (download !== undefined && download.state !== 'done') {
    const share = download.totalBytes ? download.doneBytes / download.totalBytes : 0;
    return words.downloadingAt(Math.floor(share * 100));
  }
  return model.fits === false ? words.tooLarge : '';
}
