/** `POST /api/v1/chat/completions`: a real stream or a whole answer, with usage and cost, and the faults in between. */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answersAs, findListed } from './catalogue.ts';
import { recordOf, sendJson, sendRefusal } from './replies.ts';
import type { ApiKey, Behaviour } from './types.ts';

const promptTokens = 12;

export interface CompletionParts {
  readonly body: unknown;
  readonly response: ServerResponse;
  readonly key: ApiKey;
  readonly behaviour: Behaviour;
  readonly id: string;
}

function costOf(model: string, completionTokens: number, { costUsd }: Behaviour): number {
  if (costUsd !== null) return costUsd;
  const listed = findListed(model);
  return listed === undefined
    ? 0
    : promptTokens * Number(listed.prompt) + completionTokens * Number(listed.completion);
}

export async function complete(parts: CompletionParts): Promise<void> {
  const { response, key, behaviour } = parts;
  const body = recordOf(parts.body);
  const model = typeof body['model'] === 'string' ? body['model'] : '';
  if (findListed(model) === undefined) return sendRefusal(response, 400, `${model} is not a valid model ID`);
  if (!Array.isArray(body['messages']))
    return sendRefusal(response, 400, 'Input required: specify "messages"');
  if (key.limit !== null && key.usage >= key.limit) {
    return sendRefusal(
      response,
      402,
      `Key limit exceeded (${key.limitReset ?? 'total'} limit). Manage it using https://openrouter.ai/settings/keys`,
    );
  }
  if (behaviour.thinkMs > 0) await sleep(behaviour.thinkMs);
  if (response.destroyed) return;
  if (behaviour.fault.kind === 'huge') return sendHuge(response, behaviour.fault.bytes);

  const answers = { ...parts, model, cost: costOf(model, behaviour.parts, behaviour) };
  if (body['stream'] === true) await stream(answers);
  else whole(answers);
}

interface Answer extends CompletionParts {
  readonly model: string;
  readonly cost: number;
}

function usageOf({ behaviour, key, cost }: Answer): object {
  if (behaviour.fault.kind === 'no-usage') return {};
  key.usage += cost;
  return {
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: behaviour.parts,
      total_tokens: promptTokens + behaviour.parts,
      cost,
      is_byok: false,
      prompt_tokens_details: { cached_tokens: 0 },
    },
  };
}

const wordOf = (index: number, { partBytes, fault }: Behaviour, key: ApiKey) =>
  fault.kind === 'echo-key' ? `your key is ${key.key}` : `w${index} `.padEnd(partBytes, '.');

function whole(answer: Answer): void {
  const { response, behaviour, key, id, model } = answer;
  const content = Array.from({ length: behaviour.parts }, (_, index) => wordOf(index, behaviour, key)).join(
    '',
  );
  sendJson(response, 200, {
    id,
    object: 'chat.completion',
    created: 1_755_000_000,
    model: answersAs(model),
    provider: 'StandIn',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content },
        finish_reason: 'stop',
        native_finish_reason: 'stop',
      },
    ],
    ...usageOf(answer),
  });
}

/** Resolves `false` when nobody listens any more. */
function write(response: ServerResponse, text: string): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  if (response.write(text)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle);
      response.off('close', settle);
      resolve(!response.destroyed);
    };
    response.on('drain', settle);
    response.on('close', settle);
  });
}

async function stream(answer: Answer): Promise<void> {
  const { response, behaviour, key, id, model } = answer;
  const { fault } = behaviour;
  const base = {
    id,
    object: 'chat.completion.chunk',
    created: 1_755_000_000,
    model: answersAs(model),
    provider: 'StandIn',
  };
  const event = (value: object) => `data: ${JSON.stringify({ ...base, ...value })}\n\n`;
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'x-upstream-internal': 'cf-ray 8f00ba4',
    'set-cookie': '__cf_bm=stand-in; Path=/; HttpOnly',
  });
  await write(response, ': OPENROUTER PROCESSING\n\n');
  for (let index = 0; index < behaviour.parts; index += 1) {
    if ('after' in fault && fault.after === index) return misbehave(answer, event);
    const delta = { role: 'assistant', content: wordOf(index, behaviour, key) };
    if (!(await write(response, event({ choices: [{ index: 0, delta, finish_reason: null }] })))) return;
    if (behaviour.partDelayMs > 0) await sleep(behaviour.partDelayMs);
  }
  await write(response, event({ choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] }));
  await write(response, event({ choices: [], ...usageOf(answer) }));
  await write(response, 'data: [DONE]\n\n');
  response.end();
}

const commentEveryMs = 10;

async function misbehave({ response, behaviour }: Answer, event: (value: object) => string): Promise<void> {
  switch (behaviour.fault.kind) {
    case 'stream-error':
      await write(
        response,
        event({
          error: { code: 'server_error', message: 'Provider disconnected unexpectedly' },
          choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
        }),
      );
      response.end();
      return;
    case 'stream-stall':
      return;
    case 'stream-comments':
      while (await write(response, ': OPENROUTER PROCESSING\n\n')) await sleep(commentEveryMs);
      return;
    case 'stream-cut':
      response.destroy();
      return;
    case 'stream-cut-inside-line':
      await write(response, 'data: {"id":"gen-half","choices":[{"del');
      response.destroy();
      return;
    case 'stream-end-early':
      response.end();
      return;
    case 'stream-garbage':
      await write(response, 'data: {"choices": [[[ not json \n\nHTTP/1.1 500 Oops\n\n');
      response.end();
      return;
    case 'stream-endless-line':
      await write(response, 'data: {"content":"');
      while (await write(response, 'x'.repeat(64 * 1024)));
      return;
    default:
      response.destroy();
  }
}

function sendHuge(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const part = Buffer.alloc(64 * 1024, 0x20);
  let left = bytes;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= part.length;
      if (!response.write(part)) {
        response.once('drain', more);
        return;
      }
    }
    response.end('{}');
  };
  more();
}
