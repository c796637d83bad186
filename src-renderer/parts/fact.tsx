/** A name and what is known under it, in a list of such. */
import type { ComponentChildren } from 'preact';

interface FactProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

export function Fact({ label, children }: FactProps) {
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd class="ellipsis" title={typeof children === 'string' ? children : undefined}>
        {children}
      </dd>
    </div>
  );
}
