/** What is on the disk: whose it is, what uses it, and what may be done with it. */
import { useRef, useState } from 'preact/hooks';
import {
  type CommandCall,
  type FoundModel,
  formatDiskBytes,
  formatDiskBytesOf,
  type InstalledModel,
  type ModelCheck,
  type Snapshot,
} from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { EmptyNote } from '../../parts/empty-note.tsx';
import { ProblemNote, Unread } from '../../parts/problem-note.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { useValue } from '../../state/signal.ts';
import { useStore } from '../../state/store.ts';
import { joinFacts } from '../../words/format.ts';
import { commonWords, progressWords, modelWords as words } from '../../words/index.ts';
import { formatContext, formatQuant } from './figures.ts';
import { useLibrary } from './library.ts';
import { UseForm } from './use-form.tsx';

interface InstalledProps {
  readonly status: Snapshot;
  readonly onBrowse: () => void;
  readonly onUsed: () => void;
}

export function Installed({ status, onBrowse, onUsed }: InstalledProps) {
  const { installed } = useLibrary();
  const list = useValue(installed.value);
  const problem = useValue(installed.problem);
  if (list === null) {
    return problem === null ? (
      <p class="card-note" role="status">
        {words.loading}
      </p>
    ) : (
      <Unread problem={problem} onAgain={() => void installed.read()} />
    );
  }
  const { models, folders, freeDiskBytes } = list;
  const size = models
    .flatMap((model) => [model, ...model.others])
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const sum = [
    models.length > 0 && words.installedSum(models.length, formatDiskBytes(size)),
    freeDiskBytes !== null && words.freeDisk(formatDiskBytes(freeDiskBytes)),
  ];
  return (
    <>
      {problem !== null && <Unread problem={problem} onAgain={() => void installed.read()} />}
      {models.length === 0 ? (
        <EmptyNote title={words.installedEmpty} text={words.installedEmptyText}>
          <Button kind="primary" onClick={onBrowse}>
            {words.goBrowse}
          </Button>
        </EmptyNote>
      ) : (
        <ul class="card library-list" aria-label={words.installed}>
          {models.map((model) => (
            <ModelItem key={model.key} model={model} status={status} onUsed={onUsed} />
          ))}
        </ul>
      )}
      <p class="card-note">{joinFacts(...sum)}</p>
      <Folders folders={folders} />
    </>
  );
}

interface ModelItemProps {
  readonly model: InstalledModel;
  readonly status: Snapshot;
  readonly onUsed: () => void;
}

function ModelItem({ model, status, onUsed }: ModelItemProps) {
  const store = useStore();
  const [isUsing, setUsing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const { key, name, repo, place, folder, sizeBytes, quant, contextTokens, state, lacks, tiers } = model;
  const facts = [
    formatDiskBytes(sizeBytes),
    quant !== null && formatQuant(quant),
    contextTokens !== null && words.context(formatContext(contextTokens)),
    words.inPlace(words.places[place]),
    tiers.length > 0 && words.usedBy(tiers),
  ];
  const isUsable = state !== 'incomplete' && status.stack.kind === 'loaded';
  const check = status.models.checks.find((each) => each.key === key);
  const isOurs = place === 'ours';
  /** What belongs to another app is used where it is. */
  const source = isOurs && repo !== null ? repo : folder;
  return (
    <li class="library-item library-item-wide">
      <div class="library-row">
        <div class="library-text">
          <p class="library-title">
            <span class="model-name ellipsis" title={repo ?? folder}>
              {name}
            </span>
            {state === 'unverified' && (
              <span class="chip" title={words.unverifiedText}>
                {words.unverified}
              </span>
            )}
            {state === 'incomplete' && <span class="chip chip-bad">{words.incomplete}</span>}
          </p>
          <p class="card-note card-note-small">{joinFacts(...facts)}</p>
          {lacks !== null && <p class="input-problem">{lacks}</p>}
        </div>
        <div class="library-buttons">
          {state === 'incomplete' && isOurs && <DownloadAgain model={model} label={words.downloadRestAsk} />}
          {state === 'incomplete' && !isOurs && repo !== null && (
            <CommandButton
              call={{ name: 'models.download', input: { repo } }}
              label={words.downloadRest}
              name={words.downloadRestOf(name)}
            />
          )}
          {isUsable && (
            <Button
              ref={opener}
              aria-label={commonWords.useInStackOf(name)}
              aria-expanded={isUsing}
              onClick={() => setUsing(!isUsing)}
            >
              {words.use}
            </Button>
          )}
          {isOurs && state !== 'incomplete' && (
            <CommandButton
              call={{ name: 'models.verify', input: { key } }}
              label={words.verify}
              name={words.of(words.verify, name)}
              isBusy={check?.state === 'queued' || check?.state === 'checking'}
            />
          )}
          <CommandButton
            call={{ name: 'models.reveal', input: { key } }}
            label={commonWords.revealInFinder}
            name={words.revealOf(name)}
          />
          <Delete model={model} />
        </div>
      </div>
      {model.others.map((other) => (
        <div key={other.key} class="row">
          <p class="card-note card-note-small">
            {joinFacts(
              words.alsoIn(words.places[other.place], other.folder),
              other.state === 'incomplete' && words.incomplete,
            )}
          </p>
          <Delete model={other} />
        </div>
      ))}
      {check !== undefined && <Check check={check} model={model} />}
      {isUsing && (
        <UseForm
          status={status}
          model={{ repo: source, name, contextTokens, downloadBytes: null }}
          target={null}
          onUsed={() => {
            setUsing(false);
            store.dismissRefusal();
            onUsed();
          }}
          onCancel={() => {
            setUsing(false);
            opener.current?.focus();
          }}
        />
      )}
    </li>
  );
}

function Delete({ model }: { readonly model: FoundModel }) {
  if (!model.isDeletable) return null;
  const { key, name, sizeBytes } = model;
  const size = formatDiskBytes(sizeBytes);
  return (
    <ConfirmButton
      call={{ name: 'models.delete', input: { key } }}
      label={words.deleteAsk}
      name={words.deleteOf(name)}
      isNamed
      question={words.deleteQuestion(name, size)}
      confirm={words.deleteConfirm(size)}
      done={words.deleted(name, size)}
    />
  );
}

/** What is in the folder beside the model goes with it, so it is asked. */
function DownloadAgain({
  model,
  label,
  isAnew = false,
}: {
  readonly model: InstalledModel;
  readonly label: string;
  readonly isAnew?: boolean;
}) {
  return (
    <ConfirmButton
      call={{ name: 'models.downloadAgain', input: { key: model.key, isAnew } }}
      label={label}
      name={words.of(label, model.name)}
      isNamed
      question={isAnew ? words.downloadAnewQuestion : words.downloadAgainQuestion}
      confirm={words.download}
      done={words.downloadAgainDone(model.name)}
    />
  );
}

function Check({ check, model }: { readonly check: ModelCheck; readonly model: InstalledModel }) {
  const { key, name, state, doneBytes, totalBytes, problem, differs } = check;
  const input = { key };
  const isOver = state === 'matched' || state === 'failed';
  const end = isOver ? words.clearLine : commonWords.cancel;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div class="download" role="group" aria-label={words.of(words.verify, name)}>
      <div class="download-head">
        <p class="library-text card-note">
          {joinFacts(
            progressWords.checks[state],
            !isOver && totalBytes !== null && formatDiskBytesOf(doneBytes, totalBytes),
          )}
        </p>
        <div class="download-buttons">
          {(differs || state === 'matched') && (
            <DownloadAgain model={model} label={words.downloadAgain} isAnew={!differs} />
          )}
          <CommandButton
            call={{ name: 'models.cancelVerify', input }}
            label={end}
            name={words.of(`${words.verify}, ${end}`, name)}
          />
        </div>
      </div>
      {!isOver && (
        <ProgressBar
          label={words.of(words.verify, name)}
          fraction={totalBytes ? doneBytes / totalBytes : null}
          isStill={state === 'queued'}
        />
      )}
      {problem !== null && <ProblemNote problem={problem} />}
    </div>
  );
}

function Folders({ folders }: { readonly folders: readonly string[] }) {
  const store = useStore();
  const { installed } = useLibrary();
  /** A folder without a model changes no model, so nothing else tells of it. */
  const change = async (call: CommandCall, name: string): Promise<void> => {
    if (await store.act(call, name)) void installed.read();
  };
  return (
    <section class="card panel" aria-labelledby="model-folders">
      <div class="row">
        <div>
          <h2 id="model-folders">{words.folders}</h2>
          <p class="card-note">{words.foldersText}</p>
        </div>
        <Button onClick={() => void change({ name: 'models.addFolder', input: {} }, words.addFolder)}>
          {words.addFolder}
        </Button>
      </div>
      {folders.length > 0 && (
        <ul class="folder-list">
          {folders.map((folder) => (
            <li key={folder} class="row">
              <code class="ellipsis" title={folder}>
                {folder}
              </code>
              <Button
                aria-label={words.removeFolderOf(folder)}
                onClick={() =>
                  void change(
                    { name: 'models.removeFolder', input: { folder } },
                    words.removeFolderOf(folder),
                  )
                }
              >
                {words.removeFolder}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
