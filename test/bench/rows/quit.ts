/** Quitting with everything healthy, against what the servers need for their own shutdown. */
import { tierServer, writeAppHome } from '../app-home.ts';
import { runApp } from '../app-run.ts';
import type { BenchContext } from '../context.ts';
import { type Measurement, ratioOf } from '../measurement.ts';
import { spawnBare, untilHealthy } from '../servers.ts';
import { largest, median } from '../statistics.ts';

const tiers = 4;
const shutdownMs = 300;
const allowanceMs = 2_000;

export async function measureQuit({ stage, options, log }: BenchContext): Promise<Measurement> {
  const home = await writeAppHome(stage.makeFolder('quit-home'), {
    tiers,
    switches: { '*': { shutdownMs } },
    gatewayShutdownMs: shutdownMs,
  });
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < options.rounds.quit; round += 1) {
    const run = runApp(stage, home);
    await run.untilHealthy();
    ours.push(await run.quit());
    const server = tierServer(home, 0);
    const child = spawnBare(server);
    await untilHealthy(server);
    /** The gateway goes first, then the tiers together: twice the shutdown of one. */
    bare.push(2 * (await child.end('SIGTERM')));
    log(`quit: round ${round + 1} of ${options.rounds.quit}`);
  }
  return {
    id: 'quit',
    title: `quit, ${tiers + 1} healthy services`,
    unit: 'ms',
    samples: { ours, bare },
    said: {},
    ratio: `${ratioOf(median(ours), median(bare))} servers`,
    budget: `≤ the servers’ own + ${allowanceMs / 1000} s`,
    kept: largest(ours) <= median(bare) + allowanceMs,
    notes: [
      `SIGTERM to the app until its process is gone; bare: a server’s own shutdown (${shutdownMs} ms of work), twice, as the gateway ends before the tiers; ours at most ${largest(ours).toFixed(0)} ms.`,
    ],
  };
}
