/** The account at Hugging Face, for models whose makers ask for one. */
import { useRef, useState } from 'preact/hooks';
import type { ModelsStatus } from '../../bridge.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { useStore } from '../../state/store.ts';
import { words } from './words.ts';

export function TokenCard({ token }: { readonly token: ModelsStatus['token'] }) {
  const isPresent = token.state === 'present';
  const trouble = words.tokenStates[token.state];
  return (
    <section class="card panel" aria-labelledby="hugging-face">
      <h2 id="hugging-face">{words.token}</h2>
      <p class="card-note">{words.tokenText}</p>
      {trouble !== '' && <p class="input-problem">{trouble}</p>}
      {isPresent ? (
        <div class="row">
          <p>{token.last4 === null ? words.tokenPresent : words.tokenEnding(token.last4)}</p>
          <ConfirmButton
            call={{ name: 'models.removeToken', input: {} }}
            label={words.tokenRemove}
            name={words.tokenRemoveTitle}
            question={words.tokenRemoveQuestion}
            confirm={words.tokenRemoveConfirm}
          />
        </div>
      ) : (
        <TokenForm id="hugging-face-token" />
      )}
    </section>
  );
}

/** As with every key: taken out of the field before it is sent, and never put back. */
export function TokenForm({ id }: { readonly id: string }) {
  const store = useStore();
  const field = useRef<HTMLInputElement>(null);
  const [isSaving, setSaving] = useState(false);

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const input = field.current;
    if (input === null || isSaving || input.value.trim() === '') return;
    const token = input.value;
    input.value = '';
    setSaving(true);
    const isSaved = await store.act({ name: 'models.setToken', input: { token } }, words.tokenTitle);
    setSaving(false);
    if (isSaved) store.say(words.tokenSaved);
    else field.current?.focus();
  }

  return (
    <form class="key-form" autocomplete="off" onSubmit={(event) => void save(event)}>
      <label class="field-label" for={id}>
        {words.tokenField}
      </label>
      <input
        ref={field}
        id={id}
        class="input"
        type="password"
        autocomplete="off"
        spellcheck={false}
        maxLength={512}
        placeholder={words.tokenPlaceholder}
        aria-describedby={`${id}-note`}
      />
      <button type="submit" class="button button-plain" aria-disabled={isSaving ? 'true' : undefined}>
        {isSaving ? words.tokenSaving : words.tokenSave}
      </button>
      <p id={`${id}-note`} class="card-note card-note-small">
        {words.tokenNote}
      </p>
    </form>
  );
}
