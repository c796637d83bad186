/** The `app://` scheme: the window's files come from there, never from `file://`. */
import { protocol } from 'electron';
import { commands } from '../contract/commands.ts';
import type { Snapshot } from '../contract/status.ts';
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

/** After `ready`: reads the folder once and serves it. The page comes with the status, in the form in which it would get it. */
export async function handleAppScheme(folder: string, status: () => Snapshot): Promise<void> {
  const { output } = commands['status.read'];
  const respond = createResponder(await readAssets(folder), () => output.safeParse(status()).data ?? null);
  protocol.handle(appScheme, respond);
}
