/** The `app://` scheme: the window's files come from there, never from `file://`. */
import { protocol } from 'electron';
import { appScheme, createResponder, readAssets } from './assets.ts';

/** Before `ready`: standard and secure, so that origins and modules work; the code cache makes a second opening faster. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: appScheme,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}

/** After `ready`: reads the folder once and serves it. */
export async function handleAppScheme(folder: string): Promise<void> {
  const respond = createResponder(await readAssets(folder));
  protocol.handle(appScheme, respond);
}
