/**
 * What only waiting shows, in one stretch of time: a hung server is noticed and replaced, five idle services cost next
 * to nothing, and how much memory that takes.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { defaultPolicy, type SupervisionPolicy } from '../../../src-main/supervisor/policy.ts';
import { writeAppHome } from '../app-home.ts';
import { startOurs } from '../contenders/ours.ts';
import type { Peer } from '../contenders/peer.ts';
import type { BenchContext } from '../context.ts';
import { type Contender, type Measurement, ratioOf } from '../measurement.ts';
import { readKeytarBytes, runPlainApp } from '../plain-app.ts';
import { isHealthy, makeServers, serverPid, stopGraceMs, untilHealthy } from '../servers.ts';
import { largest, median } from '../statistics.ts';
import { censusFileVariable } from '../timer-census-file.ts';
import { readUsage, type Usage } from '../usage.ts';

const services = 5;
const hungServices = 4;
/**
 * From the last start-up to the first reading: once after its start the app gives memory back, and its first probes are
 * compiled. What it does again and again falls into the minute that is counted, the daily look for an update too.
 */
const settleMs = 15_000;
const readEveryMs = 5_000;
const idleBudgetPercent = 0.2;
const slowestTimerMs = 1_000;
/** One restart of a short-loading stand-in on a busy machine. */
const restartAllowanceMs = 2_000;

/** The longest that a hung server can stay unnoticed and unreplaced, by the documented thresholds. */
export function hangBoundMs(policy: SupervisionPolicy): number {
  const lossMs = policy.probeAgainMs + policy.probeTimeoutMs;
  const unresponsiveMs =
    policy.probeEveryMs + policy.probeTimeoutMs + (policy.lostProbesToUnresponsive - 1) * lossMs;
  return unresponsiveMs + Math.ceil(policy.restartAfterUnresponsiveMs / lossMs) * lossMs;
}

export async function measureQuiet(
  context: BenchContext,
  wanted: { readonly hang: boolean; readonly idle: boolean; readonly memory: boolean },
): Promise<Measurement[]> {
  const [hang, cost] = await Promise.all([
    wanted.hang ? measureHang(context) : null,
    wanted.idle || wanted.memory ? measureCost(context) : null,
  ]);
  return [
    ...(hang === null ? [] : [hang]),
    ...(cost !== null && wanted.idle ? [idleRow(cost)] : []),
    ...(cost !== null && wanted.memory ? [memoryRow(cost)] : []),
  ];
}

async function measureHang({ stage, peers, log }: BenchContext): Promise<Measurement> {
  const boundMs = hangBoundMs(defaultPolicy);
  const limitMs = boundMs + stopGraceMs + restartAllowanceMs;
  const ids = Array.from({ length: hungServices }, (_, index) => `hung-${index + 1}`);
  const servers = await makeServers(
    stage.makeFolder('hang'),
    ids.map((id) => ({ id })),
  );
  const ours = startOurs(stage);
  await ours.give({ order: 'apply', servers });
  const said: Partial<Record<Contender, string>> = {};
  const beganMs = performance.now();
  const watched = peers.map(async (state) => {
    if (state.kind === 'present') said[state.name] = await hangPeer(state.peer, limitMs);
    else said[state.name] = `– ${state.reason}`;
  });
  log(`hang: ${hungServices} servers stopped by SIGSTOP; noticed within ${(boundMs / 1000).toFixed(0)} s`);
  const samples = await Promise.all(
    ids.map(async (service, index) => {
      /** At different moments between two probes. */
      await delay((index * defaultPolicy.probeEveryMs) / ids.length);
      return ours.give({ order: 'hang', service });
    }),
  );
  await Promise.all(watched);
  await ours.end();
  const worst = largest(samples);

  async function hangPeer(peer: Peer, waitMs: number): Promise<string> {
    const [server] = await makeServers(stage.makeFolder(`hang-${peer.name}`), [{ id: peer.name }]);
    if (server === undefined) throw new Error('no server');
    const run = await peer.start([server], stage.makeFolder(`hang-${peer.name}-state`));
    await untilHealthy(server);
    const pid = await serverPid(server);
    process.kill(pid, 'SIGSTOP');
    await delay(waitMs - (performance.now() - beganMs));
    const noticed = (await serverPid(server)) !== pid;
    const heals = await isHealthy(server, 1_000);
    process.kill(pid, 'SIGKILL');
    await run.end();
    return noticed || heals ? 'replaced it' : `not noticed in ${Math.round(waitMs / 1000)} s`;
  }

  return {
    id: 'hang',
    title: 'SIGSTOP of a server → healthy',
    unit: 'ms',
    samples: { ours: samples },
    said: { bare: 'never', ...said },
    ratio: `${ratioOf(worst, limitMs)} bound`,
    budget: `≤ ${(limitMs / 1000).toFixed(0)} s, by the policy`,
    kept: worst <= limitMs,
    notes: [
      `bound = ${boundMs / 1000} s until the restart (probe every ${defaultPolicy.probeEveryMs / 1000} s, ${defaultPolicy.lostProbesToUnresponsive} lost of ${defaultPolicy.probeTimeoutMs / 1000} s each, ${defaultPolicy.restartAfterUnresponsiveMs / 1000} s unresponsive) + ${stopGraceMs / 1000} s grace + ${restartAllowanceMs / 1000} s start; slowest ${(worst / 1000).toFixed(1)} s.`,
    ],
  };
}

interface Cost {
  readonly seconds: number;
  readonly cpuPercent: Partial<Record<Contender, number>>;
  readonly wakeUpsPerSecond: Partial<Record<Contender, number>>;
  readonly rssMb: Partial<Record<Contender, number[]>>;
  readonly pssMb: Partial<Record<Contender, number[]>>;
  readonly said: Partial<Record<Contender, string>>;
  readonly quickTimers: ReadonlyMap<number, number>;
  readonly timersPerMinute: number;
  readonly keytarBytes: number | null;
}

async function measureCost(context: BenchContext): Promise<Cost> {
  const { stage, options, peers, log } = context;
  const home = await writeAppHome(stage.makeFolder('idle-home'), { tiers: services - 1 });
  const app = runPlainApp(stage, home);
  const census = await startCensus(context);
  const pids: [Contender, number][] = [['ours', app.pid]];
  const said: Partial<Record<Contender, string>> = {};
  const runs: { end(): Promise<void> }[] = [app, census];
  for (const state of peers) {
    if (state.kind === 'missing') {
      said[state.name] = `– ${state.reason}`;
      continue;
    }
    const { peer } = state;
    const ids = Array.from({ length: services }, (_, index) => ({ id: `${peer.name}-${index + 1}` }));
    const servers = await makeServers(stage.makeFolder(`idle-${peer.name}`), ids);
    const run = await peer.start(servers, stage.makeFolder(`idle-${peer.name}-state`));
    await Promise.all(servers.map((server) => untilHealthy(server)));
    pids.push([peer.name, run.daemonPid]);
    runs.push(run);
  }
  await app.untilServing();
  await delay(settleMs);
  const { idleSeconds } = options.rounds;
  log(`idle: ${services} healthy services each, ${idleSeconds} s of nothing`);

  const fromMs = Date.now();
  const read = () => Promise.all(pids.map(async ([name, pid]) => [name, await readUsage(pid)] as const));
  const readings = [await read()];
  while (Date.now() - fromMs < idleSeconds * 1000) {
    await delay(Math.min(readEveryMs, fromMs + idleSeconds * 1000 - Date.now()));
    readings.push(await read());
  }
  const seconds = (Date.now() - fromMs) / 1000;
  for (const run of runs) await run.end();
  const timers = await census.fired(fromMs, fromMs + seconds * 1000);

  const of = (name: Contender): Usage[] =>
    readings.flatMap((reading) => reading.filter(([who]) => who === name).map(([, usage]) => usage));
  const cpuPercent: Partial<Record<Contender, number>> = {};
  const wakeUpsPerSecond: Partial<Record<Contender, number>> = {};
  const rssMb: Partial<Record<Contender, number[]>> = {};
  const pssMb: Partial<Record<Contender, number[]>> = {};
  for (const [name] of pids) {
    const usages = of(name);
    const first = usages[0];
    const last = usages.at(-1);
    if (first === undefined || last === undefined) continue;
    const usedMs = last.cpuMs - first.cpuMs + last.childrenCpuMs - first.childrenCpuMs;
    cpuPercent[name] = usedMs / (seconds * 10);
    if (first.wakeUps !== null && last.wakeUps !== null) {
      wakeUpsPerSecond[name] = (last.wakeUps - first.wakeUps) / seconds;
    }
    rssMb[name] = usages.map(({ rssBytes }) => rssBytes / 1e6);
    pssMb[name] = usages.flatMap(({ pssBytes }) => (pssBytes === null ? [] : [pssBytes / 1e6]));
  }
  const quick = new Map<number, number>();
  for (const [, delayMs] of timers) {
    if (delayMs < slowestTimerMs) quick.set(delayMs, (quick.get(delayMs) ?? 0) + 1);
  }
  return {
    seconds,
    cpuPercent,
    wakeUpsPerSecond,
    rssMb,
    pssMb,
    said,
    quickTimers: quick,
    timersPerMinute: (timers.length / seconds) * 60,
    keytarBytes: await readKeytarBytes(),
  };
}

const censusSchema = z.array(z.tuple([z.number(), z.number()]));

/** A second, smaller app whose timers are counted: counting costs, and would spoil the figures of the first. */
async function startCensus({ stage }: BenchContext) {
  const home = await writeAppHome(stage.makeFolder('census-home'), { tiers: 1 });
  const file = path.join(home.folder, 'timers.json');
  const script = path.join(import.meta.dirname, '..', 'timer-census.ts');
  const app = runPlainApp(stage, home, [script], { [censusFileVariable]: file });
  await app.untilServing();
  return {
    end: app.end,
    async fired(fromMs: number, toMs: number) {
      const all = censusSchema.parse(JSON.parse(await readFile(file, 'utf8')));
      return all.filter(([atMs]) => atMs >= fromMs && atMs < toMs);
    },
  };
}

function idleRow(cost: Cost): Measurement {
  const ours = cost.cpuPercent.ours ?? Number.NaN;
  const samples = Object.fromEntries(Object.entries(cost.cpuPercent).map(([name, value]) => [name, [value]]));
  const quick = [...cost.quickTimers].map(([delayMs, count]) => `${count} × ${delayMs} ms`);
  const wakeUps = Object.entries(cost.wakeUpsPerSecond).map(
    ([name, perSecond]) => `${name} ${perSecond.toFixed(1)}/s`,
  );
  return {
    id: 'idle',
    title: `CPU of one core, ${services} idle services`,
    unit: '%',
    samples,
    said: { bare: '0', ...cost.said },
    ratio: cost.cpuPercent.pm2 === undefined ? '–' : `${ratioOf(ours, cost.cpuPercent.pm2)} pm2`,
    budget: `≤ ${idleBudgetPercent} %, no timer < 1 s`,
    kept: ours <= idleBudgetPercent && cost.quickTimers.size === 0,
    notes: [
      `over ${cost.seconds.toFixed(0)} s, the tools it ran included; wake-ups of the main thread: ${wakeUps.join(', ') || 'not told here'}.`,
      `with 2 services ${cost.timersPerMinute.toFixed(1)} timers fired per minute; faster than 1 s: ${quick.join(', ') || 'none'}.`,
    ],
  };
}

function memoryRow(cost: Cost): Measurement {
  const ours = median(cost.rssMb.ours ?? []);
  const pm2 = cost.rssMb.pm2 === undefined ? null : median(cost.rssMb.pm2);
  const pss = Object.entries(cost.pssMb)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => `${name} ${median(values).toFixed(1)} MB`);
  return {
    id: 'memory',
    title: `resident memory, ${services} services`,
    unit: 'MB',
    samples: cost.rssMb,
    said: cost.said,
    ratio: pm2 === null ? '–' : `${ratioOf(ours, pm2)} pm2`,
    budget: '≤ pm2’s daemon',
    kept: pm2 === null ? null : ours <= pm2,
    notes: [
      `RSS of the shipped bundle on plain Node, with an Electron that does nothing and an empty Keychain; PSS: ${pss.join(', ') || 'not told here'}.`,
      `keytar’s Linux build, which does not ship and brings GLib, GIO and libsecret, adds ${cost.keytarBytes === null ? 'what cannot be told here' : `${(cost.keytarBytes / 1e6).toFixed(1)} MB`} to a bare Node.`,
    ],
  };
}
