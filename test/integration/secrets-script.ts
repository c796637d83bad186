/** Runs inside the Secret Service's session and says in JSON lines what the room did; never prints a value. */
import { execFileSync } from 'node:child_process';
import { ok } from '../../src-main/contract/result.ts';
import { createGatewayKey } from '../../src-main/secrets/gateway-key.ts';
import { createKeychain } from '../../src-main/secrets/keychain.ts';
import { movePlaintextKey } from '../../src-main/secrets/plaintext-key.ts';
import { createSecretStore } from '../../src-main/secrets/secret-store.ts';

const [, , scenario = '', canary = '', other = ''] = process.argv;

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const registerSecret = () => undefined;
/** A store of its own knows what the Keychain knows, as after a relaunch. */
const launch = () => createSecretStore({ keychain: createKeychain(), registerSecret, answerLimitMs: 20_000 });

function plaintext(value: string) {
  let removed = false;
  return {
    removed: () => removed,
    readPlaintextKey: async () => value,
    async removePlaintextKey() {
      removed = true;
      return ok(undefined);
    },
  };
}

async function life(): Promise<void> {
  const first = launch();
  const absent = await first.load('openrouter');
  say({
    step: 'first load',
    state: absent.state,
    last4: absent.last4,
    same: first.read('openrouter') === canary,
  });
  const stored = await first.set('openrouter', ` ${canary}\n`);
  const held = first.status('openrouter');
  say({ step: 'set', ok: stored.ok, state: held.state, last4: held.last4 });

  const second = launch();
  const found = await second.load('openrouter');
  say({
    step: 'relaunch',
    state: found.state,
    last4: found.last4,
    same: second.read('openrouter') === canary,
  });
  const overwritten = await second.set('openrouter', other);
  say({ step: 'overwrite', ok: overwritten.ok, last4: second.status('openrouter').last4 });

  const third = launch();
  await third.load('openrouter');
  say({ step: 'relaunch after overwrite', same: third.read('openrouter') === other });
  const removed = await third.remove('openrouter');
  say({ step: 'remove', ok: removed.ok, state: third.status('openrouter').state });
  say({ step: 'remove again', ok: (await third.remove('openrouter')).ok });

  const fourth = launch();
  const gone = await fourth.load('openrouter');
  say({ step: 'relaunch after remove', state: gone.state, same: fourth.read('openrouter') === other });

  const key = createGatewayKey({ secrets: fourth, registerSecret });
  const kept = (await key.ensure()).kept;
  const before = key.read();
  const again = createGatewayKey({ secrets: launch(), registerSecret });
  await again.ensure();
  const same = again.read() === before;
  const rotated = (await again.rotate()).ok && again.read() !== before;
  const last = createGatewayKey({ secrets: launch(), registerSecret });
  await last.ensure();
  say({ step: 'gateway key', kept, same, rotated, afterRotate: last.read() === again.read() });

  const outcome = await movePlaintextKey(plaintext(canary), launch());
  const fifth = launch();
  await fifth.load('openrouter');
  say({ step: 'plaintext key', kind: outcome.kind, same: fifth.read('openrouter') === canary });
}

/** Locks the login collection as the user's own lock button does. */
function lockCollection(): void {
  execFileSync('dbus-send', [
    '--session',
    '--print-reply',
    '--dest=org.freedesktop.secrets',
    '/org/freedesktop/secrets',
    'org.freedesktop.Secret.Service.Lock',
    'array:objpath:/org/freedesktop/secrets/collection/login',
  ]);
}

async function locked(): Promise<void> {
  lockCollection();
  const store = launch();
  const stored = await store.set('openrouter', canary);
  say({
    step: 'set',
    ok: stored.ok,
    state: store.status('openrouter').state,
    code: stored.ok ? null : stored.error.code,
    held: store.read('openrouter') !== null,
  });
  const file = plaintext(canary);
  say({ step: 'plaintext key', kind: (await movePlaintextKey(file, store)).kind, removed: file.removed() });
  const key = createGatewayKey({ secrets: store, registerSecret });
  const status = await key.ensure();
  say({ step: 'gateway key', kept: status.kept, code: status.problem?.code ?? null });
}

async function noBus(): Promise<void> {
  const store = launch();
  const loaded = await store.load('openrouter');
  say({ step: 'load', state: loaded.state, code: loaded.problem?.code ?? null });
  const stored = await store.set('openrouter', canary);
  say({
    step: 'set',
    ok: stored.ok,
    code: stored.ok ? null : stored.error.code,
    held: store.read('openrouter') !== null,
  });
  const key = createGatewayKey({ secrets: store, registerSecret });
  const status = await key.ensure();
  say({ step: 'gateway key', kept: status.kept, code: status.problem?.code ?? null });
}

switch (scenario) {
  case 'life':
    await life();
    break;
  case 'locked':
    await locked();
    break;
  case 'no-bus':
    await noBus();
    break;
  default:
    throw new Error(`No scenario ${scenario}`);
}
