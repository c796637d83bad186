/** The queue of downloads: how far each is, what hinders it, and what to do. */
import { type Download, formatDiskBytes, formatDiskBytesOf, type ModelsStatus } from '../../bridge.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { EmptyNote } from '../../parts/empty-note.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { joinFacts } from '../../words/format.ts';
import { commonWords, progressWords, modelWords as words } from '../../words/index.ts';
import { PageButton } from './page-button.tsx';
import { TokenCard, TokenForm } from './token.tsx';

export function DownloadsTab({ models }: { readonly models: ModelsStatus }) {
  return (
    <>
      {models.downloads.length === 0 ? (
        <EmptyNote title={words.downloadsEmpty} text={words.downloadsEmptyText} />
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
          <p class="card-note card-note-small">{factsOf(download)}</p>
        </div>
        <Actions download={download} isWithinSetup={isWithinSetup} />
      </div>
      {isOpen && (
        <ProgressBar label={progressWords.downloadOf(name)} fraction={fraction} isStill={!moves.has(state)} />
      )}
      {problem !== null && <ProblemNote problem={problem} isMild={state !== 'failed'} />}
      {problem !== null && asksForToken(problem.code) && (
        <>
          <div class="buttons">
            <PageButton repo={repo} name={name} />
          </div>
          {isWithinSetup && <TokenForm id={`token-${repo}`} />}
        </>
      )}
    </li>
  );
}

/** What can be helped with a token, by the codes of `models/`. */
export const asksForToken = (code: string): boolean => /gated|hidden|no-access|token/.test(code);

function factsOf({ state, detail, doneBytes, totalBytes, bytesPerSecond, secondsLeft }: Download): string {
  const isDone = state === 'done';
  return joinFacts(
    detail === '' ? progressWords.downloads[state] : detail,
    totalBytes === null || isDone || doneBytes === 0
      ? formatIf(totalBytes ?? doneBytes)
      : formatDiskBytesOf(doneBytes, totalBytes),
    state === 'downloading' && bytesPerSecond !== null && words.speedNow(formatDiskBytes(bytesPerSecond)),
    state === 'downloading' && secondsLeft !== null && words.timeLeft(secondsLeft),
  );
}

const formatIf = (bytes: number): string => (bytes > 0 ? formatDiskBytes(bytes) : '');

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
  const label = state === 'failed' ? commonWords.again : isHalted ? words.resume : words.pause;
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
          name={words.of(words.cancelConfirm, name)}
          isNamed
          question={words.cancelQuestion(name, formatDiskBytes(doneBytes))}
          confirm={words.cancelConfirm}
          keep={commonWords.keepGoing}
          done={words.cancelled(name)}
        />
      )}
    </div>
  );
}
