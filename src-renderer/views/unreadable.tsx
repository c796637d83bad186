/** Instead of a view, while the status could not be read even once. */
import type { Problem } from '../bridge.ts';
import { StateIcon } from '../parts/icons.tsx';
import { words } from '../words.ts';

export function Unreadable({ problem }: { readonly problem: Problem | null }) {
  return (
    <header class="answer condition-attention">
      <StateIcon state="failed" />
      <div class="answer-text">
        <h1>{words.readFailed}</h1>
        <p>{[problem?.message, words.readFailedText].filter(Boolean).join(' ')}</p>
      </div>
    </header>
  );
}
