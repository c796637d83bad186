/** A short list of models to choose one from: those of the list that fit, or that have the words searched for. */
import { useEffect, useState } from 'preact/hooks';
import { type BrowsedModel, formatDiskBytes } from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { Unread } from '../../parts/problem-note.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { useValue } from '../../state/signal.ts';
import { joinFacts } from '../../words/format.ts';
import { modelWords as words } from '../../words/index.ts';
import { everything, filterModels, hasModel } from './browse-filter.ts';
import { formatQuant, formatRange } from './figures.ts';
import { useLibrary } from './library.ts';
import { LookUpNote, useLookUp } from './look-up.tsx';

/** More are found by searching. */
const shownMax = 20;

interface ModelPickerProps {
  readonly label: string;
  readonly nameOf: (model: string) => string;
  readonly onChoose: (repo: string) => void;
}

export function ModelPicker({ label, nameOf, onChoose }: ModelPickerProps) {
  const { browsed } = useLibrary();
  const [text, setText] = useState('');
  const list = useValue(browsed.value);
  const problem = useValue(browsed.problem) ?? list?.notice ?? null;
  useEffect(() => {
    if (browsed.value.peek() === null) void browsed.read();
  }, [browsed]);
  const models = list?.models ?? [];
  const found = filterModels(models, { ...everything, text });
  const lookUp = useLookUp({ text, onFound: setText });
  return (
    <div class="chooser">
      {problem !== null && (
        <Unread problem={problem} isMild={list !== null} onAgain={() => void browsed.read(true)} />
      )}
      {list === null && problem === null && <p class="card-note">{words.loading}</p>}
      {list !== null && (
        <>
          <SearchField
            label={words.search}
            value={text}
            maxLength={500}
            onInput={setText}
            onKeyDown={({ key }) => {
              if (key === 'Enter') lookUp.start();
            }}
          />
          {!hasModel(models, text) && <LookUpNote text={text} lookUp={lookUp} />}
          {found.length === 0 && <p class="card-note">{words.noMatchText}</p>}
          <ul class="library-list">
            {found.slice(0, shownMax).map((model) => (
              <li key={model.repo} class="library-item">
                <div class="library-text">
                  <p>
                    <span class="model-name">{model.name}</span>{' '}
                    {model.quant !== null && <span class="tier-quant">{formatQuant(model.quant)}</span>}
                  </p>
                  <p class="card-note card-note-small">{factsOf(model)}</p>
                </div>
                <Button aria-label={nameOf(model.name)} onClick={() => onChoose(model.repo)}>
                  {label}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

const factsOf = ({ sizeBytes, speed, fits }: BrowsedModel): string =>
  joinFacts(
    sizeBytes !== null && formatDiskBytes(sizeBytes),
    speed !== null && words.speed(formatRange(speed), speed.isMeasured),
    fits === false && words.tooLarge,
  );
