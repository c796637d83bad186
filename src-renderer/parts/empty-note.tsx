/** Where a list would be that has nothing in it: that it is empty, why, and the next step. */
import type { ComponentChildren } from 'preact';

interface EmptyNoteProps {
  readonly title: string;
  readonly text: string;
  readonly children?: ComponentChildren;
}

export function EmptyNote({ title, text, children }: EmptyNoteProps) {
  return (
    <div class="empty-note">
      <h2>{title}</h2>
      <p class="card-note">{text}</p>
      {children}
    </div>
  );
}
