/** The app's own update: what is known of one, and the click that installs it. */
import type { UpdateStatus } from '../../bridge.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { joinSentences } from '../../words/format.ts';
import { settingsWords as words } from '../../words/index.ts';

export function UpdateRow({ update, version }: { readonly update: UpdateStatus; readonly version: string }) {
  const { state, problem, fraction } = update;
  const isWorking = state === 'checking' || state === 'downloading' || state === 'verifying';
  return (
    <div class="setting">
      <div class="setting-text">
        <span class="setting-title">{words.version(version)}</span>
        <p class={problem === null ? 'card-note' : 'setting-notice'} role="status">
          {problem === null
            ? words.updates[state](update.version ?? '')
            : joinSentences(problem.message, problem.hint)}
        </p>
        {state === 'downloading' && fraction !== null && (
          <ProgressBar fraction={fraction} label={words.updateDownload} />
        )}
      </div>
      {state === 'ready' ? (
        <CommandButton call={{ name: 'update.install', input: {} }} label={words.restartToUpdate} />
      ) : (
        state !== 'unavailable' &&
        !isWorking && (
          <CommandButton call={{ name: 'update.check', input: {} }} label={words.checkForUpdates} />
        )
      )}
    </div>
  );
}
