/** A short list of models to choose one from: those of the list that fit, or that have the words searched for. */
import { useEffect, useState } from 'preact/hooks';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { everything, filterModels } from './browse-filter.ts';
import { formatBytes, formatQuant, formatRange } from './figures.ts';
import { useLibrary } from './library.ts';
import { words } from './words.ts';

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
  const list = browsed.value.value;
  const problem = browsed.problem.value ?? list?.notice ?? null;
  useEffect(() => {
    if (browsed.value.peek() === null) void browsed.read();
  }, [browsed]);
  const found = filterModels(list?.models ?? [], { ...everything, text });
  return (
    <div class="chooser">
      {problem !== null && <ProblemNote problem={problem} isMild={list !== null} />}
      {problem !== null && (
        <button type="button" class="button button-plain" onClick={() => void browsed.read(true)}>
          {words.again}
        </button>
      )}
      {list === null && problem === null && <p class="card-note">{words.loading}</p>}
      {list !== null && (
        <>
          <input
            class="input"
            type="search"
            aria-label={words.search}
            placeholder={words.search}
            spellcheck={false}
            maxLength={200}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          {found.length === 0 && <p class="card-note">{words.noMatchText}</p>}
          <ul class="library-list">
            {found.slice(0, shownMax).map(({ repo, name, quant, sizeBytes, speed, fits }) => (
              <li key={repo} class="library-item">
                <div class="library-text">
                  <p>
                    <span class="model-name">{name}</span>{' '}
                    {quant !== null && <span class="tier-quant">{formatQuant(quant)}</span>}
                  </p>
                  <p class="card-note card-note-small">
                    {[
                      sizeBytes === null ? '' : formatBytes(sizeBytes),
                      speed === null
                        ? ''
                        : words.speed(formatRange(speed.lowTps, speed.highTps), speed.isMeasured),
                      fits === false ? words.tooLarge : '',
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </p>
                </div>
                <button
                  type="button"
                  class="button button-plain"
                  aria-label={nameOf(name)}
                  onClick={() => onChoose(repo)}
                >
                  {label}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
