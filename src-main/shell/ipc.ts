/** The one door between the window and the main process, and the only file with raw `ipcMain`. */
import { type BrowserWindow, ipcMain } from 'electron';
import { commandChannel, eventChannel } from '../contract/bridge.ts';
import { type EventName, type EventPayload, events } from '../contract/events.ts';
import { type CommandHandlers, createCommandHandler, type RegisterOptions } from './command-handler.ts';

export type { CommandHandlers, RegisterOptions } from './command-handler.ts';

/** Registers all commands; the returned function takes them back. */
export function registerCommands(handlers: CommandHandlers, options: RegisterOptions): () => void {
  const handle = createCommandHandler(handlers, options);
  ipcMain.handle(commandChannel, handle);
  return () => ipcMain.removeHandler(commandChannel);
}

/**
 * Sends an event to the window, unless it is gone. The payload is checked: the window trusts what it gets. One that does not
 * fit is a bug and is not sent; thrown from a timer it would end the app, and with it the servers.
 */
export function sendEvent<N extends EventName>(
  window: BrowserWindow,
  name: N,
  payload: EventPayload<N>,
  onBug: (message: string) => void,
): void {
  if (window.isDestroyed() || window.webContents.isDestroyed()) return;
  const checked = events[name].safeParse(payload);
  if (checked.success) window.webContents.send(eventChannel, name, checked.data);
  else onBug(bugIn(name, checked.error.issues[0]?.path));
}

/** Where, not what: a value could be a secret. */
const bugIn = (name: EventName, path: readonly PropertyKey[] = []): string =>
  `The event ${name} has an unexpected value at “${path.map(String).join('.')}” and is not sent`;
