/** Starts one program in a group of its own, tells its pid, and waits to be killed. */
import { spawn } from 'node:child_process';
import * as z from 'zod';

const request = z
  .object({ file: z.string(), args: z.array(z.string()), env: z.record(z.string(), z.string()) })
  .parse(JSON.parse(process.argv[2] ?? ''));

const child = spawn(request.file, request.args, { env: request.env, detached: true, stdio: 'ignore' });
child.unref();
process.stdout.write(`${child.pid}\n`);
setInterval(() => {}, 60_000);
