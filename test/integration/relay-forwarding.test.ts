/** The relay between a client and the stand-in for OpenRouter: what goes through, what is changed, what is counted. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ask,
  canaryKey,
  chat,
  errorOf,
  mini,
  type RelayBench,
  type RelayBenchOptions,
  sonnet,
  startRelay,
} from '../stand-ins/openrouter/with-relay.ts';

let bench: RelayBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

async function start(options: RelayBenchOptions = {}): Promise<RelayBench> {
  bench = await startRelay(options);
  return bench;
}

/** All that anyone but OpenRouter could have seen. */
const allOutput = (all: RelayBench, ...more: unknown[]) =>
  JSON.stringify([all.log, all.events, all.records, all.address, ...more]);

describe('what goes through', () => {
  it('serves the openai package: a whole answer and a stream of several chunks', async () => {
    const all = await start();
    const client = new OpenAI({
      apiKey: 'dummy',
      baseURL: all.address.baseUrl,
      defaultHeaders: { [all.address.secretHeader]: all.address.secret },
      maxRetries: 0,
    });
    const answer = await client.chat.completions.create({
      model: sonnet,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(answer.choices[0]?.message.content).toBe('w0 w1 w2 w3 w4 ');
    const stream = await client.chat.completions.create({
      model: sonnet,
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    });
    const words: string[] = [];
    for await (const chunk of stream) words.push(chunk.choices[0]?.delta.content ?? '');
    expect(words.join('')).toBe('w0 w1 w2 w3 w4 ');
    expect((await client.models.list()).data.map((model) => model.id)).toContain(mini);
    await all.recorded(2);
    expect(all.records).toMatchObject([
      {
        model: sonnet,
        answeredBy: 'anthropic/claude-sonnet-5',
        outcome: 'answered',
        promptTokens: 12,
        completionTokens: 5,
        estimated: false,
      },
      { outcome: 'answered', promptTokens: 12, completionTokens: 5, estimated: false },
    ]);
    expect(all.records[1]?.costUsd).toBeCloseTo(12 * 0.000003 + 5 * 0.000015, 10);
  });

  it('gives OpenRouter its key and none of the client’s headers', async () => {
    const all = await start();
    await ask(all.address, {
      headers: { 'x-client-thing': 'private', 'user-agent': 'SomeTool/1 (user@host)' },
    });
    const [seen] = all.upstream.seen;
    expect(seen?.headers['authorization']).toBe(`Bearer ${canaryKey}`);
    expect(seen?.headers['x-openrouter-title']).toBe('MLX Stack');
    expect(seen?.headers['http-referer']).toMatch(/^https:/);
    expect(Object.keys(seen?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'http-referer',
      'user-agent',
      'x-openrouter-title',
    ]);
    expect(JSON.stringify(seen)).not.toContain(all.address.secret);
    expect(JSON.stringify(seen)).not.toContain('SomeTool');
  });

  it('hands back none of OpenRouter’s headers', async () => {
    const all = await start();
    for (const stream of [false, true]) {
      const reply = await ask(all.address, { body: chat({ stream }) });
      expect(reply.status).toBe(200);
      expect(Object.keys(reply.headers)).not.toContain('set-cookie');
      expect(Object.keys(reply.headers)).not.toContain('x-upstream-internal');
      expect(Object.keys(reply.headers)).not.toContain('access-control-allow-origin');
    }
  });

  it.each([
    ['zero-retention', { zdr: true, data_collection: 'deny' }],
    ['no-training', { data_collection: 'deny' }],
  ] as const)('forces %s over what the request says', async (privacy, forced) => {
    const all = await start({ settings: { privacy } });
    await ask(all.address, {
      body: chat({
        provider: { zdr: false, data_collection: 'allow', only: ['x'] },
        usage: { include: false },
      }),
    });
    expect(all.upstream.seen[0]?.body).toMatchObject({
      provider: { ...forced, only: ['x'] },
      usage: { include: true },
    });
  });

  it('takes a setting with the next request', async () => {
    const all = await start();
    expect((await ask(all.address)).status).toBe(200);
    all.settings = { ...all.settings, localOnly: true };
    const refused = await ask(all.address);
    expect(refused.status).toBe(403);
    expect(errorOf(refused.text).code).toBe('local-only');
    all.settings = { ...all.settings, localOnly: false, privacy: 'any' };
    await ask(all.address, { body: chat({ provider: { zdr: false } }) });
    expect(all.upstream.seen[1]?.body).toMatchObject({ provider: { zdr: false } });
    all.key = null;
    expect((await ask(all.address)).status).toBe(401);
    expect(all.upstream.seen).toHaveLength(2);
  });

  it('lets a running answer end when Local only is set, and stops the next', async () => {
    const all = await start({ upstream: { behaviour: { parts: 20, partDelayMs: 5 } } });
    const running = ask(all.address, { body: chat({ stream: true }) });
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (all.upstream.running === 0) return;
        clearInterval(look);
        resolve();
      }, 1);
    });
    all.settings = { ...all.settings, localOnly: true };
    expect((await ask(all.address)).status).toBe(403);
    expect((await running).text).toContain('[DONE]');
  });
});

describe('caps', () => {
  it('refuses with 402 once the cap is reached, until it is raised', async () => {
    const all = await start({ settings: { dailyCapUsd: 0.05 }, upstream: { behaviour: { costUsd: 0.03 } } });
    expect((await ask(all.address)).status).toBe(200);
    expect((await ask(all.address)).status).toBe(200);
    const refused = await ask(all.address);
    expect(refused.status).toBe(402);
    expect(errorOf(refused.text)).toMatchObject({ code: 'spend-cap-daily', type: 'insufficient_quota' });
    expect(errorOf(refused.text).message).toContain('$0.05');
    expect(all.events).toEqual([{ kind: 'refused', code: 'spend-cap-daily' }]);
    all.settings = { ...all.settings, dailyCapUsd: 1 };
    expect((await ask(all.address)).status).toBe(200);
  });

  it('is not overshot by 50 requests at one time by more than one request', async () => {
    const cap = 0.5;
    const all = await start({
      settings: { dailyCapUsd: cap },
      /** Each costs what the reservation expects of it at most. */
      upstream: { behaviour: { costUsd: 0.05, thinkMs: 300 } },
    });
    const body = chat({ max_tokens: 3000 });
    const replies = await Promise.all(Array.from({ length: 50 }, () => ask(all.address, { body })));
    const passed = replies.filter((reply) => reply.status === 200).length;
    const held = replies.filter((reply) => reply.status === 429);
    expect(passed).toBeGreaterThanOrEqual(5);
    expect(passed * 0.05).toBeLessThanOrEqual(cap + 0.05);
    /** The rest came while the cap was reserved, or when it was used up. */
    expect(replies.filter((reply) => reply.status === 402).length + passed + held.length).toBe(50);
    expect(held.length).toBeGreaterThan(0);
    expect(held[0]?.headers['retry-after']).toBe('5');
    expect(errorOf(held[0]?.text ?? '').code).toBe('spend-cap-reserved');
  });

  it('reckons a cost where OpenRouter names none, and counts it as reckoned', async () => {
    const all = await start({ upstream: { behaviour: { fault: { kind: 'no-usage' } } } });
    await ask(all.address, { body: chat({ max_tokens: 100 }) });
    const record = await all.recorded(1);
    expect(record.estimated).toBe(true);
    expect(record.costUsd).toBeGreaterThan(0.001);
  });
});

describe('an upstream that fails before its answer', () => {
  it.each([
    [{ kind: 'status', status: 401, message: `Key ${canaryKey} not found` }, 401, 'openrouter-key-refused'],
    [{ kind: 'status', status: 402, message: 'Insufficient credits' }, 402, 'openrouter-no-credit'],
    [{ kind: 'status', status: 403, message: 'Flagged by moderation' }, 403, 'openrouter-forbidden'],
    [
      { kind: 'status', status: 404, message: 'No endpoints found matching your data policy' },
      404,
      'openrouter-refused',
    ],
    [{ kind: 'status', status: 429, retryAfter: '7' }, 429, 'openrouter-rate-limited'],
    [{ kind: 'status', status: 500 }, 502, 'openrouter-failed'],
    [{ kind: 'status', status: 503, retryAfter: '3' }, 503, 'openrouter-failed'],
    [{ kind: 'redirect', location: 'http://127.0.0.1:1/steal' }, 502, 'openrouter-failed'],
    [{ kind: 'cut' }, 502, 'openrouter-cut'],
    [{ kind: 'silent' }, 504, 'openrouter-timed-out'],
    [{ kind: 'garbage' }, 502, 'openrouter-garbage'],
    [{ kind: 'html' }, 502, 'openrouter-garbage'],
    [{ kind: 'echo-key' }, 502, 'openrouter-garbage'],
    [{ kind: 'huge', bytes: 3_000_000 }, 502, 'openrouter-too-large'],
  ] as const)('%j becomes one clean error', async (fault, status, code) => {
    const all = await start({
      upstream: { behaviour: { fault } },
      /** What answers is waited for, however busy the machine is. */
      limits: { firstByteLimitMs: fault.kind === 'silent' ? 150 : 10_000, answerMaxBytes: 1_000_000 },
    });
    const reply = await ask(all.address);
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(errorOf(reply.text).code).toBe(code);
    expect(errorOf(reply.text).message).toMatch(/[.!]$|: /);
    expect(await all.recorded(1)).toMatchObject({ outcome: 'failed', status });
    expect(all.events).toContainEqual({ kind: 'failed', code });
    expect(allOutput(all, reply)).not.toContain(canaryKey);
  });

  it('hands on how long to wait', async () => {
    const all = await start({
      upstream: { behaviour: { fault: { kind: 'status', status: 429, retryAfter: '7' } } },
    });
    expect((await ask(all.address)).headers['retry-after']).toBe('7');
  });

  it('charges nothing for what was refused', async () => {
    const all = await start({ upstream: { behaviour: { fault: { kind: 'status', status: 503 } } } });
    await ask(all.address);
    expect(await all.recorded(1)).toMatchObject({ costUsd: 0, estimated: false });
  });

  it('says that the Mac is offline when nobody listens', async () => {
    const nobody = http.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => nobody.once('listening', resolve));
    const address = nobody.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => nobody.close(resolve));
    const all = await start({ origin: `http://127.0.0.1:${port}` });
    const reply = await ask(all.address);
    expect(reply.status).toBe(503);
    expect(errorOf(reply.text).code).toBe('openrouter-offline');
    expect(await all.recorded(1)).toMatchObject({ costUsd: 0 });
  });

  it('obeys a rate limit of the upstream', async () => {
    const all = await start({ upstream: { behaviour: { perMinute: 2 } } });
    const statuses = [await ask(all.address), await ask(all.address), await ask(all.address)].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([200, 200, 429]);
  });
});

/** Short only where its end is what is waited for, and far longer than the three parts before it take. */
const patience = (fault: string) => ({
  silenceLimitMs: fault === 'stream-stall' ? 1_000 : 10_000,
  totalLimitMs: fault === 'stream-comments' ? 1_500 : 20_000,
});

describe('an upstream that fails in the middle of a stream', () => {
  it.each([
    [{ kind: 'stream-stall', after: 3 }, 'openrouter-timed-out'],
    [{ kind: 'stream-comments', after: 3 }, 'openrouter-timed-out'],
    [{ kind: 'stream-cut', after: 3 }, 'openrouter-cut'],
    [{ kind: 'stream-cut-inside-line', after: 3 }, 'openrouter-cut'],
    [{ kind: 'stream-end-early', after: 3 }, 'openrouter-cut'],
    [{ kind: 'stream-garbage', after: 3 }, 'openrouter-garbage'],
    [{ kind: 'stream-endless-line', after: 3 }, 'openrouter-too-large'],
  ] as const)('%j ends with one error event, and every event before it is whole', async (fault, code) => {
    const all = await start({
      /** Apart, so that each part is read before the fault. */
      upstream: { behaviour: { fault, partDelayMs: 10 } },
      limits: { ...patience(fault.kind), lineMaxBytes: 256 * 1024 },
    });
    const reply = await ask(all.address, { body: chat({ stream: true }) });
    expect(reply.status).toBe(200);
    expect(reply.broken).toBe(false);
    const events = reply.text.split('\n\n').filter((event) => event.startsWith('data: '));
    expect(events).toHaveLength(4);
    for (const event of events) expect(() => JSON.parse(event.slice(6)) as unknown).not.toThrow();
    expect(errorOf(events[3]?.slice(6) ?? '').code).toBe(code);
    const record = await all.recorded(1);
    expect(record).toMatchObject({ outcome: 'failed', completionTokens: 3, estimated: true });
    expect(record.costUsd).toBeGreaterThan(0);
    await all.upstream.idle();
  });

  it('hands on an error that OpenRouter itself puts into the stream', async () => {
    const all = await start({ upstream: { behaviour: { fault: { kind: 'stream-error', after: 2 } } } });
    const reply = await ask(all.address, { body: chat({ stream: true }) });
    expect(errorOf(reply.text).message).toContain('Provider disconnected');
    expect(await all.recorded(1)).toMatchObject({ outcome: 'failed' });
  });

  it('makes the openai package throw, not hang', async () => {
    const all = await start({
      upstream: { behaviour: { fault: { kind: 'stream-cut-inside-line', after: 2 }, partDelayMs: 10 } },
    });
    const client = new OpenAI({
      apiKey: 'dummy',
      baseURL: all.address.baseUrl,
      defaultHeaders: { [all.address.secretHeader]: all.address.secret },
      maxRetries: 0,
    });
    const stream = await client.chat.completions.create({
      model: sonnet,
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    });
    const words: string[] = [];
    const reading = (async () => {
      for await (const chunk of stream) words.push(chunk.choices[0]?.delta.content ?? '');
    })();
    await expect(reading).rejects.toThrow(/before the answer was complete/);
    expect(words).toEqual(['w0 ', 'w1 ']);
  });

  it('answers with a status when the very first line is bad', async () => {
    const all = await start({ upstream: { behaviour: { fault: { kind: 'stream-cut', after: 0 } } } });
    const reply = await ask(all.address, { body: chat({ stream: true }) });
    /** The comment before it was forwarded already, or not, as the parts came. */
    expect([200, 502]).toContain(reply.status);
    expect(errorOf(reply.text).code).toBe('openrouter-cut');
  });

  it('never lets the key travel back inside a stream', async () => {
    const all = await start({ upstream: { behaviour: { fault: { kind: 'echo-key' } } } });
    const reply = await ask(all.address, { body: chat({ stream: true }) });
    expect(errorOf(reply.text).code).toBe('openrouter-garbage');
    expect(allOutput(all, reply)).not.toContain(canaryKey);
    /** The search can fail. */
    expect(JSON.stringify(all.upstream.seen)).toContain(canaryKey);
  });
});

describe('TLS', () => {
  function certificate(name: string): { key: string; cert: string } {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'relay-tls-'));
    try {
      const at = (file: string) => path.join(folder, file);
      execFileSync(
        'openssl',
        [
          ...[
            'req',
            '-x509',
            '-newkey',
            'ec',
            '-pkeyopt',
            'ec_paramgen_curve:prime256v1',
            '-nodes',
            '-days',
            '2',
          ],
          ...[
            '-subj',
            `/CN=${name}`,
            '-addext',
            `subjectAltName=${name}`,
            '-keyout',
            at('key'),
            '-out',
            at('cert'),
          ],
        ],
        { stdio: 'ignore' },
      );
      return { key: readFileSync(at('key'), 'utf8'), cert: readFileSync(at('cert'), 'utf8') };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it('refuses a certificate that nobody vouches for, also where the environment says otherwise', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const all = await start({ upstream: { tls: certificate('IP:127.0.0.1') } });
      const reply = await ask(all.address);
      expect(reply.status).toBe(502);
      expect(errorOf(reply.text).code).toBe('openrouter-not-trusted');
      expect(all.upstream.seen).toHaveLength(0);
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it('refuses a trusted certificate of another host', async () => {
    const tls = certificate('DNS:elsewhere.example');
    const all = await start({ upstream: { tls }, ca: tls.cert });
    expect(errorOf((await ask(all.address)).text).code).toBe('openrouter-not-trusted');
    expect(all.upstream.seen).toHaveLength(0);
  });

  it('accepts a trusted certificate of the right host', async () => {
    const tls = certificate('IP:127.0.0.1');
    const all = await start({ upstream: { tls }, ca: tls.cert });
    expect((await ask(all.address)).status).toBe(200);
  });
});

it('each launch has another port and another secret, on 127.0.0.1 alone', async () => {
  const launches = [await startRelay(), await startRelay()];
  try {
    const addresses = launches.map(({ address }) => address);
    for (const { baseUrl, secret } of addresses) {
      expect(new URL(baseUrl).hostname).toBe('127.0.0.1');
      expect(secret.length).toBeGreaterThanOrEqual(32);
    }
    expect(new Set(addresses.map(({ baseUrl }) => new URL(baseUrl).port)).size).toBe(2);
    expect(new Set(addresses.map(({ secret }) => secret)).size).toBe(2);
  } finally {
    for (const launch of launches) await launch.close();
  }
});
