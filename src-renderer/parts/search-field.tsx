/** The field to search in a list with. */
import type { RefObject } from 'preact';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
  readonly maxLength?: number;
  readonly isInvalid?: boolean;
  readonly field?: RefObject<HTMLInputElement | null>;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

export function SearchField({
  label,
  value,
  onInput,
  maxLength = 200,
  isInvalid = false,
  ...rest
}: SearchFieldProps) {
  return (
    <input
      ref={rest.field ?? null}
      type="search"
      class="input search-field"
      aria-label={label}
      placeholder={label}
      spellcheck={false}
      maxLength={maxLength}
      value={value}
      aria-invalid={isInvalid || undefined}
      onInput={({ currentTarget }) => onInput(currentTarget.value)}
      onKeyDown={rest.onKeyDown}
    />
  );
}
