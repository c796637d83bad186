/**
 * The one field for secrets. What is entered is in the field and in the one call that carries it, and nowhere else: it
 * is taken out of the field before it is sent, and never put back, not even when it was refused.
 */
import { useRef, useState } from 'preact/hooks';
import type { CommandCall } from '../bridge.ts';
import { useStore } from '../state/store.ts';
import { Button } from './button.tsx';

interface SecretFormProps {
  readonly id: string;
  readonly callWith: (secret: string) => CommandCall;
  /** What is being done, for a refusal's heading. */
  readonly title: string;
  readonly label: string;
  readonly placeholder: string;
  readonly note: string;
  readonly save: string;
  readonly saving: string;
  readonly saved: string;
}

export function SecretForm({ id, callWith, title, ...words }: SecretFormProps) {
  const store = useStore();
  const field = useRef<HTMLInputElement>(null);
  const [isSaving, setSaving] = useState(false);

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const input = field.current;
    if (input === null || isSaving || input.value.trim() === '') return;
    const secret = input.value;
    input.value = '';
    setSaving(true);
    const isSaved = await store.act(callWith(secret), title);
    setSaving(false);
    if (isSaved) store.say(words.saved);
    else field.current?.focus();
  }

  return (
    <form class="key-form" autocomplete="off" onSubmit={(event) => void save(event)}>
      <label class="field-label" for={id}>
        {words.label}
      </label>
      <input
        ref={field}
        id={id}
        class="input"
        type="password"
        autocomplete="off"
        spellcheck={false}
        maxLength={512}
        placeholder={words.placeholder}
        aria-describedby={`${id}-note`}
      />
      <Button type="submit" isBusy={isSaving}>
        {isSaving ? words.saving : words.save}
      </Button>
      <p id={`${id}-note`} class="card-note card-note-small">
        {words.note}
      </p>
    </form>
  );
}
