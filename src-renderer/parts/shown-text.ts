/** The text of a field that shows what is in force: a change from outside replaces it, unless something else is being written there. */
import { useEffect, useRef } from 'preact/hooks';

export function useShownText(shown: string) {
  const field = useRef<HTMLInputElement>(null);
  /** What was shown last, or was given to be saved: set by whoever saves. */
  const settled = useRef(shown);
  useEffect(() => {
    const input = field.current;
    if (input !== null && (input.value === settled.current || document.activeElement !== input))
      input.value = shown;
    settled.current = shown;
  }, [shown]);
  return { field, settled };
}
