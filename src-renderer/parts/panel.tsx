/** A part of a view under a heading, which also names it to those who do not see it. */
import type { ComponentChildren } from 'preact';

interface PanelProps {
  readonly id: string;
  readonly title: ComponentChildren;
  /** What it is for. */
  readonly text?: string;
  readonly look?: string;
  /** What it shows is about to be replaced. */
  readonly isStale?: boolean;
  readonly children?: ComponentChildren;
}

export function Panel({ id, title, text, look = 'card panel', isStale, children }: PanelProps) {
  return (
    <section class={look} aria-labelledby={id} aria-busy={isStale}>
      <h2 id={id}>{title}</h2>
      {text && <p class="card-note">{text}</p>}
      {children}
    </section>
  );
}
