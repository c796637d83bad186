/** What must happen before Electron is ready; then the app itself. */
import './v8-flags.ts';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { app } from 'electron';
import { startApp } from './app.ts';
import { homeFrom } from './paths.ts';
import { registerAppScheme } from './shell/protocol.ts';

// `fetch` takes no word on it, and a token goes along: no environment turns the check of certificates off.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

registerAppScheme();
app.enableSandbox();

const home = homeFrom(process.env);
if (home !== homeFrom({})) app.setPath('userData', userDataOf(home));

if (app.requestSingleInstanceLock()) startApp(home);
else app.quit();

/**
 * The single-instance lock lives in `userData`: one for each data folder, so that two of them never share servers and
 * one never gets two supervisors. Outside the data folder, which has not been looked at yet.
 */
function userDataOf(dataFolder: string): string {
  const digest = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
  const folder = path.join(app.getPath('userData'), 'homes', digest);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
