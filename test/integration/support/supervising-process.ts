/** A supervisor in a process of its own, so that it can be stopped or killed. Each line tells its services' machines. */
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { createSupervision, tierSpec } from './supervision.ts';

const request = z
  .object({
    home: z.string(),
    tiers: z.array(
      z.object({
        id: z.string(),
        port: z.number(),
        startLimitMs: z.number(),
        switches: z.record(z.string(), z.number()),
      }),
    ),
    policy: z.record(z.string(), z.number()),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const supervision = createSupervision({
  home: request.home,
  policy: request.policy,
  onChange() {
    const services = supervision.supervisor.services().map(({ spec, machine }) => ({
      id: spec.id,
      state: machine.state,
      pid: machine.pid,
      restarts: machine.restarts,
      reason: machine.lastFailure?.reason ?? null,
    }));
    process.stdout.write(`${JSON.stringify(services)}\n`);
  },
});
supervision.supervisor.apply(
  request.tiers.map((tier) => tierSpec(supervision, tier)),
  () => 'on',
);
createInterface({ input: process.stdin }).on('line', () => {
  void supervision.supervisor.stopAll(5_000).then(() => process.exit(0));
});
