/** `kill -9` of a server until it is healthy again, in turns: ours, a bare spawn, and the peers. */
import { setTimeout as delay } from 'node:timers/promises';
import { startOurs } from '../contenders/ours.ts';
import type { Peer } from '../contenders/peer.ts';
import type { BenchContext } from '../context.ts';
import { type Contender, type Measurement, ratioOf } from '../measurement.ts';
import { type BenchServer, makeServers, serverPid, spawnBare, untilHealthy } from '../servers.ts';
import { median } from '../statistics.ts';

const allowanceMs = 25;
/** What a turn leaves running for a moment (a look at ports and processes) must not be counted to the next one. */
const quietMs = 1_000;
/** supervisord counts a shorter run as a failed start and pm2 as an unstable one: both then wait longer. */
const minUptimeMs = 1_500;

interface Turn {
  readonly name: Contender;
  /** Milliseconds from the kill to healthy. */
  round(): Promise<number>;
  end(): Promise<void>;
}

export async function measureRestart(context: BenchContext): Promise<Measurement> {
  const { options, peers } = context;
  const turns: Turn[] = [await oursTurn(context), await bareTurn(context)];
  const said: Partial<Record<Contender, string>> = {};
  for (const state of peers) {
    if (state.kind === 'present') turns.push(await peerTurn(state.peer, context));
    else said[state.name] = `– ${state.reason}`;
  }
  const samples: Partial<Record<Contender, number[]>> = {};
  for (let round = 0; round < options.rounds.restart; round += 1) {
    for (let place = 0; place < turns.length; place += 1) {
      /** Another one begins each round, so that nobody always follows the same neighbour. */
      const turn = turns[(round + place) % turns.length];
      if (turn === undefined) continue;
      await delay(quietMs);
      const ms = await turn.round();
      samples[turn.name] = [...(samples[turn.name] ?? []), ms];
    }
    context.log(`restart: round ${round + 1} of ${options.rounds.restart}`);
  }
  for (const turn of turns) await turn.end();

  const overBare = medianAbove(samples.ours, samples.bare) ?? Number.NaN;
  const overPm2 = medianAbove(samples.ours, samples.pm2);
  return {
    id: 'restart',
    title: 'kill -9 of a server → healthy',
    unit: 'ms',
    samples,
    said,
    ratio: `${ratioOf(median(samples.ours ?? []), median(samples.bare ?? []))} bare`,
    budget: `≤ bare + ${allowanceMs} ms, ≤ pm2`,
    kept: overBare <= allowanceMs && (overPm2 === null || overPm2 <= 0),
    notes: [
      `ours − bare = ${overBare.toFixed(1)} ms${overPm2 === null ? '' : `, ours − pm2 = ${overPm2.toFixed(1)} ms`}, each the median of the differences within a round; healthy = /health says so and one token was generated; bare counts from the spawn.`,
    ],
  };
}

/** Within a round the machine is as fast for one as for the other; from one to the next it is not. */
function medianAbove(ours: readonly number[] = [], other: readonly number[] = []): number | null {
  if (other.length === 0) return null;
  return median(ours.map((ms, round) => ms - (other[round] ?? Number.NaN)));
}

async function oursTurn({ stage }: BenchContext): Promise<Turn> {
  const [server] = await makeServers(stage.makeFolder('restart-ours'), [{ id: 'ours' }]);
  if (server === undefined) throw new Error('no server');
  const ours = startOurs(stage);
  await ours.give({ order: 'apply', servers: [server] });
  return {
    name: 'ours',
    async round() {
      const ms = await ours.give({ order: 'crash', service: server.id });
      /** So that each crash counts as the first one after a stable run, which is what is compared. */
      await ours.give({ order: 'renew', service: server.id });
      return ms;
    },
    end: ours.end,
  };
}

async function bareTurn({ stage }: BenchContext): Promise<Turn> {
  const [server] = await makeServers(stage.makeFolder('restart-bare'), [{ id: 'bare' }]);
  if (server === undefined) throw new Error('no server');
  return {
    name: 'bare',
    async round() {
      const beganMs = performance.now();
      const child = spawnBare(server);
      await untilHealthy(server);
      const ms = performance.now() - beganMs;
      await child.end('SIGKILL');
      return ms;
    },
    end: async () => {},
  };
}

async function peerTurn(peer: Peer, { stage }: BenchContext): Promise<Turn> {
  const [server] = await makeServers(stage.makeFolder(`restart-${peer.name}`), [{ id: peer.name }]);
  if (server === undefined) throw new Error('no server');
  const run = await peer.start([server], stage.makeFolder(`restart-${peer.name}-state`));
  await untilHealthy(server);
  let healthyAtMs = performance.now();
  return {
    name: peer.name,
    async round() {
      await delay(Math.max(0, healthyAtMs + minUptimeMs - performance.now()));
      const pid = await serverPid(server);
      const beganMs = performance.now();
      process.kill(pid, 'SIGKILL');
      await untilHealthyAgain(server);
      healthyAtMs = performance.now();
      return healthyAtMs - beganMs;
    },
    end: run.end,
  };
}

const deathMs = 1;

async function untilHealthyAgain(server: BenchServer): Promise<void> {
  /** The signal is on its way: what answers after this is another process. */
  await delay(deathMs);
  await untilHealthy(server);
}
