/** `kill -9` of the supervisor itself: what becomes of its servers, and does the next start find its ports free. */
import { setTimeout as delay } from 'node:timers/promises';
import { type AppHome, writeAppHome } from '../app-home.ts';
import { type AppRun, leftOf, loggedFailures, runApp } from '../app-run.ts';
import type { Peer } from '../contenders/peer.ts';
import type { BenchContext } from '../context.ts';
import type { Contender, Measurement } from '../measurement.ts';
import { isHealthy, makeServers, serverPid, untilHealthy } from '../servers.ts';
import { largest, median } from '../statistics.ts';

const tiers = 4;
const goneBudgetMs = 3_000;
const goneLimitMs = 20_000;
const pollMs = 20;
/** pm2 gives up after 16 starts, supervisord after 4 with growing pauses. */
const secondStartMs = 12_000;

export async function measureAppKill(context: BenchContext): Promise<Measurement[]> {
  const { stage, options, peers, log } = context;
  /** One of them ignores TERM: the hardest case for whoever comes after. */
  const home = await writeAppHome(stage.makeFolder('kill-home'), {
    tiers,
    switches: { 'tier-1': { ignoreTerm: true } },
  });
  const watched = peers.map(async (state): Promise<[Contender, string]> => {
    if (state.kind === 'missing') return [state.name, `– ${state.reason}`];
    return [state.name, await killPeer(context, state.peer)];
  });
  const gone: number[] = [];
  const clean: number[] = [];
  const relaunched: number[] = [];
  let run = runApp(stage, home);
  await run.untilHealthy();
  /** The peers wait for their own limits first; they must not take the processor from what is timed. */
  const said = Object.fromEntries(await Promise.all(watched));

  for (let round = 0; round < options.rounds.appKill; round += 1) {
    await untilWatched(run);
    await run.kill();
    if (round % 2 === 0) {
      const times = await untilGone(home, run);
      gone.push(times.serversMs);
      clean.push(times.allMs);
    }
    const beganMs = performance.now();
    run = runApp(stage, home);
    await run.untilHealthy();
    if (round % 2 === 1) relaunched.push(performance.now() - beganMs);
    log(`app-kill: round ${round + 1} of ${options.rounds.appKill}`);
  }
  const failures = await loggedFailures(home);
  await run.quit();

  return [
    {
      id: 'app-kill',
      title: `kill -9 of the app → no server left`,
      unit: 'ms',
      samples: { ours: gone },
      said: { bare: 'stays', ...said },
      ratio: `${(largest(gone) / goneBudgetMs).toFixed(2)} × budget`,
      budget: `≤ ${goneBudgetMs / 1000} s`,
      kept: largest(gone) <= goneBudgetMs,
      notes: [
        `${tiers} tiers and the gateway, one tier ignores TERM; until the last process of any kind was gone: ${largest(clean).toFixed(0)} ms at most.`,
      ],
    },
    {
      id: 'relaunch',
      title: 'relaunch at once → all healthy',
      unit: 'ms',
      samples: { ours: relaunched },
      said: {},
      ratio: '–',
      budget: 'no port conflict',
      kept: relaunched.length === 0 ? null : failures.length === 0,
      notes: [
        `started in the moment of the kill, with the old servers still there: ${failures.length === 0 ? 'no failure was logged' : `failures: ${failures.slice(0, 3).join(' | ')}`}; median ${median(relaunched).toFixed(0)} ms.`,
      ],
    },
  ];
}

/** Its servers have to be what the kill is about. */
async function untilWatched(run: AppRun): Promise<void> {
  const found = await run.serverPids();
  if (found.length !== tiers + 1) throw new Error(`${found.length} servers run instead of ${tiers + 1}`);
}

async function untilGone(home: AppHome, run: AppRun): Promise<{ serversMs: number; allMs: number }> {
  const beganMs = performance.now();
  let serversMs: number | null = null;
  for (;;) {
    const { servers, all } = await leftOf(home, run.app.pid);
    const passedMs = performance.now() - beganMs;
    if (servers === 0) serversMs ??= passedMs;
    if (all === 0) return { serversMs: serversMs ?? passedMs, allMs: passedMs };
    if (passedMs > goneLimitMs) throw new Error(`${all} processes are left after ${goneLimitMs} ms`);
    await delay(pollMs);
  }
}

async function killPeer({ stage }: BenchContext, peer: Peer): Promise<string> {
  const [server] = await makeServers(stage.makeFolder(`kill-${peer.name}`), [{ id: peer.name }]);
  if (server === undefined) throw new Error('no server');
  const folder = stage.makeFolder(`kill-${peer.name}-state`);
  const first = await peer.start([server], folder);
  await untilHealthy(server);
  const pid = await serverPid(server);
  process.kill(first.daemonPid, 'SIGKILL');
  await delay(goneBudgetMs);
  if (!(await isHealthy(server, 1_000))) return 'server gone';
  const second = await peer.start([server], folder);
  await delay(secondStartMs);
  const state = await peer.describe(server, folder);
  const holder = await isHealthy(server, 1_000);
  await second.end();
  process.kill(pid, 'SIGKILL');
  return holder ? `stays; 2nd start: ${state}` : `stays; then ${state}`;
}
