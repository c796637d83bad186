/** A supervisor for one test: in a temporary home, everything gone at the end, and that proved. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { LaunchRecord } from '../../../src-main/supervisor/ledger.ts';
import { livingInGroups } from './processes.ts';
import { createSupervision, type Supervision, type SupervisionOptions } from './supervision.ts';

export type Rig = Supervision;
export type RigOptions = Partial<SupervisionOptions>;

export function temporaryFolder(prefix = 'mlx-stack-test-'): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  // Something that ends at the same time may still put a file there.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }));
  return folder;
}

/** Whatever a test did: after the last stop no process of any group that it ever started is alive. */
export function createRig(options: RigOptions = {}): Rig {
  const rig = createSupervision({ ...options, home: options.home ?? temporaryFolder() });
  onTestFinished(async () => {
    await rig.supervisor.stopAll(5_000);
    expect(await livingInGroups(rig.spawned), 'processes left behind').toEqual([]);
  });
  return rig;
}

export { livingInGroup } from './processes.ts';
export {
  childEnvironment,
  type GatewayOptions,
  gatewaySpec,
  impatience,
  memoryLogs,
  quickPolicy,
  type TierOptions,
  tierSpec,
} from './supervision.ts';
export type { LaunchRecord };
