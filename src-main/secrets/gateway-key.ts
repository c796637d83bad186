/** The API key that clients of the gateway must send: made once per installation, changed on the user's wish. */
import { randomBytes } from 'node:crypto';
import { ok, type Problem, type Result } from '../contract/result.ts';
import { last4Of } from './accounts.ts';
import type { SecretStore } from './secret-store.ts';

const gatewayKeyPrefix = 'sk-mlx-';
const gatewayKeyBytes = 32;

export function makeGatewayKey(): string {
  return gatewayKeyPrefix + randomBytes(gatewayKeyBytes).toString('base64url');
}

export interface GatewayKeyStatus {
  readonly last4: string;
  /** `false`: the Keychain could not keep it, so the next launch will have another. */
  readonly kept: boolean;
  readonly problem: Problem | null;
}

export interface GatewayKey {
  /** There is always one: without a Keychain it lasts as long as this launch. */
  read(): string;
  status(): GatewayKeyStatus;
  /** Takes the Keychain's key, or makes the first one; a Keychain that cannot be read is not written to either. */
  ensure(): Promise<GatewayKeyStatus>;
  /** A new key, in force once the Keychain has it; the gateway must then be restarted. */
  rotate(): Promise<Result<GatewayKeyStatus>>;
}

export interface GatewayKeyOptions {
  readonly secrets: SecretStore;
  /** Told every key before it is used, so that the logs can take it out. */
  readonly registerSecret: (value: string) => void;
}

export function createGatewayKey({ secrets, registerSecret }: GatewayKeyOptions): GatewayKey {
  let value = makeGatewayKey();
  let kept = false;
  let problem: Problem | null = null;
  registerSecret(value);

  const status = (): GatewayKeyStatus => ({ last4: last4Of(value), kept, problem });

  function takeKept(): boolean {
    const found = secrets.read('gateway');
    if (found === null) return false;
    value = found;
    kept = true;
    problem = null;
    return true;
  }

  /** Also when the Keychain answers long after it was asked. */
  secrets.onChange((account) => {
    if (account === 'gateway') takeKept();
  });

  async function ensure(): Promise<GatewayKeyStatus> {
    const loaded = await secrets.load('gateway');
    if (takeKept()) return status();
    if (loaded.state !== 'absent') {
      problem = loaded.problem;
      return status();
    }
    const stored = await secrets.set('gateway', value);
    if (stored.ok) takeKept();
    else problem = stored.error;
    return status();
  }

  async function rotate(): Promise<Result<GatewayKeyStatus>> {
    const stored = await secrets.set('gateway', makeGatewayKey());
    if (!stored.ok) return stored;
    takeKept();
    return ok(status());
  }

  return { read: () => value, status, ensure, rotate };
}
