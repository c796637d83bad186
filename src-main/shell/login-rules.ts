/** What the login item's state means and whether a wish came true. Pure. */
import type { LoginStatus } from '../contract/mac.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { shellWords } from '../words/index.ts';

/** What macOS answers; the only truth, because the user can change it in System Settings at any time. */
export interface LoginFacts {
  readonly status: 'not-registered' | 'enabled' | 'requires-approval' | 'not-found';
  readonly isPackaged: boolean;
  readonly isInApplications: boolean;
}

const notPackaged = problem('login-not-packaged', shellWords.loginNotPackaged, shellWords.buildAndMove);
const notInApplications = problem(
  'login-not-in-applications',
  shellWords.loginNotInApplications,
  shellWords.moveAndOpenFromThere,
);
const needsApproval = problem(
  'login-needs-approval',
  shellWords.loginNeedsApproval,
  shellWords.allowInSettings,
);
const refused = problem('login-refused', shellWords.loginRefused, shellWords.addInSettings);
const notRemoved = problem('login-not-removed', shellWords.loginNotRemoved, shellWords.removeInSettings);

/** Why the app cannot be made a login item; macOS itself fails silently then. */
export function loginObstacle({ isPackaged, isInApplications }: LoginFacts): Problem | null {
  if (!isPackaged) return notPackaged;
  return isInApplications ? null : notInApplications;
}

export function loginStatusOf(facts: LoginFacts): LoginStatus {
  if (!facts.isPackaged) return { state: 'unavailable', problem: notPackaged };
  // Whatever the place, what is on can be turned off.
  if (facts.status === 'enabled') return { state: 'on', problem: null };
  if (facts.status === 'requires-approval') return { state: 'needs-approval', problem: needsApproval };
  const problem = loginObstacle(facts);
  return problem === null ? { state: 'off', problem: null } : { state: 'unavailable', problem };
}

/** The state read back after the wish: `setLoginItemSettings` itself says nothing. */
export function loginOutcome(wanted: boolean, after: LoginFacts): Result<'done' | 'needs-approval'> {
  const { state } = loginStatusOf(after);
  if (wanted) {
    if (state === 'needs-approval') return ok('needs-approval');
    return state === 'on' ? ok('done') : fail(refused);
  }
  return state === 'on' || state === 'needs-approval' ? fail(notRemoved) : ok('done');
}
