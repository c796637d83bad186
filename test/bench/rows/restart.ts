/** `kill -9` of a server until it is healthy again, in turns: ours, a bare spawn, and the peers. */
import { setTimeout as delay } from 'node:timers/promises';
import { startOurs } from '../contenders/ours.ts';
import type { Peer } from '../contenders/peer.ts';
import type { BenchContext } from '../context.ts';
import { type Contender, type Measurement, ratioOf } from '../measurement.ts';
import { type BenchServer, makeServers, serverPid, spawnBare, untilHealthy } from '../servers.ts';
import { type Interval, median, medianInterval } from '../statistics.ts';

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

  const overBare = above(samples.ours, samples.bare);
  const overPm2 = above(samples.ours, samples.pm2);
  const differences = [
    `ours − bare = ${inWords(overBare)}`,
    ...(samples.pm2 === undefined ? [] : [`ours − pm2 = ${inWords(overPm2)}`]),
  ];
  return {
    id: 'restart',
    title: 'kill -9 of a server → healthy',
    unit: 'ms',
    samples,
    said,
    ratio: `${ratioOf(median(samples.ours ?? []), median(samples.bare ?? []))} bare`,
    budget: `≤ bare + ${allowanceMs} ms, not behind pm2`,
    kept: overBare.middle <= allowanceMs && !(overPm2.low > 0),
    notes: [
      `${differences.join(', ')}: the median of the differences within a round, and where it lies with 95 %; behind is what lies above 0 with all of it; healthy = /health says so and one token was generated; bare counts from the spawn.`,
    ],
  };
}

/** Within a round the machine is as fast for one as for the other; from one to the next it is not. */
function above(ours: readonly number[] = [], other: readonly number[] = []): Interval {
  return medianInterval(other.map((ms, round) => (ours[round] ?? Number.NaN) - ms));
}

const inWords = ({ low, middle, high }: Interval): string =>
  `${middle.toFixed(1)} ms (${low.toFixed(1)} to ${high.toFixed(1)})`;

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
