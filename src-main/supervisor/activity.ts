/** How busy the models are, from their own `/v1/status`: it costs no model call, and counts what bypasses the gateway too. */
import * as z from 'zod';
import { parseServerStatus, readServerStatus } from './server-status.ts';

export interface Activity {
  /** Running or waiting in a model's queue. */
  readonly requests: number;
  readonly tokensPerSecond: number;
}

export const noActivity: Activity = { requests: 0, tokensPerSecond: 0 };

/** Of vllm-mlx's answer; a number that is missing counts as none. */
const statusSchema = z.object({
  num_running: z.number().nonnegative().catch(0),
  num_waiting: z.number().nonnegative().catch(0),
  generation_tps: z.number().nonnegative().catch(0),
});

export function parseActivity(text: string): Activity | null {
  const parsed = statusSchema.safeParse(parseServerStatus(text));
  if (!parsed.success) return null;
  const { num_running, num_waiting, generation_tps } = parsed.data;
  return { requests: num_running + num_waiting, tokensPerSecond: num_running > 0 ? generation_tps : 0 };
}

/** The sum over the ports; a server that does not answer in time counts as idle. */
export async function readActivity(ports: readonly number[], timeoutMs: number): Promise<Activity> {
  const answers = await Promise.all(ports.map((port) => ask(port, timeoutMs)));
  return answers.reduce<Activity>(
    (sum, answer) => ({
      requests: sum.requests + (answer?.requests ?? 0),
      tokensPerSecond: sum.tokensPerSecond + (answer?.tokensPerSecond ?? 0),
    }),
    noActivity,
  );
}

async function ask(port: number, timeoutMs: number): Promise<Activity | null> {
  const text = await readServerStatus(port, timeoutMs);
  return text === null ? null : parseActivity(text);
}
