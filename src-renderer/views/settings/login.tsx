/** Start at login: macOS alone keeps it, so this shows what macOS says and why it says no. */
import type { MacStatus } from '../../bridge.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { CommandSwitch } from '../../parts/switch.tsx';
import { joinSentences } from '../../words/format.ts';
import { settingsWords as words } from '../../words/index.ts';

export function LoginRow({ login }: { readonly login: MacStatus['login'] }) {
  const { state, problem } = login;
  const isOn = state === 'on' || state === 'needs-approval';
  const text = problem === null ? words.login[state] : joinSentences(problem.message, problem.hint);
  return (
    <div class="setting">
      <div class="setting-text">
        <span class="setting-title">{words.startAtLogin}</span>
        <p id="setting-login-text" class={problem === null ? 'card-note' : 'setting-notice'}>
          {text}
        </p>
      </div>
      {state !== 'unavailable' && (
        <CommandSwitch
          isOn={isOn}
          call={{ name: 'login.set', input: { enabled: !isOn } }}
          label={words.startAtLogin}
          describedBy="setting-login-text"
        />
      )}
      {state === 'needs-approval' && (
        <div class="setting-foot">
          <CommandButton call={{ name: 'login.openSettings', input: {} }} label={words.openLoginItems} />
        </div>
      )}
    </div>
  );
}
