/** What a hostile or broken client of the relay may try, on real sockets: it gets nothing, and costs little. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RelayLimits } from '../../src-main/cloud/limits.ts';
import {
  ask,
  askRaw,
  canaryKey,
  chat,
  closing,
  errorOf,
  mini,
  type RelayBench,
  sonnet,
  startRelay,
} from '../stand-ins/openrouter/with-relay.ts';

let bench: RelayBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

async function start(limits: Partial<RelayLimits> = {}, parts = 5, partDelayMs = 0): Promise<RelayBench> {
  bench = await startRelay({ limits, upstream: { behaviour: { parts, partDelayMs } } });
  return bench;
}

/** The head of a good request, to be spoilt; ends before the blank line. */
function head(
  all: RelayBench,
  more: readonly string[] = [],
  requestLine = 'POST /api/v1/chat/completions HTTP/1.1',
): string {
  const { port, secretHeader, secret } = all.address;
  return [
    requestLine,
    `Host: 127.0.0.1:${port}`,
    `${secretHeader}: ${secret}`,
    'Content-Type: application/json',
    ...more,
  ].join('\r\n');
}

const withBody = (all: RelayBench, more: readonly string[] = [], requestLine?: string): string =>
  `${head(all, [...more, `Content-Length: ${chat().length}`, 'Connection: close'], requestLine)}\r\n\r\n${chat()}`;

const statusOf = (raw: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(raw)?.[1] ?? 0);
const answersIn = (raw: string): number => raw.split('HTTP/1.1 ').length - 1;

function nothingLeaked(all: RelayBench, ...more: unknown[]): void {
  const text = JSON.stringify([all.log, all.events, all.records, ...more]);
  expect(text).not.toContain(canaryKey);
  expect(text).not.toContain(all.address.secret);
}

describe('who may ask', () => {
  it('lets the plain good request through, so that the refusals below mean something', async () => {
    const all = await start();
    expect(statusOf(await askRaw(all.address, withBody(all)))).toBe(200);
  });

  it.each([
    '127.0.0.1',
    'localhost:PORT',
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1.:PORT',
    '[::1]:PORT',
    '127.0.0.1:PORT@evil',
  ])('refuses the Host “%s” (DNS rebinding)', async (host) => {
    const all = await start();
    const reply = await ask(all.address, {
      headers: { host: host.replace('PORT', String(all.address.port)) },
    });
    expect(reply.status).toBe(403);
    expect(all.upstream.seen).toHaveLength(0);
    nothingLeaked(all, reply);
  });

  it('refuses two Hosts and none', async () => {
    const all = await start();
    expect(statusOf(await askRaw(all.address, withBody(all, ['Host: evil.example'])))).toBe(403);
    const empty = withBody(all).replace(/Host: [^\r]+/, 'Host:');
    expect(statusOf(await askRaw(all.address, empty))).toBe(403);
    const none = withBody(all).replace(/Host: [^\r]+\r\n/, '');
    expect(statusOf(await askRaw(all.address, none))).toBe(400);
    expect(all.upstream.seen).toHaveLength(0);
  });

  it.each([
    ['origin', 'http://localhost:3000'],
    ['origin', 'null'],
    ['origin', ''],
    ['sec-fetch-site', 'cross-site'],
    ['cookie', 'a=b'],
  ])('refuses whatever comes from a browser: %s: %s', async (name, value) => {
    const all = await start();
    const reply = await ask(all.address, { headers: { [name]: value } });
    expect(reply.status).toBe(403);
    expect(Object.keys(reply.headers)).not.toContain('access-control-allow-origin');
    expect(all.upstream.seen).toHaveLength(0);
  });

  it('answers no preflight', async () => {
    const all = await start();
    const reply = await ask(all.address, {
      method: 'OPTIONS',
      body: null,
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(reply.status).toBe(403);
    expect(JSON.stringify(reply.headers)).not.toContain('access-control');
  });

  it('refuses a wrong, a shortened, a longer, a doubled, and a missing secret', async () => {
    const all = await start();
    const { secret, secretHeader } = all.address;
    for (const wrong of ['x', secret.slice(1), `${secret}x`, secret.toUpperCase(), canaryKey]) {
      const reply = await ask(all.address, { headers: { [secretHeader]: wrong } });
      expect(reply.status).toBe(401);
      nothingLeaked(all, reply);
    }
    const doubled = await askRaw(all.address, withBody(all, [`${secretHeader}: ${secret}`]));
    expect(statusOf(doubled)).toBe(401);
    const missing = withBody(all).replace(new RegExp(`${secretHeader}: [^\\r]+\\r\\n`), '');
    expect(statusOf(await askRaw(all.address, missing))).toBe(401);
    expect(all.upstream.seen).toHaveLength(0);
  });

  it('takes nothing of a secret in the query, in Authorization, or in a cookie', async () => {
    const all = await start();
    const { secret, secretHeader } = all.address;
    for (const options of [
      { path: `/api/v1/chat/completions?${secretHeader}=${secret}`, headers: { [secretHeader]: '' } },
      { headers: { [secretHeader]: '', authorization: `Bearer ${secret}` } },
    ]) {
      expect((await ask(all.address, options)).status).toBe(401);
    }
  });
});

describe('what may be asked', () => {
  it.each([
    '/',
    '//api/v1/chat/completions',
    '/api/v1//chat/completions',
    '/api/v1/chat/completions/',
    '/api/v1/chat/completions?x=1',
    '/api/v1/chat/completions#x',
    '/api/v1/chat/%63ompletions',
    '/api/v1/%2e%2e/v1/chat/completions',
    '/api/v1/../v1/chat/completions',
    '/api/v1/chat/completions%00',
    '/api/v1/chat/completions;x',
    '/API/v1/chat/completions',
    '\\api\\v1\\chat\\completions',
    '/api/v1/key',
    '/api/v1/auth/keys',
    '/api/v1/credits',
    '/api/v1/completions',
    'http://openrouter.ai/api/v1/chat/completions',
    'http://127.0.0.1/api/v1/chat/completions',
    '*',
    'constructor',
    '__proto__',
  ])('refuses the path %s', async (target) => {
    const all = await start();
    const raw = await askRaw(all.address, withBody(all, [], `POST ${target} HTTP/1.1`));
    expect([400, 404]).toContain(statusOf(raw));
    expect(all.upstream.seen).toHaveLength(0);
    nothingLeaked(all, raw);
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'refuses the method %s',
    async (method) => {
      const all = await start();
      const raw = await askRaw(all.address, withBody(all, [], `${method} /api/v1/chat/completions HTTP/1.1`));
      expect(statusOf(raw)).toBe(405);
      expect(all.upstream.seen).toHaveLength(0);
    },
  );

  it('refuses to be a proxy', async () => {
    const all = await start();
    const raw = await askRaw(
      all.address,
      'CONNECT openrouter.ai:443 HTTP/1.1\r\nHost: openrouter.ai\r\n\r\n',
    );
    expect(raw).not.toContain('200');
    expect(all.upstream.seen).toHaveLength(0);
  });

  it('refuses to become a WebSocket', async () => {
    const all = await start();
    const raw = await askRaw(all.address, withBody(all, ['Upgrade: websocket', 'Connection: Upgrade']));
    expect(statusOf(raw)).not.toBe(101);
    expect(all.upstream.seen).toHaveLength(0);
  });

  it.each([
    ['another model', { model: 'openai/gpt-5.4' }, 404],
    ['a suffix that turns web search on', { model: `${sonnet}:online` }, 404],
    ['no model', { model: undefined }, 400],
    ['a model that is a list', { model: [sonnet] }, 400],
    ['a forbidden one among the fallbacks', { models: [mini, 'openai/gpt-5.4'] }, 404],
    ['fallbacks that are no list', { models: { 0: 'openai/gpt-5.4' } }, 400],
    ['a preset', { preset: 'mine' }, 400],
    ['plug-ins', { plugins: [{ id: 'web' }] }, 400],
    ['web search', { web_search_options: {} }, 400],
    ['OpenRouter’s own tools', { tools: [{ type: 'openrouter:web_search' }] }, 400],
    ['a provider that is no object', { provider: 'x' }, 400],
    ['no messages', { messages: undefined }, 400],
  ])('refuses %s', async (_name, more, status) => {
    const all = await start();
    const reply = await ask(all.address, { body: chat(more) });
    expect(reply.status).toBe(status);
    expect(errorOf(reply.text).type).toMatch(/invalid_request_error|not_found_error/);
    expect(all.upstream.seen).toHaveLength(0);
  });

  it('sends what it checked: of two models in one body the last counts, here and there', async () => {
    const all = await start();
    const twice = `{"model":"openai/gpt-5.4","messages":[],"model":"${mini}"}`;
    await ask(all.address, { body: twice });
    expect(all.upstream.seen[0]?.body).toMatchObject({ model: mini });
    const reversed = `{"model":"${mini}","messages":[],"model":"openai/gpt-5.4"}`;
    expect((await ask(all.address, { body: reversed })).status).toBe(404);
    expect(all.upstream.seen).toHaveLength(1);
  });

  it.each(['', '   ', 'null', '[]', '"x"', '{', `{"model":"${sonnet}"`, '\u0000', '{"a":1}}'])(
    'refuses the body %j',
    async (body) => {
      const all = await start();
      const reply = await ask(all.address, { body });
      expect([400, 411]).toContain(reply.status);
      expect(all.upstream.seen).toHaveLength(0);
    },
  );

  it('refuses a body nested a hundred thousand deep, and lives', async () => {
    const all = await start();
    const deep = `{"model":"${sonnet}","messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const reply = await ask(all.address, { body: deep });
    expect([200, 400]).toContain(reply.status);
    expect((await ask(all.address)).status).toBe(200);
  });

  it('refuses bodies that are not UTF-8, not JSON by name, or compressed', async () => {
    const all = await start();
    const latin = chat({ user: 'é' });
    const bad = `${head(all, [`Content-Length: ${latin.length}`, 'Connection: close'])}\r\n\r\n${latin}`;
    expect(statusOf(await askRaw(all.address, bad))).toBe(400);
    expect((await ask(all.address, { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await ask(all.address, { headers: { 'content-encoding': 'gzip' } })).status).toBe(415);
    expect(all.upstream.seen).toHaveLength(0);
  });
});

describe('smuggling', () => {
  const chunked = `${chat().length.toString(16)}\r\n${chat()}\r\n0\r\n\r\n`;
  const hidden = 'GET /api/v1/models HTTP/1.1\r\nHost: x\r\n\r\n';

  it.each([
    ['both lengths', ['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`],
    [
      'both lengths, the other way round',
      ['Transfer-Encoding: chunked', 'Content-Length: 6'],
      `0\r\n\r\n${hidden}`,
    ],
    ['two different lengths', ['Content-Length: 6', `Content-Length: ${chat().length}`], chat()],
    ['two equal lengths', [`Content-Length: ${chat().length}`, `Content-Length: ${chat().length}`], chat()],
    ['a list of lengths', [`Content-Length: ${chat().length}, ${chat().length}`], chat()],
    ['a length with a sign', [`Content-Length: +${chat().length}`], chat()],
    ['a negative length', ['Content-Length: -1'], chat()],
    ['a hexadecimal length', ['Content-Length: 0x40'], chat()],
    ['a length beyond counting', ['Content-Length: 99999999999999999999'], chat()],
    ['a blank before the colon', ['Transfer-Encoding : chunked'], chunked],
    ['an unknown encoding', ['Transfer-Encoding: xchunked'], chunked],
    ['chunked and another', ['Transfer-Encoding: chunked, identity'], chunked],
    ['chunked twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], chunked],
    ['gzip, chunked', ['Transfer-Encoding: gzip, chunked'], chunked],
    ['a folded line', ['X-A: 1\r\n Transfer-Encoding: chunked'], chunked],
    ['a bare line feed in a header', ['X-A: 1\nTransfer-Encoding: chunked'], chunked],
    ['a bare carriage return in a header', ['X-A: 1\rTransfer-Encoding: chunked'], chunked],
    ['a NUL in a header', ['X-A: 1\u00002'], chunked],
    ['a chunk size with a sign', ['Transfer-Encoding: chunked'], `+${chunked}`],
    ['a chunk size beyond counting', ['Transfer-Encoding: chunked'], `fffffffffffffffff\r\n${chat()}`],
    ['a chunk longer than it says', ['Transfer-Encoding: chunked'], `5\r\n${chat()}\r\n0\r\n\r\n`],
  ])('%s: refused, the connection closed, nothing behind it read', async (_name, headers, rest) => {
    const all = await start();
    const raw = await askRaw(all.address, [`${head(all, headers)}\r\n\r\n${rest}`, hidden]);
    expect(answersIn(raw)).toBeLessThanOrEqual(1);
    expect(statusOf(raw)).not.toBe(200);
    expect(all.upstream.seen).toHaveLength(0);
    nothingLeaked(all, raw);
  });

  it('takes a good chunked body', async () => {
    const all = await start();
    const good = `${head(all, ['Transfer-Encoding: chunked', 'Connection: close'])}\r\n\r\n${chunked}`;
    expect(statusOf(await askRaw(all.address, good))).toBe(200);
  });

  it('checks each request of a kept connection anew', async () => {
    const all = await start();
    const first = `${head(all, [`Content-Length: ${chat().length}`])}\r\n\r\n${chat()}`;
    const second = `POST /api/v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:${all.address.port}\r\nContent-Type: application/json\r\nContent-Length: ${chat().length}\r\nConnection: close\r\n\r\n${chat()}`;
    const raw = await askRaw(all.address, [first, second]);
    expect(raw.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401']);
    expect(all.upstream.seen).toHaveLength(1);
  });

  it('puts no line break of a client into what it sends', async () => {
    const all = await start();
    const reply = await ask(all.address, {
      body: chat({ user: 'a\r\nX-Evil: 1', provider: { only: ['x\r\ny'] } }),
    });
    expect(reply.status).toBe(200);
    expect(Object.keys(all.upstream.seen[0]?.headers ?? {})).not.toContain('x-evil');
  });
});

describe('too much', () => {
  it('refuses 10,000 headers', async () => {
    const all = await start();
    const many = Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1`);
    const raw = await askRaw(all.address, withBody(all, many));
    expect(statusOf(raw)).toBe(431);
    expect(errorOf(raw.slice(raw.indexOf('\r\n\r\n') + 4)).code).toBe('headers-too-large');
    expect(all.upstream.seen).toHaveLength(0);
  });

  it('refuses 10,000 trailers, extensions of a chunk without end, and takes no secret from a trailer', async () => {
    const all = await start();
    const { secret, secretHeader } = all.address;
    const sent = (trailers: readonly string[], extension = '') =>
      `\r\n\r\n${chat().length.toString(16)}${extension}\r\n${chat()}\r\n0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`;
    const good = head(all, ['Transfer-Encoding: chunked', 'Connection: close']);
    const many = Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1`);
    expect(statusOf(await askRaw(all.address, good + sent(many)))).not.toBe(200);
    const endless = `;${'x'.repeat(1024 * 1024)}`;
    expect(statusOf(await askRaw(all.address, good + sent([], endless)))).not.toBe(200);
    const late = good.replace(`${secretHeader}: ${secret}`, `Trailer: ${secretHeader}`);
    expect(statusOf(await askRaw(all.address, late + sent([`${secretHeader}: ${secret}`])))).toBe(401);
    expect(all.upstream.seen).toHaveLength(0);
    expect(statusOf(await askRaw(all.address, good + sent(['X-A: 1'], ';a=b')))).toBe(200);
    expect(Object.keys(all.upstream.seen[0]?.headers ?? {})).not.toContain('x-a');
  });

  it('refuses 100 small headers rather than dropping some', async () => {
    const all = await start();
    const raw = await askRaw(
      all.address,
      withBody(
        all,
        Array.from({ length: 100 }, (_, index) => `X-${index}: 1`),
      ),
    );
    expect(statusOf(raw)).toBe(431);
    expect(all.upstream.seen).toHaveLength(0);
  });

  it('refuses one header of a megabyte and a request line of a megabyte', async () => {
    const all = await start();
    expect(statusOf(await askRaw(all.address, withBody(all, [`X-Big: ${'x'.repeat(1024 * 1024)}`])))).toBe(
      431,
    );
    expect(
      statusOf(await askRaw(all.address, withBody(all, [], `POST /${'x'.repeat(1024 * 1024)} HTTP/1.1`))),
    ).toBe(431);
  });

  /** As much as the relay is willing to take; tells what it answered and how much was taken. */
  async function pour(all: RelayBench, headers: readonly string[], frame: (part: string) => string) {
    const total = 1024 ** 3;
    const part = frame('x'.repeat(64 * 1024));
    const socket = net.connect(all.address.port, '127.0.0.1');
    const answer: Buffer[] = [];
    let sent = 0;
    let peak = 0;
    socket.on('data', (data: Buffer) => answer.push(data));
    const closed = closing(socket);
    socket.write(`${head(all, headers)}\r\n\r\n`);
    const write = () => {
      while (!socket.destroyed && sent < total) {
        sent += part.length;
        peak = Math.max(peak, process.memoryUsage().rss);
        if (!socket.write(part)) {
          socket.once('drain', write);
          return;
        }
      }
    };
    write();
    await closed;
    return { raw: Buffer.concat(answer).toString('latin1'), sent, peak };
  }

  it('refuses a body of 1 GB by its length, before reading it', async () => {
    const all = await start();
    const { raw, sent } = await pour(all, [`Content-Length: ${1024 ** 3}`], (part) => part);
    expect(statusOf(raw)).toBe(413);
    expect(errorOf(raw.slice(raw.indexOf('\r\n\r\n') + 4)).code).toBe('body-too-large');
    expect(sent).toBeLessThan(1024 ** 3);
    expect(all.upstream.seen).toHaveLength(0);
  });

  it('refuses a chunked body of 1 GB at the limit, with memory bounded', async () => {
    const all = await start();
    const before = process.memoryUsage().rss;
    const { raw, sent, peak } = await pour(
      all,
      ['Transfer-Encoding: chunked'],
      (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
    );
    expect(statusOf(raw)).toBe(413);
    expect(sent).toBeLessThan(1024 ** 3);
    expect(peak - before).toBeLessThan(200 * 1024 * 1024);
    expect(all.upstream.seen).toHaveLength(0);
  });

  it('does not ask for a body it will refuse', async () => {
    const all = await start();
    const raw = await askRaw(all.address, [
      `${head(all, ['Expect: 100-continue', `Content-Length: ${1024 ** 3}`, 'Connection: close'])}\r\n\r\n`,
    ]);
    expect(raw).not.toContain('100 Continue');
    expect(statusOf(raw)).toBe(413);
    const good = await askRaw(all.address, withBody(all, ['Expect: 100-continue']));
    expect(good).toContain('100 Continue');
    expect(good).toContain('HTTP/1.1 200');
    expect(statusOf(await askRaw(all.address, withBody(all, ['Expect: a-pony'])))).toBe(417);
  });

  it('holds only so many large bodies at one time', async () => {
    const all = await start({ bodiesMaxBytes: 3_000_000 }, 3, 50);
    const body = chat({ stream: true, user: 'x'.repeat(1_000_000) });
    const replies = await Promise.all(Array.from({ length: 6 }, () => ask(all.address, { body })));
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toContain(503);
    expect(statuses).toContain(200);
    expect((await ask(all.address, { body })).status).toBe(200);
  });

  it('runs only so many requests at one time, and recovers', async () => {
    const all = await start({ runningMax: 4 }, 10, 50);
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => ask(all.address, { body: chat({ stream: true }) })),
    );
    const busy = replies.filter(({ status }) => status === 503);
    expect(busy.length).toBe(8);
    expect(errorOf(busy[0]?.text ?? '').code).toBe('relay-busy');
    expect(busy[0]?.headers['retry-after']).toBe('2');
    expect((await ask(all.address)).status).toBe(200);
    expect(all.relay.running).toBe(0);
  });

  it('takes only so many connections', async () => {
    const all = await start({ connectionsMax: 5 });
    const sockets = Array.from({ length: 12 }, () => net.connect(all.address.port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    const dropped = Promise.withResolvers<void>();
    let ended = 0;
    for (const socket of sockets) {
      socket.resume();
      socket.on('close', () => {
        ended += 1;
        if (ended === 7) dropped.resolve();
      });
    }
    await dropped.promise;
    for (const socket of sockets) socket.destroy();
  });
});

describe('too slow', () => {
  /** Enough for a whole request on a busy machine. */
  const quick = { headersLimitMs: 500, requestLimitMs: 1_000, checkIntervalMs: 50 };

  it('closes a connection that never says anything', async () => {
    const all = await start(quick);
    expect(statusOf(await askRaw(all.address, []))).not.toBe(200);
  });

  it('closes one that never ends its headers (slow-loris)', async () => {
    const all = await start(quick);
    const sockets = Array.from({ length: 20 }, () => {
      const socket = net.connect(all.address.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(head(all));
      return socket;
    });
    const drip = setInterval(() => {
      for (const socket of sockets) if (!socket.destroyed) socket.write('\r\nX-A: 1');
    }, 20);
    const answers = await Promise.all(
      sockets.map(async (socket) => {
        const parts: Buffer[] = [];
        socket.on('data', (part: Buffer) => parts.push(part));
        await closing(socket);
        return Buffer.concat(parts).toString();
      }),
    );
    clearInterval(drip);
    for (const raw of answers) expect([0, 408]).toContain(statusOf(raw));
    expect(answers.some((raw) => statusOf(raw) === 408)).toBe(true);
    expect((await ask(all.address)).status).toBe(200);
  });

  it('closes one that drips its body', async () => {
    const all = await start(quick);
    const socket = net.connect(all.address.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(`${head(all, [`Content-Length: ${chat().length}`])}\r\n\r\n`);
    const drip = setInterval(() => !socket.destroyed && socket.write(' '), 20);
    await closing(socket);
    clearInterval(drip);
    expect(all.upstream.seen).toHaveLength(0);
    expect((await ask(all.address)).status).toBe(200);
  });

  it('lets go of a client that does not read, and stops the upstream meanwhile', async () => {
    bench = await startRelay({
      limits: { clientStallLimitMs: 200 },
      upstream: { behaviour: { parts: 100_000, partBytes: 8192 } },
    });
    const all = bench;
    const socket = net.connect(all.address.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const body = chat({ stream: true });
    socket.pause();
    socket.write(`${head(all, [`Content-Length: ${body.length}`])}\r\n\r\n${body}`);
    const record = await all.recorded(1);
    expect(record.outcome).toBe('cancelled');
    /** Far less than the 800 MB that the upstream would send: it was made to wait. */
    expect(record.completionTokens).toBeLessThan(20_000);
    await all.upstream.idle();
    socket.destroy();
  });
});

describe('many, and gone', () => {
  it('serves 200 streams at one time, whole and apart', async () => {
    const all = await start({}, 20, 5);
    const replies = await Promise.all(
      Array.from({ length: 200 }, () => ask(all.address, { body: chat({ stream: true }) })),
    );
    const ids = new Set<string>();
    for (const reply of replies) {
      expect(reply.status).toBe(200);
      expect(reply.text.match(/"content":"w\d+ "/g)).toHaveLength(20);
      expect(reply.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
      const found = new Set(reply.text.match(/"id":"gen-\d+"/g));
      expect(found.size).toBe(1);
      for (const id of found) ids.add(id);
    }
    expect(ids.size).toBe(200);
    await all.recorded(200);
    expect(all.relay.running).toBe(0);
    nothingLeaked(all, replies);
  });

  it('closes the upstream when the client goes in the middle of a stream, and counts what arrived', async () => {
    const all = await start({}, 1000, 5);
    const request = http.request({
      host: '127.0.0.1',
      port: all.address.port,
      method: 'POST',
      path: '/api/v1/chat/completions',
      headers: { [all.address.secretHeader]: all.address.secret, 'content-type': 'application/json' },
    });
    request.on('error', () => undefined);
    request.end(chat({ stream: true }));
    const [response]: http.IncomingMessage[] = await once(request, 'response');
    response?.on('error', () => undefined);
    if (response !== undefined) await once(response, 'data');
    expect(all.upstream.running).toBe(1);
    request.destroy();
    await all.upstream.idle();
    const record = await all.recorded(1);
    expect(record).toMatchObject({ outcome: 'cancelled', estimated: true });
    expect(record.costUsd).toBeGreaterThan(0);
    expect(all.relay.running).toBe(0);
  });

  it('closes the upstream when the client goes before the answer', async () => {
    bench = await startRelay({ upstream: { behaviour: { fault: { kind: 'silent' } } } });
    const all = bench;
    const gone = new AbortController();
    const asking = ask(all.address, { signal: gone.signal }).catch((error: unknown) => String(error));
    while (all.relay.running === 0) await new Promise((resolve) => setImmediate(resolve));
    gone.abort();
    expect(await asking).toContain('abort');
    expect(await all.recorded(1)).toMatchObject({ outcome: 'cancelled' });
    expect(all.relay.running).toBe(0);
  });

  it('closes within its grace while streams run', async () => {
    const all = await start({ closeGraceMs: 50 }, 1000, 20);
    const running = ask(all.address, { body: chat({ stream: true }) }).catch(() => null);
    while (all.upstream.running === 0) await new Promise((resolve) => setImmediate(resolve));
    const startedMs = performance.now();
    await all.relay.close();
    // The stream alone would take twenty seconds.
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    const reply = await running;
    expect(reply === null || reply.broken).toBe(true);
    await all.upstream.close();
    bench = null;
  });
});

it('a connection that cannot be taken in is logged, and the relay serves on', async () => {
  const listened = vi.spyOn(net.Server.prototype, 'listen');
  const all = await start();
  const servers = listened.mock.contexts.filter((one) => one instanceof net.Server);
  listened.mockRestore();
  const noDescriptor = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
  const relay = servers.find((server) => portOf(server) === all.address.port);
  relay?.emit('error', noDescriptor);
  relay?.emit('error', noDescriptor);
  expect(all.log.filter((line) => line.includes('EMFILE'))).toHaveLength(2);
  expect((await ask(all.address)).status).toBe(200);
});

function portOf(server: net.Server): number | null {
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? null) : null;
}
