/** The way to a model that no list has: by its name at Hugging Face, or by the address of its page. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { useValue } from '../../state/signal.ts';
import { useStore } from '../../state/store.ts';
import { modelWords as words } from '../../words/index.ts';
import { isLookUp } from './browse-filter.ts';
import { asksForToken } from './downloads.tsx';
import { useLibrary } from './library.ts';
import { TokenForm } from './token.tsx';

interface LookUpProps {
  /** As it is typed; that the list has nothing of this name is for the caller to say. */
  readonly text: string;
  /** It is in the list by now. */
  readonly onFound: (repo: string) => void;
}

export interface LookUp {
  readonly isWorking: boolean;
  readonly problem: Problem | null;
  start(): void;
}

/** What was asked for and not found is forgotten with the first change of the text. */
export function useLookUp({ text, onFound }: LookUpProps): LookUp {
  const store = useStore();
  const { browsed } = useLibrary();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isWorking, setWorking] = useState(false);
  const asked = useRef('');
  /** With the text: later it would forget what was asked for right after the last letter. */
  useLayoutEffect(() => {
    asked.current = '';
    setProblem(null);
    setWorking(false);
  }, [text]);

  async function lookUp(): Promise<void> {
    asked.current = text;
    setProblem(null);
    setWorking(true);
    store.say(words.lookingUp);
    const answer = await store.ask('models.lookUp', { text });
    if (asked.current !== text) return;
    setWorking(false);
    if (!answer.ok) return setProblem(answer.error);
    const model = answer.value;
    browsed.change((list) => ({
      ...list,
      models: [...list.models.filter(({ repo }) => repo !== model.repo), model],
    }));
    store.say(words.lookedUp(model.name));
    onFound(model.repo);
  }
  return {
    isWorking,
    problem,
    start: () => {
      if (!isWorking && isLookUp(text)) void lookUp();
    },
  };
}

export function LookUpNote({ text, lookUp }: { readonly text: string; readonly lookUp: LookUp }) {
  const { snapshot } = useStore();
  const token = useValue(snapshot)?.models.token.state;
  const { problem, isWorking, start } = lookUp;
  const before = useRef(token);
  useEffect(() => {
    if (before.current !== token && problem !== null && asksForToken(problem.code)) start();
    before.current = token;
  }, [token]);
  if (!isLookUp(text)) return null;
  return (
    <section class="card panel" aria-label={words.lookUp}>
      <div class="row">
        <p class="card-note">{words.lookUpText}</p>
        <Button isBusy={isWorking} onClick={start}>
          {isWorking ? words.lookingUp : words.lookUp}
        </Button>
      </div>
      {problem !== null && <ProblemNote problem={problem} role="alert" />}
      {problem !== null && asksForToken(problem.code) && <TokenForm id="look-up-token" />}
    </section>
  );
}
