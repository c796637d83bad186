/** What must happen before Electron is ready; then the app itself. */
import path from 'node:path';
import { app } from 'electron';
import { startApp } from './app.ts';
import { homeFrom } from './paths.ts';
import { registerAppScheme } from './shell/protocol.ts';

registerAppScheme();
app.enableSandbox();

// The single-instance lock lives in `userData`: one per data folder, so that two homes can run side by side.
const home = homeFrom(process.env);
if (home !== homeFrom({})) app.setPath('userData', path.join(home, 'run', 'electron'));

if (app.requestSingleInstanceLock()) {
  startApp(home);
} else {
  app.quit();
}
