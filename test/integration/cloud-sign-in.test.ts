/** "Sign in with OpenRouter" from the click to the key, with a browser that follows, strays, lies and comes late. */
import http from 'node:http';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loopbackUpstream } from '../../src-main/cloud/openrouter.ts';
import { isSignInUrl, type SignIn, type SignInOptions, startSignIn } from '../../src-main/cloud/sign-in.ts';
import { createUpstreamClient, type UpstreamClient } from '../../src-main/cloud/upstream.ts';
import type { Result } from '../../src-main/contract/result.ts';
import { type OpenRouterStandIn, startOpenRouter } from '../stand-ins/openrouter/openrouter.ts';

let standIn: OpenRouterStandIn;
let client: UpstreamClient;
let current: SignIn | null = null;

beforeEach(async () => {
  standIn = await startOpenRouter();
  const upstream = loopbackUpstream(standIn.origin);
  if (!upstream.ok) throw new Error(upstream.error.message);
  client = createUpstreamClient({ upstream: upstream.value, connectLimitMs: 2_000, connectionsMax: 4 });
});
afterEach(async () => {
  current?.cancel();
  await current?.done;
  current = null;
  client.close();
  await standIn.close();
});

interface Started {
  readonly signIn: SignIn;
  /** What the browser was given. */
  readonly url: Promise<string>;
  readonly registered: string[];
}

function start(more: Partial<SignInOptions> = {}): Started {
  const opened = Promise.withResolvers<string>();
  const registered: string[] = [];
  const signIn = startSignIn({
    client,
    origin: standIn.origin,
    wanted: { label: 'MLX Stack', limitUsd: 5, limitPeriod: 'monthly' },
    openInBrowser: async (url) => opened.resolve(url),
    registerSecret: (value) => registered.push(value),
    log: () => undefined,
    ...more,
  });
  current = signIn;
  return { signIn, url: opened.promise, registered };
}

interface Page {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

function get(url: string, more: { method?: string; host?: string } = {}): Promise<Page> {
  const target = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: target.hostname === 'localhost' ? '127.0.0.1' : target.hostname,
        port: target.port,
        path: `${target.pathname}${target.search}`,
        method: more.method ?? 'GET',
        agent: false,
        headers: { host: more.host ?? target.host },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
}

/** The person approves: where the page sends the browser. */
async function callbackOf(url: string): Promise<string> {
  const page = await get(url);
  if (page.headers.location === undefined) throw new Error(`No way back: ${page.status} ${page.text}`);
  return page.headers.location;
}

const codeOf = (result: Result<string>) => (result.ok ? 'ok' : result.error.code);

describe('signing in', () => {
  it('ends with a capped key that works, and a page that can do nothing', async () => {
    const { signIn, url, registered } = start();
    const address = await url;
    expect(isSignInUrl(address, standIn.origin)).toBe(true);
    const page = await get(await callbackOf(address));
    const done = await signIn.done;
    expect(done.ok && done.value).toMatch(/^sk-or-v1-[0-9a-f]{64}$/);
    expect(registered).toEqual([done.ok ? done.value : '']);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Signed in');
    expect(page.text).not.toContain('sk-or');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    const exchange = standIn.seen.find(({ target }) => target === '/api/v1/auth/keys');
    expect(exchange?.body).toMatchObject({ code_challenge_method: 'S256' });
    expect(exchange?.headers).not.toHaveProperty('authorization');
    const asked = standIn.seen.find(({ target }) => target.startsWith('/auth?'));
    expect(asked?.target).toContain('limit=5');
    expect(asked?.target).not.toContain(String(Reflect.get(Object(exchange?.body), 'code_verifier')));
  });

  it('serves once: the port is closed afterwards', async () => {
    const { signIn, url } = start();
    const callback = await callbackOf(await url);
    await get(callback);
    await signIn.done;
    await expect(get(callback)).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
  });

  it('uses no verifier, state or port twice', async () => {
    const addresses = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { signIn, url } = start();
      const ask = new URL(await url).searchParams;
      addresses.add(ask.get('callback_url') ?? '');
      addresses.add(ask.get('code_challenge') ?? '');
      signIn.cancel();
      await signIn.done;
    }
    expect(addresses.size).toBe(6);
  });

  it('ignores whatever is not the answer, and still takes the answer', async () => {
    const { signIn, url } = start();
    const callback = await callbackOf(await url);
    const target = new URL(callback);
    const base = `http://localhost:${target.port}`;
    const wrongState = target.pathname.replace(/[^/]+$/, 'A'.repeat(43));
    const strays: readonly (readonly [string, { method?: string; host?: string }?])[] = [
      [`${base}/`],
      [`${base}/favicon.ico`],
      [`${base}${wrongState}?code=stolen`],
      [`${base}${wrongState}?error=access_denied`],
      [`${base}${target.pathname}/x${target.search}`],
      [`${base}//openrouter/x?code=1`],
      [`${base}${target.pathname}`],
      [`${base}${target.pathname}?code=`],
      [`${base}${target.pathname}?code=${'x'.repeat(600)}`],
      [`${base}${target.pathname}?code=%0d%0aX-Evil:1`],
      [callback, { method: 'POST' }],
      [callback, { method: 'HEAD' }],
      [callback, { host: `evil.example:${target.port}` }],
      [callback, { host: '127.0.0.1' }],
    ];
    for (const [stray, more] of strays) expect((await get(stray, more)).status).toBe(404);
    expect(standIn.seen.some(({ target }) => target === '/api/v1/auth/keys')).toBe(false);
    await get(callback);
    expect(codeOf(await signIn.done)).toBe('ok');
  });

  it('says that the person declined', async () => {
    standIn.behaviour.signIn = 'decline';
    const { signIn, url } = start();
    const page = await get(await callbackOf(await url));
    expect(page.text).toContain('Not signed in');
    expect(codeOf(await signIn.done)).toBe('sign-in-declined');
  });

  it('gives up after its time, and closes its port', async () => {
    const { signIn, url } = start({ limitMs: 100 });
    const callback = await callbackOf(await url);
    expect(codeOf(await signIn.done)).toBe('sign-in-expired');
    await expect(get(callback)).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
  });

  it('waits for five minutes when the browser was closed, and not longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { signIn, url } = start();
      await url;
      const ended = vi.fn();
      void signIn.done.then(ended);
      await vi.advanceTimersByTimeAsync(5 * 60_000 - 1);
      expect(ended).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(codeOf(await signIn.done)).toBe('sign-in-expired');
    } finally {
      vi.useRealTimers();
    }
  });

  it('can be cancelled, also while the code is exchanged', async () => {
    const first = start();
    await first.url;
    first.signIn.cancel();
    expect(codeOf(await first.signIn.done)).toBe('sign-in-cancelled');

    const second = start();
    const callback = await callbackOf(await second.url);
    standIn.behaviour.fault = { kind: 'silent' };
    const page = get(callback);
    while (!standIn.seen.some(({ target }) => target === '/api/v1/auth/keys')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    second.signIn.cancel();
    expect(codeOf(await second.signIn.done)).toBe('sign-in-cancelled');
    expect((await page).text).toContain('Not signed in');
  });

  it('says that the browser could not be opened', async () => {
    const { signIn } = start({ openInBrowser: () => Promise.reject(new Error('no browser')) });
    expect(codeOf(await signIn.done)).toBe('sign-in-no-browser');
  });

  it('does not accept a code that OpenRouter does not know', async () => {
    const { signIn, url } = start();
    const callback = new URL(new URL(await url).searchParams.get('callback_url') ?? '');
    callback.searchParams.set('code', 'auth_code_invented');
    const page = await get(callback.href);
    expect(page.text).toContain('did not accept');
    expect(codeOf(await signIn.done)).toBe('sign-in-code-refused');
  });

  it('cannot use a code that was made for another challenge', async () => {
    const victim = start();
    const attackerUrl = new URL(await victim.url);
    attackerUrl.searchParams.set('code_challenge', 'C'.repeat(43));
    await get(await callbackOf(attackerUrl.href));
    expect(codeOf(await victim.signIn.done)).toBe('sign-in-code-refused');
  });

  it.each([
    [{ kind: 'status', status: 401 }, 'sign-in-code-refused'],
    [{ kind: 'status', status: 402 }, 'openrouter-no-credit'],
    [{ kind: 'status', status: 403 }, 'sign-in-code-refused'],
    [{ kind: 'status', status: 429, retryAfter: '3' }, 'openrouter-rate-limited'],
    [{ kind: 'status', status: 500 }, 'openrouter-failed'],
    [{ kind: 'silent' }, 'openrouter-timed-out'],
    [{ kind: 'cut' }, 'openrouter-cut'],
    [{ kind: 'garbage' }, 'openrouter-garbage'],
    [{ kind: 'html' }, 'openrouter-garbage'],
  ] as const)('says what went wrong in the exchange: %j', async (fault, code) => {
    /** What answers is waited for, however busy the machine is. */
    const limitMs = fault.kind === 'silent' ? 200 : 10_000;
    const { signIn, url } = start({ limits: { answerMaxBytes: 65_536, limitMs } });
    const callback = await callbackOf(await url);
    standIn.behaviour.fault = fault;
    const page = await get(callback);
    expect(page.text).toContain('Not signed in');
    const done = await signIn.done;
    expect(codeOf(done)).toBe(code);
    expect(done.ok ? '' : done.error.hint).toBeTruthy();
  });

  it('refuses headers without end', async () => {
    const { url } = start();
    const target = new URL(new URL(await url).searchParams.get('callback_url') ?? '');
    const page = await get(`${target.href}?code=${'x'.repeat(20_000)}`);
    expect(page.status).toBe(431);
  });
});

it('a connection that cannot be taken in is logged, and the sign-in waits on', async () => {
  const listened = vi.spyOn(net.Server.prototype, 'listen');
  const lines: string[] = [];
  const { url } = start({ log: (line) => lines.push(line) });
  const target = new URL(new URL(await url).searchParams.get('callback_url') ?? '');
  const servers = listened.mock.contexts.filter((one) => one instanceof net.Server);
  listened.mockRestore();
  const before = lines.length;
  const noDescriptor = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
  for (const server of servers) server.emit('error', noDescriptor);
  expect(servers.length).toBeGreaterThan(0);
  expect(lines.slice(before)).toEqual(servers.map(() => 'The port: EMFILE.'));
  expect((await get(target.href)).status).toBe(404);
});
