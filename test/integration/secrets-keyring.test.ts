/** The Keychain room against a real Secret Service, and where there is none. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyringMissing } from '../tools/keyring.ts';

const tool = path.resolve('test/tools/with-keyring.sh');
const script = path.resolve('test/integration/secrets-script.ts');
const canary = `sk-or-v1-${'c4'.repeat(32)}`;
const other = `sk-or-v1-${'d5'.repeat(32)}`;

const why = keyringMissing();
/** On CI these tests must run: skipping them there would be a silent hole. */
const skip = process.platform !== 'linux' || (why !== null && process.env['CI'] !== 'true');
if (skip) process.stderr.write(`SKIPPED secrets-keyring: the Secret Service tests need it, but ${why}\n`);

interface Run {
  readonly status: number;
  readonly lines: readonly unknown[];
  readonly text: string;
}

let home = '';
beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'secrets-'));
});
afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 20 }));

const cleanEnv = () => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  XDG_RUNTIME_DIR: path.join(home, 'no-such-folder'),
  TMPDIR: home,
});

function run(command: string, args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { env: cleanEnv(), timeout: 40_000, maxBuffer: 1024 * 1024 },
      (error, stdout, stderr) => {
        const lines = stdout
          .split('\n')
          .filter((line) => line.startsWith('{'))
          .map((line): unknown => JSON.parse(line));
        const status = error === null ? 0 : (child.exitCode ?? -1);
        resolve({ status, lines, text: stdout + stderr });
      },
    );
  });
}

const steps = (name: string) => [process.execPath, script, name, canary, other];

describe.skipIf(skip)(`secrets with a real Secret Service${why === null ? '' : ` (${why})`}`, () => {
  it('is there', () => {
    expect(why).toBeNull();
  });

  it('keeps, gives back after a relaunch, overwrites, removes, and moves a plaintext key', async () => {
    const { status, lines, text } = await run(tool, steps('life'));
    expect(text).not.toContain(canary);
    expect(text).not.toContain(other);
    expect(lines).toEqual([
      { step: 'first load', state: 'absent', last4: null, same: false },
      { step: 'set', ok: true, state: 'present', last4: 'c4c4' },
      { step: 'relaunch', state: 'present', last4: 'c4c4', same: true },
      { step: 'overwrite', ok: true, last4: 'd5d5' },
      { step: 'relaunch after overwrite', same: true },
      { step: 'remove', ok: true, state: 'absent' },
      { step: 'remove again', ok: true },
      { step: 'relaunch after remove', state: 'absent', same: false },
      { step: 'gateway key', kept: true, same: true, rotated: true, afterRotate: true },
      { step: 'plaintext key', kind: 'moved', same: true },
    ]);
    expect(status).toBe(0);
  });

  it('does not hold what a locked collection refused', async () => {
    const { status, lines, text } = await run(tool, steps('locked'));
    expect(text).not.toContain(canary);
    expect(lines).toEqual([
      { step: 'set', ok: false, state: 'locked', code: 'keychain-locked', held: false },
      { step: 'plaintext key', kind: 'left', removed: false },
      { step: 'gateway key', kept: false, code: 'keychain-locked' },
    ]);
    expect(status).toBe(0);
  });

  it('hands on the exit status of what it runs', async () => {
    expect((await run(tool, ['sh', '-c', 'exit 7'])).status).toBe(7);
  });
});

describe.skipIf(process.platform !== 'linux')('secrets without any bus (only on Linux)', () => {
  it('says that there is no Keychain and holds nothing', async () => {
    const [command = '', ...args] = steps('no-bus');
    const { status, lines, text } = await run(command, args);
    expect(text).not.toContain(canary);
    expect(lines).toEqual([
      { step: 'load', state: 'unavailable', code: 'keychain-unavailable' },
      { step: 'set', ok: false, code: 'keychain-unavailable', held: false },
      { step: 'gateway key', kept: false, code: 'keychain-unavailable' },
    ]);
    expect(status).toBe(0);
  });
});
