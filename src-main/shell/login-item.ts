/** Start at login: asks and tells macOS, which alone keeps the setting. */
import { app } from 'electron';
import type { LoginStatus } from '../contract/mac.ts';
import { fail, type Result } from '../contract/result.ts';
import { type LoginFacts, loginObstacle, loginOutcome, loginStatusOf } from './login-rules.ts';

const readFacts = (): LoginFacts => ({
  status: readStatus(app.getLoginItemSettings().status),
  isPackaged: app.isPackaged,
  isInApplications: app.isInApplicationsFolder(),
});

/** In Electron’s types the status is a string like all others. */
function readStatus(status: string): LoginFacts['status'] {
  switch (status) {
    case 'enabled':
    case 'requires-approval':
    case 'not-found':
      return status;
    default:
      return 'not-registered';
  }
}

export const readLoginItem = (): LoginStatus => loginStatusOf(readFacts());

/** By the user's click only. */
export function setLoginItem(enabled: boolean): Result<'done' | 'needs-approval'> {
  const obstacle = enabled ? loginObstacle(readFacts()) : null;
  if (obstacle !== null) return fail(obstacle);
  app.setLoginItemSettings({ openAtLogin: enabled });
  return loginOutcome(enabled, readFacts());
}
