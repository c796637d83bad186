/** Whatever dies, and whenever: nothing is left behind, no file is damaged, and the next start is healthy. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLedger } from '../../src-main/supervisor/ledger.ts';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import { createHome, enginesOf, launch, type RunningApp, untilNoEngines } from './support/app.ts';

/** Design §12: after a `kill -9` of the app no server is left within this time. */
const deadManLimitMs = 3_000;

describe('kill -9 at random moments', () => {
  it('50 rounds: services and the app itself', { timeout: 420_000 }, async () => {
    const home = await createHome({ tiers: ['standard', 'fast'] });
    const ports = [home.gatewayPort, ...Object.values(home.tierPorts)];
    let running = await launch(home);
    for (let round = 1; round <= 50; round++) {
      // Every third round strikes while things are still starting.
      if (round % 3 !== 0) await running.untilReady();
      if (round % 2 === 0) {
        await killApp(running, ports, round);
        running = await launch(home);
      } else {
        await killOneService(home.home);
      }
    }
    await running.untilReady();
    await running.session.stop();
    expect(await enginesOf(home.home)).toEqual([]);
    for (const port of ports) expect(await isPortFree(port)).toBe(true);
  });
});

async function killApp(running: RunningApp, ports: readonly number[], round: number): Promise<void> {
  process.kill(running.app.pid, 'SIGKILL');
  await running.app.exited;
  await untilNoEngines(running.home, deadManLimitMs);
  for (const port of ports) expect(await isPortFree(port), `port ${port} after round ${round}`).toBe(true);
  const read = (file: string) => readFileSync(path.join(running.home, file), 'utf8');
  expect(JSON.parse(read('desired.json')), `round ${round}`).toMatchObject({ version: 1 });
  expect(read('stacks/default.yaml')).toContain('schema_version: 1');
  const ledger = readIfThere(path.join(running.home, 'ledger.json'));
  if (ledger !== null) expect(parseLedger(ledger), `ledger after round ${round}`).not.toBeNull();
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

async function killOneService(home: string): Promise<void> {
  const engines = (await enginesOf(home)).filter(({ role }) => role === 'server');
  const victim = engines[Math.floor(Math.random() * engines.length)];
  if (victim === undefined) return;
  try {
    process.kill(victim.pid, 'SIGKILL');
  } catch {
    // It was ending by itself.
  }
}
