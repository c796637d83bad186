/** What may be sent and spent: Local only, the caps, the providers. */
import { useState } from 'preact/hooks';
import type { CloudStatus } from '../../bridge.ts';
import { Panel } from '../../parts/panel.tsx';
import { useShownText } from '../../parts/shown-text.ts';
import { CommandSwitch } from '../../parts/switch.tsx';
import { useStore } from '../../state/store.ts';
import { cloudWords as words } from '../../words/index.ts';
import { parseCap } from './figures.ts';

export function Limits({ cloud }: { readonly cloud: CloudStatus }) {
  return (
    <Panel id="cloud-limits" title={words.limits}>
      <div class="row">
        <div>
          <h3>{words.localOnly}</h3>
          <p id="cloud-local-only" class="card-note">
            {words.localOnlyText}
          </p>
        </div>
        <CommandSwitch
          isOn={cloud.localOnly}
          call={{ name: 'cloud.setOptions', input: { localOnly: !cloud.localOnly } }}
          label={words.localOnly}
          describedBy="cloud-local-only"
        />
      </div>
      <div class="caps">
        <CapField name="dailyCapUsd" label={words.dailyCap} value={cloud.dailyCapUsd} />
        <CapField name="monthlyCapUsd" label={words.monthlyCap} value={cloud.monthlyCapUsd} />
        <p id="cloud-caps" class="card-note card-note-small">
          {words.capText}
        </p>
      </div>
      <Privacy chosen={cloud.privacy} />
    </Panel>
  );
}

interface CapFieldProps {
  readonly name: 'dailyCapUsd' | 'monthlyCapUsd';
  readonly label: string;
  readonly value: number | null;
}

/** Saved when it is left or Enter is pressed; what cannot be read stays to be corrected. */
function CapField({ name, label, value }: CapFieldProps) {
  const store = useStore();
  const [isBad, setBad] = useState(false);
  const shown = value === null ? '' : String(value);
  const { field, settled } = useShownText(shown);

  async function save(input: HTMLInputElement): Promise<void> {
    const usd = parseCap(input.value);
    setBad(usd === undefined);
    if (usd === undefined || usd === value) return;
    settled.current = input.value;
    if (await store.act({ name: 'cloud.setOptions', input: { [name]: usd } }, label))
      store.say(words.capSaved);
  }

  return (
    <div class="cap">
      <label for={name}>{label}</label>
      <span class="cap-field">
        <span aria-hidden="true">$</span>
        <input
          ref={field}
          id={name}
          class="input"
          inputMode="decimal"
          defaultValue={shown}
          placeholder={words.noCap}
          aria-describedby={isBad ? `${name}-bad` : 'cloud-caps'}
          aria-invalid={isBad || undefined}
          onBlur={(event) => void save(event.currentTarget)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void save(event.currentTarget);
          }}
        />
      </span>
      {isBad && (
        <p id={`${name}-bad`} class="input-problem" role="alert">
          {words.capInvalid}
        </p>
      )}
    </div>
  );
}

const privacies = ['zero-retention', 'no-training', 'any'] as const;

function Privacy({ chosen }: { readonly chosen: CloudStatus['privacy'] }) {
  const store = useStore();
  return (
    <fieldset class="choices">
      <legend>{words.privacy}</legend>
      {privacies.map((privacy) => (
        <label key={privacy} class="choice">
          <input
            type="radio"
            name="cloud-privacy"
            checked={privacy === chosen}
            onChange={() => void store.act({ name: 'cloud.setOptions', input: { privacy } }, words.privacy)}
          />
          <span>
            <strong>{words.privacies[privacy].label}</strong>
            <span class="card-note">{words.privacies[privacy].text}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
