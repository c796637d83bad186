/** What a view says first: how it is, in a sentence, and what can be done. */
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons.tsx';

interface ViewHeadProps {
  readonly icon: IconName;
  /** Colours the icon. */
  readonly condition?: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly children?: ComponentChildren;
}

export function ViewHead({ icon, condition = 'off', title, lines, children }: ViewHeadProps) {
  return (
    <header class={`answer condition-${condition}`}>
      <Icon name={icon} />
      <div class="answer-text">
        <h1>{title}</h1>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      {children && <div class="answer-buttons">{children}</div>}
    </header>
  );
}
