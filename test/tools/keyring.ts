/** A private Secret Service for one test: the environment to reach it by, and its end. Or why there can be none. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const tool = path.resolve(import.meta.dirname, 'with-keyring.sh');

export interface Keyring extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function hasLibsecret(): boolean {
  const folders = [
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib/aarch64-linux-gnu',
    '/lib/x86_64-linux-gnu',
    '/usr/lib64',
    '/usr/lib',
  ];
  return folders.some((folder) => {
    try {
      return readdirSync(folder).some((name) => name.startsWith('libsecret-1.so'));
    } catch {
      return false;
    }
  });
}

/** Why these tests cannot run here, or `null`. On CI they must: there the reason is a failure, not a skip. */
export function keyringMissing(): string | null {
  if (process.platform !== 'linux') return 'the Secret Service is Linux only';
  const missing = [
    ...['dbus-run-session', 'dbus-send', 'gnome-keyring-daemon'].filter((program) => !onPath(program)),
    ...(hasLibsecret() ? [] : ['libsecret-1']),
  ];
  return missing.length === 0
    ? null
    : `missing: ${missing.join(', ')} (apt-get install dbus gnome-keyring libsecret-1-0)`;
}

/** Ends with its stdin, so that it never outlives the test. */
const inner = 'printf "%s\\n%s\\n" "$DBUS_SESSION_BUS_ADDRESS" "$XDG_RUNTIME_DIR"; exec cat >/dev/null';

export async function startKeyring(): Promise<Keyring> {
  const child = spawn(tool, ['/bin/sh', '-c', inner], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const address = await lines.next();
  const runtime = await lines.next();
  if (address.done || runtime.done) throw new Error('no Secret Service came up');
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: address.value, XDG_RUNTIME_DIR: runtime.value },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}
