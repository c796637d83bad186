/** Instead of a view, while the status could not be read even once. */
import type { Problem } from '../bridge.ts';
import { StateIcon } from '../parts/icons.tsx';
import { joinSentences } from '../words/format.ts';
import { commonWords } from '../words/index.ts';

export function Unreadable({ problem }: { readonly problem: Problem | null }) {
  return (
    <header class="answer condition-attention">
      <StateIcon state="failed" />
      <div class="answer-text">
        <h1>{commonWords.readFailed}</h1>
        <p>{joinSentences(problem?.message, commonWords.readFailedText)}</p>
      </div>
    </header>
  );
}
