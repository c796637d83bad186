/** Three tiers that load for one, two and three seconds, up as soon as the slowest could be up alone. */
import { startOurs } from '../contenders/ours.ts';
import type { Peer } from '../contenders/peer.ts';
import type { BenchContext } from '../context.ts';
import { type Contender, type Measurement, ratioOf } from '../measurement.ts';
import { makeServers, spawnBare, untilHealthy } from '../servers.ts';
import { median } from '../statistics.ts';

const loadsMs = [1_000, 2_000, 3_000] as const;
const budgetRatio = 1.15;

export async function measureParallelStart(context: BenchContext): Promise<Measurement> {
  const { options, peers, log } = context;
  const samples: Partial<Record<Contender, number[]>> = {};
  const said: Partial<Record<Contender, string>> = {};
  const add = (name: Contender, ms: number) => {
    samples[name] = [...(samples[name] ?? []), ms];
  };
  for (let round = 0; round < options.rounds.parallelStart; round += 1) {
    add('ours', await oursRound(context));
    add('bare', await bareRound(context));
    for (const state of peers) {
      if (state.kind === 'present') add(state.peer.name, await peerRound(context, state.peer));
      else said[state.name] = `– ${state.reason}`;
    }
    log(`parallel-start: round ${round + 1} of ${options.rounds.parallelStart}`);
  }
  const ours = median(samples.ours ?? []);
  const bare = median(samples.bare ?? []);
  return {
    id: 'parallel-start',
    title: 'start → all 3 tiers healthy',
    unit: 'ms',
    samples,
    said,
    ratio: `${ratioOf(ours, bare)} slowest`,
    budget: `≤ ${budgetRatio} × the slowest tier`,
    kept: ours <= bare * budgetRatio,
    notes: [
      `loads of ${loadsMs.join(', ')} ms; bare: the slowest tier alone; pm2 and supervisord from their command on.`,
    ],
  };
}

const threeTiers = (folder: string) =>
  makeServers(
    folder,
    loadsMs.map((loadMs) => ({ id: `load-${loadMs}`, switches: { loadMs } })),
  );

async function oursRound({ stage }: BenchContext): Promise<number> {
  const servers = await threeTiers(stage.makeFolder('start-ours'));
  const ours = startOurs(stage);
  /** The process has to be there; the app that starts its tiers is, too. */
  await ours.give({ order: 'apply', servers: [] });
  const ms = await ours.give({ order: 'apply', servers });
  await ours.end();
  return ms;
}

async function bareRound({ stage }: BenchContext): Promise<number> {
  const server = (await threeTiers(stage.makeFolder('start-bare'))).at(-1);
  if (server === undefined) throw new Error('no server');
  const beganMs = performance.now();
  const child = spawnBare(server);
  await untilHealthy(server);
  const ms = performance.now() - beganMs;
  await child.end('SIGKILL');
  return ms;
}

async function peerRound({ stage }: BenchContext, peer: Peer): Promise<number> {
  const servers = await threeTiers(stage.makeFolder(`start-${peer.name}`));
  const folder = stage.makeFolder(`start-${peer.name}-state`);
  const beganMs = performance.now();
  const run = await peer.start(servers, folder);
  await Promise.all(servers.map((server) => untilHealthy(server)));
  const ms = performance.now() - beganMs;
  await run.end();
  return ms;
}
