/** How busy the models are, from their own `/v1/status`: it costs no model call, and counts what bypasses the gateway too. */
import http from 'node:http';
import * as z from 'zod';

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

/** Its `requests` list grows with each one. */
const maxBodyBytes = 1024 * 1024;

export function parseActivity(text: string): Activity | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = statusSchema.safeParse(value);
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

function ask(port: number, timeoutMs: number): Promise<Activity | null> {
  return new Promise((resolve) => {
    const settle = (activity: Activity | null) => {
      clearTimeout(limit);
      resolve(activity);
      request.destroy();
    };
    const request = http.get(
      { host: '127.0.0.1', port, path: '/v1/status', agent: false, headers: { connection: 'close' } },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxBodyBytes) settle(null);
          else chunks.push(chunk);
        });
        response.on('end', () =>
          settle(response.statusCode === 200 ? parseActivity(Buffer.concat(chunks).toString('utf8')) : null),
        );
        response.on('error', () => settle(null));
      },
    );
    const limit = setTimeout(() => settle(null), timeoutMs);
    request.on('error', () => settle(null));
  });
}
