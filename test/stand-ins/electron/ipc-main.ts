/** `ipcMain`: handlers and listeners, with Electron's own error texts. */
import { StrictEmitter } from './strict.ts';

type Handler = Parameters<Electron.IpcMain['handle']>[1];

export type InvokeReply =
  | { readonly ok: true; readonly value: unknown }
  /** As Electron puts it after "Error invoking remote method 'channel': ". */
  | { readonly ok: false; readonly error: string };

class IpcMainStandIn
  extends StrictEmitter
  implements Pick<Electron.IpcMain, 'handle' | 'handleOnce' | 'removeHandler'>
{
  readonly #handlers = new Map<string, Handler>();

  handle(channel: string, handler: Handler): void {
    if (this.#handlers.has(channel)) {
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    }
    if (typeof handler !== 'function') {
      throw new TypeError(`Expected handler to be a function, but found type '${typeof handler}'`);
    }
    this.#handlers.set(channel, handler);
  }

  handleOnce(channel: string, handler: Handler): void {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return handler(event, ...args);
    });
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  async invoke(channel: string, event: Electron.IpcMainInvokeEvent, args: unknown[]): Promise<InvokeReply> {
    const handler = this.#handlers.get(channel);
    if (handler === undefined) return { ok: false, error: `Error: No handler registered for '${channel}'` };
    try {
      const value: unknown = await handler(event, ...args);
      return { ok: true, value: structuredClone(value) };
    } catch (error) {
      if (error instanceof DOMException) return { ok: false, error: 'Error: An object could not be cloned.' };
      return { ok: false, error: String(error) };
    }
  }
}

export const ipcMain = new IpcMainStandIn('ipcMain');
