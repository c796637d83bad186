/** All models there are: searched, filtered, and one of them looked at closely. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatDuration, type Snapshot } from '../../bridge.ts';
import { EmptyNote } from '../../parts/empty-note.tsx';
import { ProblemNote, Unread } from '../../parts/problem-note.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { useStore } from '../../state/store.ts';
import { joinFacts } from '../../words/format.ts';
import { commonWords, modelWords as words } from '../../words/index.ts';
import { type BrowseFilter, everything, familiesOf, filterModels, orders, traits } from './browse-filter.ts';
import { Details } from './details.tsx';
import { useLibrary } from './library.ts';
import { ModelList } from './model-list.tsx';
import { newTier } from './use-form.tsx';

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
  const listing = browsed.value.value;
  const problem = browsed.problem.value;
  useEffect(() => {
    if (browsed.value.peek() === null) void browsed.read();
  }, [browsed]);

  const models = listing?.models;
  const families = useMemo(() => familiesOf(models ?? []), [models]);
  const found = useMemo(() => filterModels(models ?? [], filter), [models, filter]);
  const change = (part: Partial<BrowseFilter>): void => setFilter({ ...filter, ...part });

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
  const notice = problem ?? listing.notice;
  const choose = (repo: string, isOpening: boolean): void => {
    setChosen(repo);
    if (isOpening) setOpen(true);
  };
  return (
    <>
      {target !== null && (
        <div class="banner">
          <div class="banner-text">
            <strong>{target === newTier ? words.choosingNew : words.choosingFor(target)}</strong>
          </div>
          <button type="button" class="button button-plain" onClick={onCancel}>
            {commonWords.cancel}
          </button>
        </div>
      )}
      {notice !== null && <ProblemNote problem={notice} isMild />}
      <Filters filter={filter} families={families} onChange={change} />
      <div class={`browse${isOpen && model !== null ? ' is-open' : ''}`}>
        {found.length > 0 ? (
          <ModelList
            box={list}
            models={found}
            downloads={status.models.downloads}
            chosen={model?.repo ?? null}
            onChoose={choose}
          />
        ) : (
          <EmptyNote title={words.noMatch} text={words.noMatchText}>
            <button type="button" class="button button-plain" onClick={() => setFilter(everything)}>
              {words.clear}
            </button>
          </EmptyNote>
        )}
        <Details
          key={model?.repo ?? ''}
          model={model}
          status={status}
          target={target}
          onUsed={onUsed}
          onClose={() => {
            setOpen(false);
            list.current?.focus();
          }}
        />
      </div>
      <Foot listing={listing} found={found.length} />
    </>
  );
}

interface FiltersProps {
  readonly filter: BrowseFilter;
  readonly families: readonly string[];
  readonly onChange: (part: Partial<BrowseFilter>) => void;
}

function Filters({ filter, families, onChange }: FiltersProps) {
  return (
    <search class="browse-filters">
      <SearchField label={words.search} value={filter.text} onInput={(text) => onChange({ text })} />
      <select
        class="select"
        aria-label={words.family}
        value={filter.family ?? ''}
        onChange={({ currentTarget }) => onChange({ family: currentTarget.value || null })}
      >
        <option value="">{words.anyFamily}</option>
        {families.map((family) => (
          <option key={family} value={family}>
            {family}
          </option>
        ))}
      </select>
      <select
        class="select"
        aria-label={words.order}
        value={filter.order}
        onChange={({ currentTarget }) => {
          const order = orders.find((each) => each === currentTarget.value);
          if (order !== undefined) onChange({ order });
        }}
      >
        {orders.map((order) => (
          <option key={order} value={order}>
            {words.orders[order]}
          </option>
        ))}
      </select>
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
  readonly listing: NonNullable<ReturnType<typeof useLibrary>['browsed']['value']['value']>;
  readonly found: number;
}

function Foot({ listing, found }: FootProps) {
  const { clock } = useStore();
  const { browsed } = useLibrary();
  const isReading = browsed.isReading.value;
  const { models, source, fetchedAt } = listing;
  const age = fetchedAt === null ? null : Math.max(0, clock.now.value - fetchedAt);
  const facts = [
    words.found(found, models.length),
    words.sources[source],
    age === null || source === 'shipped' ? '' : commonWords.ago(formatDuration(age)),
  ];
  return (
    <footer class="browse-foot">
      <p class="card-note card-note-small">{joinFacts(...facts)}</p>
      <button
        type="button"
        class="link"
        aria-disabled={isReading ? 'true' : undefined}
        onClick={() => {
          if (!isReading) void browsed.read(true);
        }}
      >
        {isReading ? words.refreshing : words.refresh}
      </button>
    </footer>
  );
}
