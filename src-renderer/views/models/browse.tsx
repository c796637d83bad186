/** All models there are: searched, filtered, and one of them looked at closely. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import {
  type BrowsedModel,
  type CommandOutput,
  formatDuration,
  type Problem,
  type Snapshot,
} from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { EmptyNote } from '../../parts/empty-note.tsx';
import { Unread } from '../../parts/problem-note.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { Select } from '../../parts/select.tsx';
import { type ReadonlySignal, useValue } from '../../state/signal.ts';
import { useStore } from '../../state/store.ts';
import { joinFacts, joinSentences } from '../../words/format.ts';
import { commonWords, modelWords as words } from '../../words/index.ts';
import {
  type BrowseFilter,
  everything,
  filterModels,
  hasModel,
  orders,
  traits,
  valuesOf,
} from './browse-filter.ts';
import { Details } from './details.tsx';
import { formatQuant } from './figures.ts';
import { useLibrary } from './library.ts';
import { LookUpNote, useLookUp } from './look-up.tsx';
import { ModelList } from './model-list.tsx';
import { newTier } from './use-form.tsx';

/** As in the style sheet. */
const query = matchMedia('(max-width: 839px)');
const narrow: ReadonlySignal<boolean> = {
  peek: () => query.matches,
  subscribe(listener) {
    query.addEventListener('change', listener);
    return () => query.removeEventListener('change', listener);
  },
};

interface BrowseProps {
  readonly status: Snapshot;
  /** The tier for which a model is being chosen. */
  readonly target: string | null;
  readonly onUsed: () => void;
  readonly onCancel: () => void;
}

export function Browse({ status, target, onUsed, onCancel }: BrowseProps) {
  const { browsed } = useLibrary();
  const [filter, setFilter] = useState<BrowseFilter>(everything);
  const [chosen, setChosen] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const pane = useRef<HTMLElement>(null);
  /** Counts up with each wish to go to the details. */
  const [visits, setVisits] = useState(0);
  /** Counts up with each way back; the list can have the focus once it is not behind any more. */
  const [returns, setReturns] = useState(0);
  const isNarrow = useValue(narrow);
  useEffect(() => {
    if (returns > 0) list.current?.focus();
  }, [returns]);
  useEffect(() => {
    if (visits > 0) pane.current?.focus();
  }, [visits]);
  const listing = useValue(browsed.value);
  const problem = useValue(browsed.problem);
  useEffect(() => {
    if (browsed.value.peek() === null) void browsed.read();
  }, [browsed]);

  const models = listing?.models;
  const found = useMemo(() => filterModels(models ?? [], filter), [models, filter]);
  const change = (part: Partial<BrowseFilter>): void => setFilter({ ...filter, ...part });
  const lookUp = useLookUp({
    text: filter.text,
    onFound(repo) {
      setFilter({ ...everything, text: repo });
      open(repo, true);
    },
  });
  const isListed = hasModel(models ?? [], filter.text);

  if (listing === null) {
    return problem === null ? (
      <p class="card-note" role="status">
        {words.loading}
      </p>
    ) : (
      <Unread problem={problem} onAgain={() => void browsed.read(true)} />
    );
  }
  const model = found.find(({ repo }) => repo === chosen) ?? null;
  /** The details lie over the list, which is behind them then, for the mouse and the keyboard alike. */
  const isOver = isNarrow && isOpen && model !== null;
  const open = (repo: string, isByKey: boolean): void => {
    setChosen(repo);
    setOpen(true);
    if (isByKey || isNarrow) setVisits(visits + 1);
  };
  const close = (): void => {
    setOpen(false);
    setReturns(returns + 1);
  };
  return (
    <>
      {target !== null && (
        <div class="banner banner-row">
          <div class="banner-text">
            <strong>{target === newTier ? words.choosingNew : words.choosingFor(target)}</strong>
          </div>
          <Button onClick={onCancel}>{commonWords.cancel}</Button>
        </div>
      )}
      <Filters filter={filter} models={models ?? []} onChange={change} onEnter={lookUp.start} />
      {!isListed && <LookUpNote text={filter.text} lookUp={lookUp} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: Escape and the cross do it, too */}
      <div
        class={`browse${isOpen && model !== null ? ' is-open' : ''}`}
        onClick={(event) => {
          if (isOver && event.target === event.currentTarget) close();
        }}
      >
        {found.length > 0 ? (
          <ModelList
            box={list}
            models={found}
            downloads={status.models.downloads}
            chosen={model?.repo ?? null}
            isBehind={isOver}
            onChoose={setChosen}
            onOpen={open}
          />
        ) : (
          <EmptyNote title={words.noMatch} text={words.noMatchText}>
            <Button onClick={() => setFilter(everything)}>{words.clear}</Button>
          </EmptyNote>
        )}
        <Details
          key={model?.repo ?? ''}
          pane={pane}
          model={model}
          status={status}
          target={target}
          onUsed={onUsed}
          onClose={close}
        />
      </div>
      <Foot listing={listing} found={found.length} notice={problem ?? listing.notice} />
    </>
  );
}

interface FiltersProps {
  readonly filter: BrowseFilter;
  readonly models: readonly BrowsedModel[];
  readonly onChange: (part: Partial<BrowseFilter>) => void;
  readonly onEnter: () => void;
}

function Filters({ filter, models, onChange, onEnter }: FiltersProps) {
  const families = useMemo(() => valuesOf(models, 'family'), [models]);
  const quants = useMemo(() => valuesOf(models, 'quant'), [models]);
  return (
    <search class="browse-filters">
      <SearchField
        label={words.search}
        value={filter.text}
        maxLength={500}
        onInput={(text) => onChange({ text })}
        onKeyDown={({ key }) => {
          if (key === 'Enter') onEnter();
        }}
      />
      <Select
        label={words.family}
        value={filter.family ?? ''}
        options={[['', words.anyFamily], ...families.map((family) => [family, family] as const)]}
        onChange={(family) => onChange({ family: family || null })}
      />
      <Select
        label={words.quant}
        value={filter.quant ?? ''}
        options={[['', words.anyQuant], ...quants.map((quant) => [quant, formatQuant(quant)] as const)]}
        onChange={(quant) => onChange({ quant: quant || null })}
      />
      <Select
        label={words.order}
        value={filter.order}
        options={orders.map((order) => [order, words.orders[order]])}
        onChange={(value) => {
          const order = orders.find((each) => each === value);
          if (order !== undefined) onChange({ order });
        }}
      />
      <fieldset class="toggles">
        <legend class="visually-hidden">{words.show}</legend>
        {traits.map((trait) => {
          const isOn = filter.traits.has(trait);
          return (
            <button
              key={trait}
              type="button"
              class="toggle"
              aria-pressed={isOn}
              onClick={() => {
                const next = new Set(filter.traits);
                if (isOn) next.delete(trait);
                else next.add(trait);
                onChange({ traits: next });
              }}
            >
              {words.traits[trait]}
            </button>
          );
        })}
      </fieldset>
    </search>
  );
}

interface FootProps {
  readonly listing: CommandOutput<'models.browse'>;
  readonly found: number;
  /** Stands where the list's age does: above, it would push down what is being read. */
  readonly notice: Problem | null;
}

function Foot({ listing, found, notice }: FootProps) {
  const now = useValue(useStore().clock.now);
  const { browsed } = useLibrary();
  const isReading = useValue(browsed.isReading);
  const { models, source, fetchedAt } = listing;
  const age = fetchedAt === null ? null : Math.max(0, now - fetchedAt);
  const facts = [
    words.found(found, models.length),
    notice === null && words.sources[source],
    age !== null && source !== 'shipped' && commonWords.ago(formatDuration(age)),
  ];
  return (
    <footer class="browse-foot">
      <div class="browse-source">
        <p class="card-note">{joinFacts(...facts)}</p>
        {notice !== null && <p role="status">{joinSentences(notice.message, notice.hint)}</p>}
      </div>
      <button
        type="button"
        class="link"
        aria-disabled={isReading || undefined}
        onClick={() => {
          if (!isReading) void browsed.read(true);
        }}
      >
        {isReading ? words.refreshing : words.refresh}
      </button>
    </footer>
  );
}
