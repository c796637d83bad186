/** What went wrong, in a sentence, and what to do about it. */
import type { Problem } from '../bridge.ts';
import { commonWords } from '../words/index.ts';
import { Button } from './button.tsx';

interface ProblemNoteProps {
  readonly problem: Problem;
  /** Something goes on all the same. */
  readonly isMild?: boolean;
  /** It came of what was just done, and is said at once. */
  readonly role?: 'alert';
}

export function ProblemNote({ problem, isMild = false, role }: ProblemNoteProps) {
  return (
    <div class={`failure failure-${isMild ? 'over' : 'now'} failure-flush`} role={role}>
      <p class="failure-message">{problem.message}</p>
      {problem.hint !== undefined && <p class="failure-hint">{problem.hint}</p>}
    </div>
  );
}

interface UnreadProps extends Omit<ProblemNoteProps, 'role'> {
  readonly onAgain: () => void;
  readonly isBusy?: boolean;
}

/** Instead of what could not be read: why, and the way to ask again. */
export function Unread({ problem, isMild = false, onAgain, isBusy = false }: UnreadProps) {
  return (
    <div class="unread" role={isMild ? undefined : 'alert'}>
      <ProblemNote problem={problem} isMild={isMild} />
      <Button isBusy={isBusy} onClick={onAgain}>
        {commonWords.again}
      </Button>
    </div>
  );
}
