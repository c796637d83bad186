/** The first answer against servers that do what servers should not: each is a failure in words, none a hang. */
import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import {
  type AnswerLimits,
  answerMaxChars,
  answerMaxLineBytes,
  answerMaxTokens,
  createAnswerDoor,
} from '../../src-main/setup/answer.ts';
import type { AnswerSoFar } from '../../src-main/setup/deps.ts';

const key = 'sk-the-key-of-the-gateway';
/** A server that answers is waited for, however busy the machine is. */
const patient: AnswerLimits = { firstTokenMs: 20_000, betweenTokensMs: 20_000, wholeMs: 20_000 };
/** For those that are silent. */
const quick: AnswerLimits = { ...patient, firstTokenMs: 400, betweenTokensMs: 400 };

interface Asked {
  readonly url: string;
  readonly authorization: string;
  readonly body: Record<string, unknown>;
}

async function serve(respond: (response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    asked.push({
      url: request.url ?? '',
      authorization: request.headers.authorization ?? '',
      body: JSON.parse(Buffer.concat(parts).toString()),
    });
    respond(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { asked, baseUrl: `http://127.0.0.1:${address.port}/v1` };
}

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const said = (content: string) => event({ choices: [{ delta: { content } }] });
const thought = (text: string) => event({ choices: [{ delta: { reasoning_content: text } }] });
const end = 'data: [DONE]\n\n';

function stream(response: ServerResponse, ...parts: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(parts.join(''));
}

async function ask(
  respond: (response: ServerResponse) => void,
  options: { readonly limits?: Partial<AnswerLimits>; readonly signal?: AbortSignal } = {},
) {
  const { asked, baseUrl } = await serve(respond);
  const sofar: AnswerSoFar[] = [];
  const door = createAnswerDoor({ fetch, limits: { ...patient, ...options.limits } });
  const question = { baseUrl, apiKey: key, tier: 'standard', text: 'Hello?' };
  const signal = options.signal ?? new AbortController().signal;
  const answer = await door(question, (one) => sofar.push(one), signal);
  return { answer, asked, sofar };
}

it('asks as a client does, and tells the answer as it comes', async () => {
  const { answer, asked, sofar } = await ask((response) => {
    stream(response, event({ choices: [{ delta: { role: 'assistant' } }] }), said('Hel'));
    setTimeout(() => {
      response.write(said('lo'));
      response.write(event({ choices: [], usage: { completion_tokens: 9 } }));
      response.end(end);
    }, 60);
  });
  expect(answer).toMatchObject({ ok: true, value: { text: 'Hello', tokens: 9 } });
  expect(answer.ok && answer.value.tokensPerSecond).toBeGreaterThan(1);
  expect(sofar.map(({ text }) => text)).toEqual(['Hel', 'Hello']);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({
    url: '/v1/chat/completions',
    authorization: `Bearer ${key}`,
    body: { model: 'standard', stream: true, max_tokens: answerMaxTokens },
  });
});

it('events that arrive in pieces, in the middle of a letter too, are put together', async () => {
  const whole = Buffer.from(`: a comment\r\n${said('Grüße 🙂').replaceAll('\n', '\r\n')}${end}`);
  const { answer } = await ask((response) => {
    response.writeHead(200);
    let at = 0;
    const next = () => {
      if (at >= whole.length) return response.end();
      response.write(whole.subarray(at, at + 7));
      at += 7;
      setImmediate(next);
    };
    next();
  });
  expect(answer).toMatchObject({ ok: true, value: { text: 'Grüße 🙂' } });
});

it('a model that only thinks has answered all the same', async () => {
  const { answer, sofar } = await ask((response) => {
    stream(response, thought('Let me '), thought('see.'));
    response.end(end);
  });
  expect(answer).toMatchObject({ ok: true, value: { text: 'Let me see.', tokens: 2 } });
  expect(sofar.map(({ text }) => text)).toEqual(['', '']);
});

it('an answer without an end is cut, not kept', async () => {
  const { answer } = await ask((response) => {
    stream(response, ...Array.from({ length: 100 }, () => said('x'.repeat(1000))));
    response.end(end);
  });
  expect(answer.ok && answer.value.text.length).toBe(answerMaxChars);
});

it.each<[string, string, (response: ServerResponse) => void]>([
  ['a refusal', 'answer-refused', (response) => response.writeHead(401).end('{"error":"sk-secret"}')],
  ['a server’s own trouble', 'answer-refused', (response) => response.writeHead(503).end()],
  [
    'a redirect',
    'answer-broken',
    (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
  ],
  ['a page', 'answer-empty', (response) => response.writeHead(200).end('<html></html>')],
  ['nothing', 'answer-empty', (response) => response.writeHead(200).end()],
  ['an end without an answer', 'answer-empty', (response) => response.writeHead(200).end(end)],
  ['only white space', 'answer-empty', (response) => response.writeHead(200).end(said(' \n') + end)],
  ['no JSON', 'answer-not-understood', (response) => response.writeHead(200).end('data: {"choices"\n\n')],
  [
    'another shape',
    'answer-not-understood',
    (response) => response.writeHead(200).end(event({ choices: 5 })),
  ],
  [
    'an error in the middle',
    'answer-not-understood',
    (response) => response.writeHead(200).end(said('Hel') + event({ error: { message: 'CUDA' } })),
  ],
  [
    'a line without an end',
    'answer-not-understood',
    (response) => response.writeHead(200).end(`data: ${'x'.repeat(answerMaxLineBytes + 10)}`),
  ],
  ['a connection that breaks', 'answer-broken', (response) => response.destroy()],
  [
    'one that breaks in the middle',
    'answer-broken',
    (response) => {
      stream(response, said('Hel'));
      setTimeout(() => response.destroy(), 30);
    },
  ],
  ['silence', 'answer-timed-out', () => {}],
  ['silence behind the head', 'answer-timed-out', (response) => stream(response, '\n')],
  ['silence in the middle', 'answer-timed-out', (response) => stream(response, said('Hel'))],
])('%s is a failure in words: %s', async (_what, code, respond) => {
  const { answer } = await ask(respond, { limits: code === 'answer-timed-out' ? quick : patient });
  expect(answer.ok ? null : answer.error.code).toBe(code);
  expect(!answer.ok && answer.error.hint).toBeTruthy();
  expect(JSON.stringify(answer)).not.toContain('sk-');
});

it('one that trickles for ever ends with the whole limit', async () => {
  const { answer } = await ask(
    (response) => {
      stream(response, said('x'));
      const timer = setInterval(() => response.write(said('x')), 20);
      response.on('close', () => clearInterval(timer));
    },
    { limits: { wholeMs: 400 } },
  );
  expect(answer.ok ? null : answer.error.code).toBe('answer-timed-out');
});

it('nobody there is a failure in words', async () => {
  const door = createAnswerDoor({ fetch, limits: patient });
  const question = { baseUrl: 'http://127.0.0.1:1/v1', apiKey: key, tier: 'standard', text: 'Hello?' };
  const answer = await door(question, () => {}, new AbortController().signal);
  expect(answer.ok ? null : answer.error.code).toBe('answer-broken');
});

it('cancelled it ends at once', async () => {
  const over = new AbortController();
  const { answer } = await ask(
    (response) => {
      stream(response, said('Hel'));
      setTimeout(() => over.abort(), 30);
    },
    { signal: over.signal },
  );
  expect(answer.ok ? null : answer.error.code).toBe('setup-cancelled');
});
