/** Whatever dies, and whenever: nothing is left behind, no file is damaged, and the next start is healthy. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseLedger } from '../../src-main/supervisor/ledger.ts';
import { isPortFree } from '../../src-main/supervisor/ports.ts';
import {
  createHome,
  enginesOf,
  launch,
  type RunningApp,
  serverPids,
  until,
  untilNoEngines,
} from './support/app.ts';

/** Design §12: after a `kill -9` of the app no server is left within this time. */
const deadManLimitMs = 3_000;
/** A start of app and servers takes about this long: a moment of it, by chance. */
const startMs = 1_200;
const rounds = 50;

describe('kill -9 at random moments', () => {
  it(`${rounds} rounds: services and the app itself`, { timeout: 420_000 }, async () => {
    const tiers = ['standard', 'fast'];
    const home = await createHome({ tiers });
    const ports = [home.gatewayPort, ...Object.values(home.tierPorts)];
    const kept = ['config.yaml', 'stacks/default.yaml'].map((file) => path.join(home.home, file));
    const before = kept.map((file) => readFileSync(file));
    const struck = new Map<string, number>();
    const strike = (what: string) => struck.set(what, (struck.get(what) ?? 0) + 1);
    let running = await launch(home);
    for (let round = 1; round <= rounds; round++) {
      // Every third round strikes while things are still starting.
      const afterMs = Math.floor(Math.random() * startMs);
      if (round % 3 === 0) await delay(afterMs);
      else await running.untilReady();
      const what = `round ${round}${round % 3 === 0 ? `, ${afterMs} ms after the launch` : ''}`;
      if (round % 2 === 0) {
        await killApp(running, ports, what);
        strike('app');
        running = await launch(home);
      } else {
        strike(await killOneService(home.home, struck));
      }
      kept.forEach((file, index) => {
        expect(readFileSync(file).equals(before[index] ?? Buffer.alloc(0)), `${file} after ${what}`).toBe(
          true,
        );
      });
    }
    await running.untilReady();
    await running.session.stop();
    expect(await enginesOf(home.home)).toEqual([]);
    for (const port of ports) expect(await isPortFree(port)).toBe(true);
    expect(struck.get('app')).toBe(rounds / 2);
    expect([...struck.values()].reduce((sum, count) => sum + count, 0)).toBe(rounds);
    expect([...struck.keys()].toSorted()).toEqual(['app', 'fast', 'gateway', 'standard']);
  });
});

async function killApp(running: RunningApp, ports: readonly number[], what: string): Promise<void> {
  process.kill(running.app.pid, 'SIGKILL');
  await running.app.exited;
  await untilNoEngines(running.home, deadManLimitMs);
  // A process that is just ending has no command line any more by which it would be known, and may hold its port still.
  for (const port of ports) {
    await until(`port ${port} after ${what}`, () => isPortFree(port), Boolean, deadManLimitMs);
  }
  const desired = readFileSync(path.join(running.home, 'desired.json'), 'utf8');
  expect(JSON.parse(desired), what).toMatchObject({ version: 1 });
  const ledger = readIfThere(path.join(running.home, 'ledger.json'));
  if (ledger !== null) expect(parseLedger(ledger), `ledger after ${what}`).not.toBeNull();
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Of those that run by then the one that was struck least; what it was. */
async function killOneService(home: string, struck: ReadonlyMap<string, number>): Promise<string> {
  for (;;) {
    const servers = await until(
      'a server',
      () => serverPids(home),
      (pids) => Object.keys(pids).length > 0,
    );
    const times = ([name]: readonly [string, number]) => struck.get(name) ?? 0;
    const [victim] = Object.entries(servers).toSorted((a, b) => times(a) - times(b));
    if (victim === undefined) throw new Error('there is no server');
    const [name, pid] = victim;
    try {
      process.kill(pid, 'SIGKILL');
      return name;
    } catch {
      // It was ending by itself: another is struck.
    }
  }
}
