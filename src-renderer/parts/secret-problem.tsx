/** Why there is no key, or why it is refused; where it is the Keychain that kept it back, with the way to ask it once more. */
import type { CloudStatus, CommandCall, Problem } from '../bridge.ts';
import { commonWords } from '../words/index.ts';
import { CommandButton } from './command-button.tsx';
import { ProblemNote } from './problem-note.tsx';

interface SecretProblemProps {
  readonly account: Extract<CommandCall, { name: 'keychain.askAgain' }>['input']['account'];
  readonly state: CloudStatus['key']['state'];
  readonly problem: Problem | null;
}

export const isKeptBack = (state: CloudStatus['key']['state']): boolean =>
  state !== 'present' && state !== 'absent';

export function SecretProblem({ account, state, problem }: SecretProblemProps) {
  if (problem === null) return null;
  const call = { name: 'keychain.askAgain', input: { account } } as const;
  return (
    <div class="unread">
      <ProblemNote problem={problem} />
      {isKeptBack(state) && <CommandButton call={call} label={commonWords.again} />}
    </div>
  );
}
