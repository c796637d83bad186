/** The answer to a question that is asked anew when what it is about changes. */
import { useEffect, useState } from 'preact/hooks';
import type { CommandInput, CommandName, CommandOutput, Result } from '../bridge.ts';
import { useStore } from './store.ts';

/**
 * `null` until there is one; nothing is asked while `input` is `null`. The last answer stays until the next one is
 * there, and one to an earlier question is dropped. Asked anew when `circumstances` differ.
 */
export function useAnswer<N extends CommandName>(
  name: N,
  input: CommandInput<N> | null,
  circumstances: string,
): Result<CommandOutput<N>> | null {
  const { ask } = useStore();
  const [answer, setAnswer] = useState<Result<CommandOutput<N>> | null>(null);
  /** An input of the same content is the same question. */
  useEffect(() => {
    if (input === null) return;
    let isLast = true;
    void ask(name, input).then((next) => {
      if (isLast) setAnswer(next);
    });
    return () => {
      isLast = false;
    };
  }, [name, JSON.stringify(input), circumstances]);
  return answer;
}
