/** "Sign in with OpenRouter": PKCE (RFC 7636, S256) in the user's browser, the answer caught on loopback, once. */
import { createHash, randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { assertNever, fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { errnoOf } from '../files/file-problems.ts';
import { cloudWords, commonWords } from '../words/index.ts';
import { callOpenRouter, faultProblem, refusalProblem } from './call.ts';
import { type CallLimits, callLimits } from './limits.ts';
import { openRouterPaths } from './openrouter.ts';
import { isSecret } from './request-guard.ts';
import { page, pageHeaders } from './sign-in-page.ts';
import type { UpstreamClient } from './upstream.ts';

/** The key that is asked for is capped: OpenRouter enforces it, whatever happens here. */
export interface WantedKey {
  readonly label: string;
  readonly limitUsd: number;
  readonly limitPeriod: 'daily' | 'weekly' | 'monthly';
}

export interface SignIn {
  /** The new key; it is not kept anywhere by this file. */
  readonly done: Promise<Result<string>>;
  /** The person closed the browser or changed their mind. */
  cancel(): void;
}

export interface SignInOptions {
  readonly client: UpstreamClient;
  /** Scheme and host of the page that asks the person; a constant, or the preview's loopback address. */
  readonly origin: string;
  readonly wanted: WantedKey;
  /** Opens the user's browser; given only what `signInUrl` builds, and `isSignInUrl` accepts. */
  readonly openInBrowser: (url: string) => Promise<void>;
  /** Told the key before anything else is done with it. */
  readonly registerSecret: (value: string) => void;
  readonly log: (line: string) => void;
  readonly limitMs?: number;
  readonly limits?: CallLimits;
}

const signInLimitMs = 5 * 60_000;
const verifierBytes = 48;
const stateBytes = 32;
const callbackHeadersMaxBytes = 8 * 1024;
const callbackConnectionsMax = 16;
const callbackHeadersLimitMs = 5_000;
const portTriesMax = 5;
/** For the browser to take the last page. */
const lingerMs = 1_000;
const codePattern = /^[A-Za-z0-9._~-]{1,512}$/;

export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');

export interface SignInAddress {
  readonly origin: string;
  readonly port: number;
  readonly state: string;
  readonly challenge: string;
  readonly wanted: WantedKey;
}

const callbackPath = (state: string) => `/openrouter/${state}`;

/** OpenRouter echoes no state of its own, so it is part of the callback's path; it allows `localhost` with any port. */
export function signInUrl({ origin, port, state, challenge, wanted }: SignInAddress): string {
  const url = new URL(openRouterPaths.signIn, origin);
  url.searchParams.set('callback_url', `http://localhost:${port}${callbackPath(state)}`);
  url.searchParams.set('code_challenge', challenge);
  url.searchParams.set('code_challenge_method', 'S256');
  url.searchParams.set('key_label', wanted.label);
  url.searchParams.set('limit', String(wanted.limitUsd));
  url.searchParams.set('usage_limit_type', wanted.limitPeriod);
  return url.href;
}

/** For whoever opens the browser: nothing but the sign-in page of this origin passes. */
export function isSignInUrl(text: string, origin: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return (
    url !== null &&
    url.origin === new URL(origin).origin &&
    url.pathname === openRouterPaths.signIn &&
    url.username === '' &&
    url.password === '' &&
    url.hash === '' &&
    /^http:\/\/localhost:\d{1,5}\/openrouter\/[A-Za-z0-9_-]{43}$/.test(
      url.searchParams.get('callback_url') ?? '',
    )
  );
}

type Failure = 'declined' | 'expired' | 'cancelled' | 'no-browser' | 'no-port' | 'code-refused' | 'not-a-key';

function failureProblem(failure: Failure): Problem {
  const again = cloudWords.signInAgainOrPaste;
  switch (failure) {
    case 'declined':
      return problem('sign-in-declined', cloudWords.signInDeclined, again);
    case 'expired':
      return problem('sign-in-expired', cloudWords.signInExpired, again);
    case 'cancelled':
      return problem('sign-in-cancelled', cloudWords.signInCancelled, again);
    case 'no-browser':
      return problem('sign-in-no-browser', commonWords.noBrowser, cloudWords.browserThenSignIn);
    case 'no-port':
      return problem('sign-in-no-port', cloudWords.noPortForAnswer, cloudWords.startAgainOrPaste);
    case 'code-refused':
      return problem('sign-in-code-refused', cloudWords.signInNotAccepted, again);
    case 'not-a-key':
      return problem('sign-in-not-a-key', cloudWords.noKeyInAnswer, again);
    default:
      return assertNever(failure, 'failureProblem');
  }
}

const exchangeSchema = z.object({ key: z.string().regex(/^sk-or-v\d{1,2}-[A-Za-z0-9_-]{32,256}$/) });

export function startSignIn(options: SignInOptions): SignIn {
  const { client, origin, wanted, openInBrowser, registerSecret } = options;
  const limits = options.limits ?? callLimits;
  const verifier = randomBytes(verifierBytes).toString('base64url');
  const state = randomBytes(stateBytes).toString('base64url');
  const expectedState = Buffer.from(state);
  const abort = new AbortController();
  const { promise: done, resolve } = Promise.withResolvers<Result<string>>();
  let servers: readonly http.Server[] = [];
  let authority = '';
  let used = false;
  let ended = false;

  function end(result: Result<string>): void {
    if (ended) return;
    ended = true;
    clearTimeout(limit);
    abort.abort();
    for (const server of servers) {
      server.close();
      server.closeIdleConnections();
    }
    setTimeout(() => {
      for (const server of servers) server.closeAllConnections();
    }, lingerMs).unref();
    resolve(result);
  }
  const endWith = (failure: Failure) => end(fail(failureProblem(failure)));
  const limit = setTimeout(() => endWith('expired'), options.limitMs ?? signInLimitMs);

  async function exchange(code: string): Promise<Result<string>> {
    const called = await callOpenRouter(
      client,
      {
        method: 'POST',
        path: openRouterPaths.exchangeCode,
        key: null,
        body: { code, code_verifier: verifier, code_challenge_method: 'S256' },
      },
      limits,
      abort.signal,
    );
    if (called.kind === 'failed') return fail(faultProblem(called.fault));
    if (called.kind === 'refused') {
      /** No key went along that could be a bad one. */
      const codeIsBad = [400, 401, 403].includes(called.status);
      return fail(
        codeIsBad ? failureProblem('code-refused') : refusalProblem(called.status, called.retryAfterSeconds),
      );
    }
    const checked = exchangeSchema.safeParse(called.value);
    if (!checked.success) return fail(failureProblem('not-a-key'));
    registerSecret(checked.data.key);
    return ok(checked.data.key);
  }

  function answer(response: ServerResponse, status: number, title: string, sentence: string): Promise<void> {
    if (response.destroyed) return Promise.resolve();
    return new Promise((written) => {
      response.on('close', () => written());
      response.writeHead(status, { ...pageHeaders });
      response.end(page(title, sentence));
    });
  }

  const notHere = (response: ServerResponse) =>
    answer(response, 404, cloudWords.nothingHere, cloudWords.notOurPage);

  /** A stray or hostile request is answered and changes nothing; only the right state uses the sign-in up. */
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '';
    const url =
      target.startsWith('/') && URL.canParse(`http://${authority}${target}`)
        ? new URL(`http://${authority}${target}`)
        : null;
    if (url === null || request.method !== 'GET' || request.headers.host !== authority)
      return notHere(response);
    const [, folder, sent = '', ...rest] = url.pathname.split('/');
    if (folder !== 'openrouter' || rest.length > 0 || !isSecret(sent, expectedState))
      return notHere(response);
    if (used || ended) return answer(response, 410, cloudWords.alreadyUsed, cloudWords.signInUsedBefore);
    const code = url.searchParams.get('code');
    if (code === null) {
      if (!url.searchParams.has('error')) return notHere(response);
      used = true;
      await answer(response, 200, cloudWords.notSignedIn, cloudWords.gotNoKey);
      return endWith('declined');
    }
    if (!codePattern.test(code)) return notHere(response);
    used = true;
    const exchanged = await exchange(code);
    if (ended) return answer(response, 410, cloudWords.notSignedIn, cloudWords.signInEnded);
    if (exchanged.ok) await answer(response, 200, cloudWords.signedIn, cloudWords.hasItsKey);
    else await answer(response, 200, cloudWords.notSignedIn, cloudWords.youCanClose(exchanged.error.message));
    end(exchanged);
  }

  async function run(): Promise<void> {
    const listening = await listenOnLoopback((request, response) => {
      serve(request, response).catch(() => response.destroy());
    }, options.log);
    if (listening === null) return endWith('no-port');
    servers = listening.servers;
    authority = `localhost:${listening.port}`;
    if (ended) {
      for (const server of servers) server.close();
      return;
    }
    const url = signInUrl({ origin, port: listening.port, state, challenge: challengeOf(verifier), wanted });
    try {
      await openInBrowser(url);
    } catch {
      endWith('no-browser');
    }
  }
  void run();

  return { done, cancel: () => endWith('cancelled') };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Log = (line: string) => void;

/**
 * Browsers look `localhost` up as ::1 first: whoever holds our port there would be sent the code. So both are ours,
 * or another port is tried; a Mac without IPv6 has no one there.
 */
async function listenOnLoopback(
  handler: Handler,
  log: Log,
): Promise<{ servers: readonly http.Server[]; port: number } | null> {
  for (let tries = 0; tries < portTriesMax; tries += 1) {
    const four = await listen(handler, '127.0.0.1', 0, log);
    if (typeof four === 'string') continue;
    const address = four.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const six = await listen(handler, '::1', port, log);
    if (typeof six !== 'string') return { servers: [four, six], port };
    if (six !== 'EADDRINUSE') return { servers: [four], port };
    four.close();
  }
  return null;
}

/** The server, or the system's error code. */
function listen(handler: Handler, host: string, port: number, log: Log): Promise<http.Server | string> {
  const server = http.createServer(
    {
      maxHeaderSize: callbackHeadersMaxBytes,
      headersTimeout: callbackHeadersLimitMs,
      requestTimeout: callbackHeadersLimitMs,
      connectionsCheckingInterval: callbackHeadersLimitMs,
    },
    handler,
  );
  server.maxConnections = callbackConnectionsMax;
  return new Promise((resolve) => {
    // For good: a connection that cannot be taken in later, with no descriptor left, must not end the app.
    server.on('error', (error) => {
      const code = errnoOf(error) ?? 'unknown';
      log(`The port: ${code}.`);
      resolve(code);
    });
    server.listen(port, host, () => resolve(server));
  });
}
