/** A pop-up to choose one of a few from. */
import type { RefObject } from 'preact';

interface SelectProps {
  /** Stands before it. */
  readonly caption?: string;
  /** What it is called where it has no caption, or the caption alone does not say of what. */
  readonly label?: string;
  readonly id?: string;
  readonly describedBy?: string;
  readonly value: string;
  /** Each with what is read; in this order. */
  readonly options: readonly (readonly [value: string, text: string, isBarred?: boolean])[];
  readonly onChange: (value: string) => void;
  readonly field?: RefObject<HTMLSelectElement | null>;
}

export function Select({ caption, label, id, describedBy, value, options, onChange, field }: SelectProps) {
  const select = (
    <select
      ref={field ?? null}
      id={id}
      class="select"
      aria-label={label}
      aria-describedby={describedBy}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      {options.map(([each, text, isBarred = false]) => (
        <option key={each} value={each} disabled={isBarred}>
          {text}
        </option>
      ))}
    </select>
  );
  if (caption === undefined) return select;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: it is the select above
    <label class="captioned">
      <span class="field-label">{caption}</span>
      {select}
    </label>
  );
}
