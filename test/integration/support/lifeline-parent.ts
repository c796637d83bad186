/** Starts one group with the dead-man's switch, tells its pid, and waits to be killed. */
import * as z from 'zod';
import { spawnGroup } from '../../../src-main/supervisor/child.ts';

const request = z
  .object({
    executable: z.string(),
    args: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    cwd: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const leader = await spawnGroup(request);
if ('error' in leader) throw new Error(leader.error);
leader.stdout.resume();
leader.stderr.resume();
process.stdout.write(`${leader.pid}\n`);
setInterval(() => {}, 60_000);
