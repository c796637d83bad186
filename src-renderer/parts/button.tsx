/** The push button of every view. */
import type { ButtonHTMLAttributes } from 'preact';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'class' | 'aria-disabled'> {
  readonly kind?: 'plain' | 'primary' | 'danger';
  readonly isLarge?: boolean;
  /** What it asks for is under way, or cannot be asked for now; unlike a disabled one it keeps the focus. */
  readonly isBusy?: boolean;
}

export function Button({ kind = 'plain', isLarge = false, isBusy = false, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={`button button-${kind}${isLarge ? ' button-large' : ''}`}
      aria-disabled={isBusy || undefined}
    />
  );
}
