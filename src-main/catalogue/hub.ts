/** Small questions to Hugging Face: bounded, timed, never followed to another server, and every failure a sentence. */
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { catalogueWords } from '../words/index.ts';
import { fetchProblem, hubProblems, rateLimitSeconds, refusalOf } from './hub-problems.ts';
import { hubAddress } from './repo-id.ts';

export const hubVariable = 'MLX_STACK_HUGGINGFACE_URL';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HubChoice {
  /** Without a slash at its end. */
  readonly address: string;
  /** The variable was not followed. */
  readonly problem: Problem | null;
}

const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** A packaged app never looks: models decide what a Mac runs, and a token may go along. */
export function chooseHub(env: Readonly<Record<string, string | undefined>>, isPackaged: boolean): HubChoice {
  const asked = env[hubVariable];
  if (isPackaged || asked === undefined || asked === '') return { address: hubAddress, problem: null };
  const url = URL.canParse(asked) ? new URL(asked) : null;
  const isUsable =
    url !== null &&
    url.protocol === 'http:' &&
    loopbackHosts.has(url.hostname) &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '';
  return isUsable
    ? { address: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, problem: null }
    : { address: hubAddress, problem: notLoopback };
}

const notLoopback = problem(
  'bad-address',
  catalogueWords.notLoopback(hubVariable),
  catalogueWords.loopbackExample,
);

export interface Hub {
  /** `path` begins with `/`. */
  get(path: string, maxBytes: number): Promise<Result<HubAnswer>>;
}

export interface HubAnswer {
  readonly text: string;
  /** Of the next page, on the same server; `null` on the last. */
  readonly nextPath: string | null;
}

export interface HubOptions {
  readonly address: string;
  readonly fetch: Fetch;
  /** `null`: anonymous. */
  readonly token: () => Promise<string | null>;
  readonly timeoutMs?: number;
  /** Ends what is being asked: `get` throws its reason then. */
  readonly signal?: AbortSignal;
  /** Told beside the refusal, whose sentence is for people. */
  readonly onRateLimit?: (seconds: number) => void;
}

const hubTimeoutMs = 15_000;
/** A small file is answered with one redirect, a renamed repository with another. */
export const maxHubRedirects = 3;

export function createHub(options: HubOptions): Hub {
  const origin = new URL(options.address).origin;
  const prefix = options.address.slice(origin.length);

  async function get(path: string, maxBytes: number): Promise<Result<HubAnswer>> {
    const token = await options.token();
    const timeout = AbortSignal.timeout(options.timeoutMs ?? hubTimeoutMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    let url = `${options.address}${path}`;
    try {
      for (let hop = 0; hop <= maxHubRedirects; hop += 1) {
        const response = await options.fetch(url, {
          redirect: 'manual',
          signal,
          headers: {
            accept: 'application/json',
            ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          },
        });
        const target = redirectTarget(response, url);
        if (target === null) return await answerOf(response, url, token !== null, maxBytes);
        await response.body?.cancel();
        /** The token, and the trust in the answer, are for this server only. */
        if (new URL(target).origin !== origin) return fail(hubProblems.badAnswer);
        url = target;
      }
      return fail(hubProblems.badAnswer);
    } catch (error) {
      options.signal?.throwIfAborted();
      return fail(timeout.aborted ? hubProblems.timedOut : fetchProblem(error));
    }
  }

  async function answerOf(
    response: Response,
    url: string,
    hasToken: boolean,
    maxBytes: number,
  ): Promise<Result<HubAnswer>> {
    if (response.status !== 200) {
      await response.body?.cancel();
      const header = (name: string) => response.headers.get(name);
      if (response.status === 429) options.onRateLimit?.(rateLimitSeconds(header('ratelimit')));
      return fail(refusalOf({ status: response.status, header }, hasToken));
    }
    const text = await readBounded(response, maxBytes);
    if (text === null) return fail(hubProblems.badAnswer);
    return ok({ text, nextPath: nextPathOf(response, url) });
  }

  /** `<https://…?cursor=…>; rel="next"`. */
  function nextPathOf(response: Response, url: string): string | null {
    const link = /<([^<>]{1,4096})>\s*;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    const next = link !== undefined && URL.canParse(link, url) ? new URL(link, url) : null;
    if (next === null || next.origin !== origin || !next.pathname.startsWith(`${prefix}/`)) return null;
    return next.pathname.slice(prefix.length) + next.search;
  }

  return { get };
}

function redirectTarget(response: Response, url: string): string | null {
  if (![301, 302, 303, 307, 308].includes(response.status)) return null;
  const location = response.headers.get('location') ?? '';
  return URL.canParse(location, url) ? new URL(location, url).href : null;
}

async function readBounded(response: Response, maxBytes: number): Promise<string | null> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks).toString('utf8');
}
