/** The models of the cloud that apps may ask for, and OpenRouter's list to choose from. */
import { useEffect, useState } from 'preact/hooks';
import type { CloudModelEntry, CloudStatus, CommandCall, Problem } from '../../bridge.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Unread } from '../../parts/problem-note.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { useStore } from '../../state/store.ts';
import { formatCompact, formatPrice, joinFacts } from '../../words/format.ts';
import { cloudWords as words } from '../../words/index.ts';
import { matches } from './figures.ts';

/** More are found by searching. */
const shownMax = 30;

export function Models({ models }: { readonly models: CloudStatus['models'] }) {
  const ids = models.map(({ id }) => id);
  return (
    <Panel id="cloud-models" title={words.models} text={words.modelsText}>
      <ul class="library-list">
        {models.map((model, index) => (
          <li key={model.id} class="library-item">
            <ModelText model={model} isPremium={index === 0} isGone={model.listed === false} />
            {index > 0 && model.listed !== false && (
              <CommandButton
                call={choose([model.id, ...ids.filter((id) => id !== model.id)])}
                label={words.makePremium}
                name={words.makePremiumOf(model.name)}
              />
            )}
            {models.length > 1 && (
              <CommandButton
                call={choose(ids.filter((id) => id !== model.id))}
                label={words.removeModel}
                name={words.removeModelOf(model.name)}
              />
            )}
          </li>
        ))}
      </ul>
      <AddModel chosen={ids} />
    </Panel>
  );
}

const choose = (ids: readonly string[]): CommandCall => ({
  name: 'cloud.setModels',
  input: { ids: [...ids] },
});

interface ModelTextProps {
  readonly model: CloudModelEntry;
  readonly isPremium?: boolean;
  readonly isGone?: boolean;
}

function ModelText({ model, isPremium = false, isGone = false }: ModelTextProps) {
  const { promptUsdPerMillion: prompt, completionUsdPerMillion: completion, contextTokens } = model;
  const facts = [
    prompt === null || completion === null
      ? words.priceVaries
      : words.price(formatPrice(prompt), formatPrice(completion)),
    contextTokens !== null && words.context(formatCompact(contextTokens)),
  ];
  return (
    <div class="library-text">
      <p class="library-title">
        <span class="model-name">{model.name}</span>
        {isPremium && <span class="chip chip-info">{words.premium}</span>}
      </p>
      {model.name !== model.id && <code class="ellipsis">{model.id}</code>}
      <p class={isGone ? 'input-problem' : 'card-note card-note-small'}>
        {isGone ? words.notListed : joinFacts(...facts)}
      </p>
    </div>
  );
}

function AddModel({ chosen }: { readonly chosen: readonly string[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.add}</summary>
      {isOpen && <Chooser chosen={chosen} />}
    </details>
  );
}

function Chooser({ chosen }: { readonly chosen: readonly string[] }) {
  const store = useStore();
  const [list, setList] = useState<readonly CloudModelEntry[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [wanted, setWanted] = useState('');

  async function fetchList(): Promise<void> {
    setProblem(null);
    const read = await store.ask('cloud.listModels', {});
    if (read.ok) setList(read.value.models);
    setProblem(read.ok ? read.value.problem : read.error);
  }
  useEffect(() => void fetchList(), []);

  const found = (list ?? []).filter(
    ({ id, name }) => !chosen.includes(id) && matches(`${name} ${id}`, wanted.trim()),
  );
  return (
    <div class="chooser">
      {problem !== null && <Unread problem={problem} onAgain={() => void fetchList()} />}
      {list === null && problem === null && <p class="card-note">{words.searching}</p>}
      {list !== null && (
        <>
          <SearchField label={words.search} value={wanted} onInput={setWanted} />
          <ul class="library-list models-found">
            {found.slice(0, shownMax).map((model) => (
              <li key={model.id} class="library-item">
                <ModelText model={model} />
                <CommandButton
                  call={choose([...chosen, model.id])}
                  label={words.addModel}
                  name={words.addModelOf(model.name)}
                />
              </li>
            ))}
          </ul>
          {found.length === 0 && <p class="card-note">{words.noMatch}</p>}
          {found.length > shownMax && <p class="card-note">{words.more(found.length - shownMax)}</p>}
        </>
      )}
    </div>
  );
}
