/** A real single-instance lock: a Unix socket in `userData`; a second instance hands its arguments to the first. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

/** Exit code of notify-first-instance.ts when the socket has no owner. */
export const nobodyThere = 3;

/** The first instance may be busy; as long as it holds the socket it is the first. */
const notifyLimitMs = 20_000;
/** An older guard was left by a crash. */
const guardLimitMs = 30_000;
/** macOS allows 103, Linux 107. */
const socketPathLimitBytes = 100;
/** What a second instance may send. */
export const messageLimitBytes = 1_000_000;

export const secondInstanceSchema = z.strictObject({
  argv: z.array(z.string()),
  workingDirectory: z.string(),
  additionalData: z.unknown(),
});
export type SecondInstance = z.infer<typeof secondInstanceSchema>;

export interface SingleInstanceLock {
  request(userData: string, announcement: SecondInstance): boolean;
  held(): boolean;
  release(): void;
}

export function createSingleInstanceLock(onSecond: (second: SecondInstance) => void): SingleInstanceLock {
  let server: net.Server | null = null;

  function request(userData: string, announcement: SecondInstance): boolean {
    if (server !== null) return true;
    mkdirSync(userData, { recursive: true, mode: 0o700 });
    const socket = socketFor(userData);
    server = listen(socket, onSecond);
    if (server === null && notifyFirst(socket, announcement) === nobodyThere) {
      server = takeOver(socket, announcement, onSecond);
    }
    return server !== null;
  }

  return {
    request,
    held: () => server !== null,
    release() {
      server?.close();
      server = null;
    },
  };
}

/** Short in any case: a Unix socket's path may not be longer than about 100 bytes. */
function socketFor(userData: string): string {
  const inside = path.join(userData, 'instance.sock');
  if (Buffer.byteLength(inside) <= socketPathLimitBytes) return inside;
  const digest = createHash('sha256').update(realpathSync(userData)).digest('hex').slice(0, 16);
  return path.join(os.tmpdir(), `electron-stand-in-${digest}.sock`);
}

/** Binding a Unix socket happens within `listen`, so success is known at once. */
function listen(socket: string, onSecond: (second: SecondInstance) => void): net.Server | null {
  const server = net.createServer({ allowHalfOpen: true }, (connection) => receive(connection, onSecond));
  server.on('error', () => {});
  server.listen(socket);
  return server.listening ? server : null;
}

function receive(connection: net.Socket, onSecond: (second: SecondInstance) => void): void {
  let text = '';
  connection.setEncoding('utf8');
  connection.on('error', () => {});
  connection.on('data', (chunk) => {
    text += chunk;
    if (text.length > messageLimitBytes) connection.destroy();
  });
  connection.on('end', () => {
    connection.end('ok');
    const message = secondInstanceSchema.safeParse(parseJson(text));
    if (message.success) onSecond(message.data);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Electron's call is synchronous and Node has no synchronous socket, hence a short-lived helper process. */
function notifyFirst(socket: string, announcement: SecondInstance): number | null {
  const helper = fileURLToPath(new URL('./notify-first-instance.ts', import.meta.url));
  const { status } = spawnSync(process.execPath, [helper, socket], {
    input: JSON.stringify(announcement),
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: notifyLimitMs,
  });
  return status;
}

/** Of several newcomers only one may replace a dead owner's socket, hence the guard and the second look. */
function takeOver(
  socket: string,
  announcement: SecondInstance,
  onSecond: (second: SecondInstance) => void,
): net.Server | null {
  const guard = `${socket}.takeover`;
  if (!createGuard(guard)) return null;
  try {
    if (notifyFirst(socket, announcement) !== nobodyThere) return null;
    rmSync(socket, { force: true });
    return listen(socket, onSecond);
  } finally {
    rmSync(guard, { force: true });
  }
}

function createGuard(guard: string): boolean {
  try {
    closeSync(openSync(guard, 'wx', 0o600));
    return true;
  } catch {
    const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age < guardLimitMs) return false;
    rmSync(guard, { force: true });
    closeSync(openSync(guard, 'wx', 0o600));
    return true;
  }
}
