/** What went wrong, in a sentence, and what to do about it. */
import type { Problem } from '../bridge.ts';

interface ProblemNoteProps {
  readonly problem: Problem;
  /** Something goes on all the same. */
  readonly isMild?: boolean;
}

export function ProblemNote({ problem, isMild = false }: ProblemNoteProps) {
  return (
    <div class={`failure failure-${isMild ? 'over' : 'now'} failure-flush`}>
      <p class="failure-message">{problem.message}</p>
      {problem.hint !== undefined && <p class="failure-hint">{problem.hint}</p>}
    </div>
  );
}
