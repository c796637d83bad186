/** The queue of downloads: how far each is, what hinders it, and what to do. */
import type { Download, ModelsStatus } from '../../bridge.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { formatBytes, formatBytesOf } from './figures.ts';
import { TokenCard, TokenForm } from './token.tsx';
import { stateWords, words } from './words.ts';

export function DownloadsTab({ models }: { readonly models: ModelsStatus }) {
  return (
    <>
      {models.downloads.length === 0 ? (
        <div class="empty-note">
          <h2>{words.downloadsEmpty}</h2>
          <p class="card-note">{words.downloadsEmptyText}</p>
        </div>
      ) : (
        <Downloads downloads={models.downloads} />
      )}
      <TokenCard token={models.token} />
    </>
  );
}

interface DownloadsProps {
  readonly downloads: readonly Download[];
  /** The setup itself goes on or is cancelled as a whole. */
  readonly isWithinSetup?: boolean;
}

export function Downloads({ downloads, isWithinSetup = false }: DownloadsProps) {
  if (downloads.length === 0) return null;
  return (
    <ul class={isWithinSetup ? 'downloads' : 'downloads card'} aria-label={words.downloads}>
      {downloads.map((download) => (
        <DownloadRow key={download.repo} download={download} isWithinSetup={isWithinSetup} />
      ))}
    </ul>
  );
}

const moves: ReadonlySet<Download['state']> = new Set(['preparing', 'downloading', 'verifying']);

function DownloadRow({
  download,
  isWithinSetup,
}: {
  readonly download: Download;
  readonly isWithinSetup: boolean;
}) {
  const { name, repo, state, doneBytes, totalBytes, problem } = download;
  const fraction = totalBytes === null || totalBytes === 0 ? null : Math.min(1, doneBytes / totalBytes);
  const isOpen = state !== 'done' && (fraction !== null || moves.has(state));
  return (
    <li class={`download download-${state}`}>
      <div class="download-head">
        <div class="library-text">
          <p class="model-name ellipsis" title={repo}>
            {name}
          </p>
          <p class="card-note card-note-small">{factsOf(download).join(' · ')}</p>
        </div>
        <Actions download={download} isWithinSetup={isWithinSetup} />
      </div>
      {isOpen && (
        <ProgressBar label={words.progressOf(name)} fraction={fraction} isStill={!moves.has(state)} />
      )}
      {problem !== null && <ProblemNote problem={problem} isMild={state !== 'failed'} />}
      {isWithinSetup && problem !== null && asksForToken(problem.code) && <TokenForm id={`token-${repo}`} />}
    </li>
  );
}

/** What can be helped with a token, by the codes of `models/`. */
const asksForToken = (code: string): boolean => /gated|hidden|no-access|token/.test(code);

function factsOf({ state, detail, doneBytes, totalBytes, bytesPerSecond, secondsLeft }: Download): string[] {
  const isDone = state === 'done';
  return [
    detail === '' ? stateWords[state] : detail,
    totalBytes === null || isDone || doneBytes === 0
      ? formatIf(totalBytes ?? doneBytes)
      : formatBytesOf(doneBytes, totalBytes),
    state === 'downloading' && bytesPerSecond !== null ? words.speedNow(formatBytes(bytesPerSecond)) : '',
    state === 'downloading' && secondsLeft !== null ? words.timeLeft(secondsLeft) : '',
  ].filter(Boolean);
}

const formatIf = (bytes: number): string => (bytes > 0 ? formatBytes(bytes) : '');

/** Pause and Resume are one place, so the focus stays on it when one becomes the other. */
function Actions({
  download,
  isWithinSetup,
}: {
  readonly download: Download;
  readonly isWithinSetup: boolean;
}) {
  const { repo, name, state, doneBytes } = download;
  const input = { repo };
  if (state === 'done') {
    return isWithinSetup ? null : (
      <div class="download-buttons">
        <CommandButton
          call={{ name: 'models.cancelDownload', input }}
          label={words.clearLine}
          name={words.of(words.clearLine, name)}
        />
      </div>
    );
  }
  const isHalted = state === 'paused' || state === 'failed';
  const label = state === 'failed' ? words.retry : isHalted ? words.resume : words.pause;
  return (
    <div class="download-buttons">
      <CommandButton
        key="toggle"
        call={{ name: isHalted ? 'models.resumeDownload' : 'models.pauseDownload', input }}
        label={label}
        name={words.of(label, name)}
      />
      {!isWithinSetup && (
        <ConfirmButton
          call={{ name: 'models.cancelDownload', input }}
          label={words.cancelDownload}
          labelName={words.of(words.cancelConfirm, name)}
          name={words.of(words.cancelConfirm, name)}
          question={words.cancelQuestion(name, formatBytes(doneBytes))}
          confirm={words.cancelConfirm}
          done={words.cancelled(name)}
        />
      )}
    </div>
  );
}
