/** Asks a server how it is. A probe costs no model call, except the one token that proves that generation works. */
import http from 'node:http';
import * as z from 'zod';
import type { HealthCheck } from '../stack/spec.ts';
import { supervisorWords } from '../words/index.ts';

export type ProbeResult =
  | { readonly kind: 'answered'; readonly latencyMs: number }
  /** Nobody listens, the answer was none or not one of a healthy server; `detail` says which, in a few words. */
  | {
      readonly kind: 'lost';
      readonly detail: string;
      readonly latencyMs: number;
      /** The connection ended or was refused, as it does when the process dies. */
      readonly dropped: boolean;
    };

export interface ProbeOptions {
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A server under test may send anything; no more than this is read. */
const maxBodyBytes = 64 * 1024;

const vllmHealth = z.object({ status: z.string(), model_loaded: z.boolean().optional() });

/** One health question. vllm-mlx answers 200 also when unhealthy, so its body decides (server.py of 2026-08). */
export async function probeHealth(health: HealthCheck, options: ProbeOptions): Promise<ProbeResult> {
  switch (health.kind) {
    case 'vllm-mlx':
      return judge(await request({ ...options, method: 'GET', path: '/health' }), (body) => {
        const parsed = vllmHealth.safeParse(body);
        if (!parsed.success) return supervisorWords.strangeAnswer;
        return parsed.data.status === 'healthy'
          ? null
          : supervisorWords.reportsItselfAs(parsed.data.status.slice(0, 40));
      });
    case 'litellm':
      return judge(await request({ ...options, method: 'GET', path: '/health/liveliness' }), () => null);
  }
}

const completion = z.object({ choices: z.array(z.unknown()).min(1) });

/** Generates one token. A gateway needs no such proof: each of its tiers has given its own. */
export async function probeGeneration(health: HealthCheck, options: ProbeOptions): Promise<ProbeResult> {
  if (health.kind === 'litellm') return { kind: 'answered', latencyMs: 0 };
  const question = {
    model: health.servedModelName,
    messages: [{ role: 'user', content: 'Hi' }],
    max_tokens: 1,
    temperature: 0,
  };
  const body = JSON.stringify(question);
  return judge(await request({ ...options, method: 'POST', path: '/v1/chat/completions', body }), (answer) =>
    completion.safeParse(answer).success ? null : supervisorWords.noCompletion,
  );
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly latencyMs: number;
}
type Lost = Extract<ProbeResult, { kind: 'lost' }>;

/** `fault` reads the JSON body and says what is wrong with it, or `null`. */
function judge(answer: Answer | Lost, fault: (body: unknown) => string | null): ProbeResult {
  if ('kind' in answer) return answer;
  const { status, text, latencyMs } = answer;
  const lost = (detail: string): Lost => ({ kind: 'lost', detail, latencyMs, dropped: false });
  if (status !== 200) return lost(supervisorWords.answeredWithError(status));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return lost(supervisorWords.answerNotJson);
  }
  const wrong = fault(body);
  return wrong === null ? { kind: 'answered', latencyMs } : lost(wrong);
}

interface RequestOptions extends ProbeOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

function request(options: RequestOptions): Promise<Answer | Lost> {
  const { port, method, path, body, timeoutMs, signal } = options;
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const passed = () => performance.now() - startedMs;
    const settle = (result: Answer | Lost) => {
      clearTimeout(limit);
      signal.removeEventListener('abort', onAbort);
      resolve(result);
      outgoing.destroy();
    };
    const lose = (detail: string, dropped = false) =>
      settle({ kind: 'lost', detail, latencyMs: passed(), dropped });
    const onAbort = () => lose(supervisorWords.questionWithdrawn);
    const outgoing = http.request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        // A connection of its own: a kept one would hide that nobody accepts any more.
        agent: false,
        headers: {
          host: `127.0.0.1:${port}`,
          connection: 'close',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxBodyBytes) lose(supervisorWords.answerTooLong);
          else chunks.push(chunk);
        });
        response.on('end', () =>
          settle({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
            latencyMs: passed(),
          }),
        );
        response.on('error', () => lose(supervisorWords.brokeOff, true));
      },
    );
    const limit = setTimeout(
      () => lose(supervisorWords.noAnswerWithin(Math.round(timeoutMs / 1000))),
      timeoutMs,
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      lose(
        error.code === 'ECONNREFUSED' ? supervisorWords.nothingOnPort : supervisorWords.connectionBroke,
        true,
      ),
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    outgoing.end(body);
  });
}
