/** The one place that writes to the clipboard; it is read only to see whether a secret of ours still lies there. */
import { clipboard } from 'electron';

/** Long enough to paste it, short enough not to be found by whoever looks next. */
export const secretOnClipboardMs = 60_000;

let secret: { readonly text: string; readonly timer: NodeJS.Timeout } | null = null;

export function copyText(text: string): void {
  void clipboard.writeText(text);
}

/** Taken back after a minute, unless something else was copied meanwhile. */
export function copySecret(text: string): void {
  if (secret !== null) clearTimeout(secret.timer);
  void clipboard.writeText(text);
  secret = { text, timer: setTimeout(() => void clearCopiedSecret(), secretOnClipboardMs).unref() };
}

/** Also at the end of the app, which no timer survives. */
export async function clearCopiedSecret(): Promise<void> {
  if (secret === null) return;
  const { text, timer } = secret;
  clearTimeout(timer);
  secret = null;
  if ((await clipboard.readText()) === text) clipboard.clear();
}
