/** Lines as they are, to scroll in. */

export function ScrolledText({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}
