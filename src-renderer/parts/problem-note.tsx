/** What went wrong, in a sentence, and what to do about it. */
import type { Problem } from '../bridge.ts';

export function ProblemNote({ problem }: { readonly problem: Problem }) {
  return (
    <div class="failure failure-now failure-flush">
      <p class="failure-message">{problem.message}</p>
      {problem.hint !== undefined && <p class="failure-hint">{problem.hint}</p>}
    </div>
  );
}
