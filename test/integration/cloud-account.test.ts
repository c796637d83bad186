/** The questions about a key and the model list, against the stand-in and each of its failures. */
import http from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { checkAccount } from '../../src-main/cloud/account.ts';
import { createModelLists, modelListLifeMs } from '../../src-main/cloud/models.ts';
import { loopbackUpstream } from '../../src-main/cloud/openrouter.ts';
import { createUpstreamClient, type UpstreamClient } from '../../src-main/cloud/upstream.ts';
import {
  type OpenRouterOptions,
  type OpenRouterStandIn,
  startOpenRouter,
} from '../stand-ins/openrouter/openrouter.ts';
import type { OpenRouterFault } from '../stand-ins/openrouter/types.ts';
import { canaryKey } from '../stand-ins/openrouter/with-relay.ts';

let standIn: OpenRouterStandIn | null = null;
let client: UpstreamClient | null = null;
afterEach(async () => {
  client?.close();
  await standIn?.close();
  standIn = null;
});

function clientOf(origin: string): UpstreamClient {
  const upstream = loopbackUpstream(origin);
  if (!upstream.ok) throw new Error(upstream.error.message);
  client = createUpstreamClient({ upstream: upstream.value, connectLimitMs: 2_000, connectionsMax: 4 });
  return client;
}

async function start(options: OpenRouterOptions = {}) {
  standIn = await startOpenRouter(options);
  return { standIn, client: clientOf(standIn.origin) };
}

/** An answer is waited for, however busy the machine is. */
const limits = { answerMaxBytes: 64 * 1024, limitMs: 10_000 };
const limitsFor = (fault: OpenRouterFault) =>
  fault.kind === 'silent' ? { ...limits, limitMs: 1_000 } : limits;

const failures: readonly (readonly [OpenRouterFault, string])[] = [
  [{ kind: 'status', status: 401 }, 'openrouter-key-refused'],
  [{ kind: 'status', status: 402 }, 'openrouter-no-credit'],
  [{ kind: 'status', status: 403 }, 'openrouter-forbidden'],
  [{ kind: 'status', status: 429, retryAfter: '42' }, 'openrouter-rate-limited'],
  [{ kind: 'status', status: 500 }, 'openrouter-failed'],
  [{ kind: 'redirect', location: 'http://127.0.0.1:1/' }, 'openrouter-failed'],
  [{ kind: 'silent' }, 'openrouter-timed-out'],
  [{ kind: 'cut' }, 'openrouter-cut'],
  [{ kind: 'garbage' }, 'openrouter-garbage'],
  [{ kind: 'html' }, 'openrouter-garbage'],
];

describe('checkAccount', () => {
  it('tells label, limit and use', async () => {
    const all = await start();
    const { key } = all.standIn.issueKey({
      label: 'MLX Stack\n',
      limit: 5,
      limitReset: 'monthly',
      usage: 1.25,
    });
    expect(await checkAccount(all.client, key, { limits })).toEqual({
      ok: true,
      value: {
        label: 'MLX Stack ',
        limitUsd: 5,
        limitLeftUsd: 3.75,
        limitReset: 'monthly',
        usageUsd: 1.25,
        usageTodayUsd: 1.25,
        usageMonthUsd: 1.25,
        freeTier: false,
        expiresAt: null,
      },
    });
    expect(all.standIn.seen[0]).toMatchObject({ method: 'GET', target: '/api/v1/key' });
  });

  it('never shows a key that OpenRouter gives as its own label', async () => {
    const all = await start();
    const { key } = all.standIn.issueKey({ label: 'x' });
    const echo = all.standIn.issueKey({ label: `old ${key}` }).key;
    const checked = await checkAccount(all.client, echo, { limits });
    expect(checked.ok).toBe(true);
    all.standIn.revokeKey(echo);
    const own = all.standIn.issueKey({ label: 'y' });
    Object.assign(own, { label: own.key });
    expect(JSON.stringify(await checkAccount(all.client, own.key, { limits }))).not.toContain(own.key);
  });

  it('has a sentence and a remedy of its own for each failure, and the key in none', async () => {
    const seen = new Map<string, string>();
    const all = await start({ keys: [canaryKey] });
    for (const [fault, code] of failures) {
      all.standIn.behaviour.fault = fault;
      const checked = await checkAccount(all.client, canaryKey, { limits: limitsFor(fault) });
      expect(checked).toMatchObject({ ok: false, error: { code } });
      if (checked.ok) continue;
      expect(checked.error.hint).toBeTruthy();
      expect(JSON.stringify(checked)).not.toContain(canaryKey);
      seen.set(code, checked.error.message);
    }
    expect(new Set(seen.values()).size).toBe(seen.size);
    expect(seen.size).toBe(8);
  });

  it('says how long to wait', async () => {
    const fault = { kind: 'status', status: 429, retryAfter: '42' } as const;
    const all = await start({ behaviour: { fault } });
    const checked = await checkAccount(all.client, canaryKey, { limits });
    expect(checked.ok ? '' : checked.error.hint).toContain('42 s');
  });

  it('says that OpenRouter cannot be reached', async () => {
    const nobody = http.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => nobody.once('listening', resolve));
    const address = nobody.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => nobody.close(resolve));
    const checked = await checkAccount(clientOf(`http://127.0.0.1:${port}`), canaryKey, { limits });
    expect(checked).toMatchObject({ ok: false, error: { code: 'openrouter-offline' } });
  });

  it('can be cancelled', async () => {
    const all = await start({ behaviour: { fault: { kind: 'silent' } } });
    const abort = new AbortController();
    const checking = checkAccount(all.client, canaryKey, {
      limits,
      signal: abort.signal,
    });
    abort.abort();
    expect(await checking).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  });

  it('asks again when the kept connection was closed meanwhile', async () => {
    const all = await start({ keys: [canaryKey] });
    for (let round = 0; round < 3; round += 1) {
      expect((await checkAccount(all.client, canaryKey, { limits })).ok).toBe(true);
      all.standIn.dropIdle();
    }
  });
});

describe('the model list', () => {
  it('is fetched once, kept, shared, and fetched anew when it is old', async () => {
    const all = await start();
    let now = 1_000_000;
    const lists = createModelLists({ client: all.client, now: () => now });
    const [first, second] = await Promise.all([lists.read(), lists.read()]);
    expect(first).toEqual(second);
    await lists.read();
    expect(all.standIn.seen).toHaveLength(1);
    now += modelListLifeMs;
    await lists.read();
    expect(all.standIn.seen).toHaveLength(2);
    now -= 10 * modelListLifeMs;
    await lists.read();
    expect(all.standIn.seen).toHaveLength(3);
    expect(all.standIn.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('gives the old one with its problem rather than none', async () => {
    const all = await start();
    for (const [fault, code] of failures) {
      all.standIn.behaviour.fault = fault;
      const fresh = createModelLists({ client: all.client, limits: limitsFor(fault) });
      expect(await fresh.read()).toMatchObject({ ok: false, error: { code } });
      const roomy = { ...limitsFor(fault), answerMaxBytes: 1024 * 1024 };
      const lists = createModelLists({ client: all.client, limits: roomy });
      all.standIn.behaviour.fault = { kind: 'none' };
      await lists.refresh();
      all.standIn.behaviour.fault = fault;
      const again = await lists.refresh();
      expect(again).toMatchObject({ ok: true, value: { problem: { code } } });
      expect(again.ok && again.value.models.length).toBeGreaterThan(5);
    }
  });

  it('refuses a list without end', async () => {
    const all = await start();
    const lists = createModelLists({ client: all.client, limits: { answerMaxBytes: 100, limitMs: 10_000 } });
    expect(await lists.read()).toMatchObject({ ok: false, error: { code: 'openrouter-garbage' } });
  });
});
