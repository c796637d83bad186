/** One model closely: what it is, what this Mac makes of it, and the way to have and to use it. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  type BrowsedModel,
  formatDiskBytes,
  formatGigabytes,
  type ModelInformation,
  type Snapshot,
} from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Unread } from '../../parts/problem-note.tsx';
import { useAnswer } from '../../state/answer.ts';
import { formatCount } from '../../words/format.ts';
import { commonWords, modelWords as words } from '../../words/index.ts';
import { abilities } from './browse-filter.ts';
import { Downloads } from './downloads.tsx';
import { formatContext, formatQuant, formatRange } from './figures.ts';
import { PageButton } from './page-button.tsx';
import { TokenForm } from './token.tsx';
import { UseForm } from './use-form.tsx';

interface DetailsProps {
  /** Takes the focus when the details are asked for by keyboard, or lie over the list. */
  readonly pane: RefObject<HTMLElement | null>;
  readonly model: BrowsedModel | null;
  readonly status: Snapshot;
  readonly target: string | null;
  readonly onUsed: () => void;
  readonly onClose: () => void;
}

/** The next row is often passed on the way to another: its files are asked for after a moment's rest. */
const restMs = 200;

export function Details({ model, ...rest }: DetailsProps) {
  if (model === null) {
    return (
      <aside class="card browse-details is-empty" aria-label={words.details}>
        <p class="card-note">{words.selectOne}</p>
      </aside>
    );
  }
  return <Chosen model={model} {...rest} />;
}

interface ChosenProps extends DetailsProps {
  readonly model: BrowsedModel;
}

function Chosen({ pane, model, status, target, onUsed, onClose }: ChosenProps) {
  const { repo, name } = model;
  const [isRested, setRested] = useState(false);
  const [isUsing, setUsing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const [attempt, setAttempt] = useState(0);
  const token = status.models.token.state;
  useEffect(() => {
    const timer = setTimeout(setRested, restMs, true);
    return () => clearTimeout(timer);
  }, []);
  const looked = useAnswer('models.details', isRested ? { repo } : null, `${token} ${attempt}`);

  const found = looked?.ok === true ? looked.value : null;
  const problem = looked?.ok === false ? looked.error : null;
  const download = status.models.downloads.find((each) => each.repo === repo && each.state !== 'done');
  const sizeBytes = found?.sizeBytes ?? model.sizeBytes;
  const downloadLabel = sizeBytes === null ? words.download : words.downloadSize(formatDiskBytes(sizeBytes));
  const isGated = model.gated && token !== 'present';
  const canUse = status.stack.kind === 'loaded';
  return (
    <aside
      ref={pane}
      tabIndex={-1}
      class="card browse-details"
      aria-label={words.detailsOf(name)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <header class="details-head">
        <h2>{name}</h2>
        <button
          type="button"
          class="button-cross details-close"
          aria-label={commonWords.close}
          onClick={onClose}
        >
          <Icon name="cross" />
        </button>
      </header>
      <code class="details-repo">{repo}</code>
      {(found?.verdict ?? model.verdict) !== null && <p>{found?.verdict ?? model.verdict}</p>}
      {problem !== null && <Unread problem={problem} onAgain={() => setAttempt(attempt + 1)} />}
      {isGated && (
        <>
          <p class="card-note">{words.gatedText}</p>
          <div class="buttons">
            <PageButton repo={repo} name={name} />
          </div>
          <TokenForm id="details-token" />
        </>
      )}
      {download !== undefined && <Downloads downloads={[download]} isWithinSetup />}
      {isUsing ? (
        <UseForm
          status={status}
          model={{
            repo,
            name,
            contextTokens: found?.contextTokens ?? model.contextTokens,
            downloadBytes: model.installed ? null : sizeBytes,
          }}
          target={target}
          onUsed={onUsed}
          onCancel={() => {
            setUsing(false);
            opener.current?.focus();
          }}
        />
      ) : (
        <div class="buttons">
          {canUse && (
            <Button
              ref={opener}
              kind={target === null && !model.installed ? 'plain' : 'primary'}
              aria-label={commonWords.useInStackOf(name)}
              onClick={() => setUsing(true)}
            >
              {words.use}
            </Button>
          )}
          {!model.installed && download === undefined && (
            <CommandButton
              kind={target === null ? 'primary' : 'plain'}
              call={{ name: 'models.download', input: { repo } }}
              label={downloadLabel}
              name={words.of(downloadLabel, name)}
            />
          )}
          {!isGated && <PageButton repo={repo} name={name} />}
          {model.installed && <span class="chip chip-good">{words.onThisMac}</span>}
        </div>
      )}
      <Facts model={model} found={found} isLooking={looked === null} />
    </aside>
  );
}

interface FactsProps {
  readonly model: BrowsedModel;
  readonly found: ModelInformation | null;
  readonly isLooking: boolean;
}

function Facts({ model, found, isLooking }: FactsProps) {
  const unknown = isLooking ? '…' : words.unknown;
  const { family, parametersB, activeParametersB, speed } = model;
  const sizeBytes = found?.sizeBytes ?? model.sizeBytes;
  const quant = found?.quant ?? model.quant;
  const contextTokens = found?.contextTokens ?? model.contextTokens;
  const rows: readonly (readonly [string, string | false | null])[] = [
    [words.size, sizeBytes === null ? unknown : formatDiskBytes(sizeBytes)],
    [words.needs, memoryText(found) ?? unknown],
    [words.speedLabel, speed !== null && words.speed(formatRange(speed), speed.isMeasured)],
    [words.family, family],
    [words.quant, quant === null ? unknown : formatQuant(quant)],
    [words.parameters, parametersB !== null && words.parametersOf(parametersB, activeParametersB)],
    [words.contextLabel, contextTokens === null ? unknown : formatContext(contextTokens)],
    [
      words.abilities,
      abilities
        .filter((ability) => model[ability])
        .map((ability) => words.abilitiesOf[ability])
        .join(', '),
    ],
    [words.popularity, model.downloads !== null && formatCount(model.downloads)],
  ];
  return (
    <dl class="fact-rows" aria-busy={isLooking}>
      {rows
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <div key={label} class="fact-row">
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function memoryText(found: ModelInformation | null): string | null {
  if (found === null || found.memoryBytes === null) return null;
  const memory = formatGigabytes(found.memoryBytes);
  return found.atContextTokens === null
    ? memory
    : words.needsAt(memory, formatContext(found.atContextTokens));
}
