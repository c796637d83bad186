/** A form right below what it changes: saved, or left by Escape too. */
import type { ComponentChildren, RefObject } from 'preact';
import { commonWords } from '../words/index.ts';
import { Button } from './button.tsx';

interface ChangeFormProps {
  readonly label: string;
  /** What its button says. */
  readonly save: string;
  /** It would only be refused. */
  readonly isBarred?: boolean;
  readonly onSave: () => Promise<void>;
  readonly onCancel: () => void;
  readonly form?: RefObject<HTMLFormElement | null>;
  readonly children: ComponentChildren;
}

export function ChangeForm({ label, save, isBarred, onSave, onCancel, form, children }: ChangeFormProps) {
  return (
    <form
      ref={form ?? null}
      class="change-form"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        void onSave();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        /** What it stands in stays open. */
        event.stopPropagation();
        onCancel();
      }}
    >
      {children}
      <div class="buttons">
        <Button type="submit" kind="primary" disabled={isBarred ?? false}>
          {save}
        </Button>
        <Button onClick={onCancel}>{commonWords.cancel}</Button>
      </div>
    </form>
  );
}
