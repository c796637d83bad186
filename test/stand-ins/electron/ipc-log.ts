/** `--ipc-log`: one JSON line for each message that crosses the bridge, in either direction. */
import { chmodSync, closeSync, openSync, writeSync } from 'node:fs';
import { settings } from './settings.ts';

export type IpcLogEntry =
  | {
      readonly direction: 'toMain';
      readonly kind: 'invoke' | 'send';
      readonly channel: string;
      readonly args: unknown[];
    }
  | {
      readonly direction: 'toRenderer';
      readonly kind: 'reply';
      readonly channel: string;
      readonly result: unknown;
    }
  | {
      readonly direction: 'toRenderer';
      readonly kind: 'error';
      readonly channel: string;
      readonly error: string;
    }
  | {
      readonly direction: 'toRenderer';
      readonly kind: 'send';
      readonly channel: string;
      readonly args: unknown[];
    };

function openLog(file: string | null): number | null {
  if (file === null) return null;
  const handle = openSync(file, 'a', 0o600);
  /** The file may have been there with another mode. */
  chmodSync(file, 0o600);
  process.on('exit', () => closeSync(handle));
  return handle;
}

const handle = openLog(settings.ipcLog);

export function logIpc(windowId: number, entry: IpcLogEntry): void {
  if (handle !== null) writeSync(handle, `${JSON.stringify({ at: Date.now(), windowId, ...entry })}\n`);
}
