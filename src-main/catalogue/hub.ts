/** Small questions to Hugging Face: bounded, timed, never followed to another server, and every failure a sentence. */
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';

export const hubAddress = 'https://huggingface.co';
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
  `${hubVariable} is not an address on this computer, so Hugging Face itself is asked.`,
  'It takes an address such as http://127.0.0.1:9000.',
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
}

export const hubTimeoutMs = 15_000;
/** A small file is answered with one redirect, a renamed repository with another. */
export const maxHubRedirects = 3;

export function createHub(options: HubOptions): Hub {
  const origin = new URL(options.address).origin;
  const prefix = options.address.slice(origin.length);

  async function get(path: string, maxBytes: number): Promise<Result<HubAnswer>> {
    const token = await options.token();
    const signal = AbortSignal.timeout(options.timeoutMs ?? hubTimeoutMs);
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
        if (new URL(target).origin !== origin) return fail(badAnswer);
        url = target;
      }
      return fail(badAnswer);
    } catch (error) {
      return fail(signal.aborted ? timedOut : offlineOrBug(error));
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
      return fail(refusalOf(response, hasToken));
    }
    const text = await readBounded(response, maxBytes);
    if (text === null) return fail(badAnswer);
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

function refusalOf(response: Response, hasToken: boolean): Problem {
  const code = response.headers.get('x-error-code');
  if (response.status === 429) return rateLimited(response);
  if (code === 'GatedRepo') return hasToken ? gated : gatedAnonymous;
  if (response.status === 401 && hasToken && code === null) return badToken;
  /** Without a token, a repository that is private, gated or not there at all is answered alike. */
  if (response.status === 401) return hasToken ? gated : hiddenOrMissing;
  if (response.status === 404) return missing;
  return response.status >= 500 ? troubled : badAnswer;
}

/** `RateLimit: "api";r=0;t=55`: the seconds after `t`. */
function rateLimited(response: Response): Problem {
  const seconds = Number(/;t=(\d{1,6})/.exec(response.headers.get('ratelimit') ?? '')?.[1] ?? 60);
  return problem(
    'hub-rate-limited',
    `Hugging Face asks to wait for ${seconds} seconds.`,
    'Signed in with a token, more is allowed.',
  );
}

/** undici says a connection that fails or breaks as a TypeError with a cause; any other would be a mistake of ours. */
function offlineOrBug(error: unknown): Problem {
  if (error instanceof TypeError && error.cause !== undefined) return offline;
  throw error;
}

const offline = problem(
  'hub-offline',
  'Hugging Face cannot be reached.',
  'Check the Internet connection, then try again.',
);
const timedOut = problem('hub-timed-out', 'Hugging Face did not answer in time.', 'Try again in a moment.');
const troubled = problem(
  'hub-troubled',
  'Hugging Face has a problem of its own at the moment.',
  'Try again in a moment.',
);
const badAnswer = problem(
  'hub-bad-answer',
  'The answer of Hugging Face is not what it should be.',
  'Something on the network may answer in its place; try again later.',
);
const missing = problem('hub-missing', 'There is no such model on Hugging Face.', 'Check its name.');
const hiddenOrMissing = problem(
  'hub-hidden',
  'This model is not there, or it is private or needs a licence to be accepted.',
  'Sign in with a Hugging Face token if you have access to it.',
);
const gatedAnonymous = problem(
  'hub-gated',
  'This model asks for its licence to be accepted first.',
  'Accept it on its page at Hugging Face, then sign in with a token.',
);
const gated = problem(
  'hub-no-access',
  'Your Hugging Face account has no access to this model yet.',
  'Accept its licence on its page at Hugging Face.',
);
const badToken = problem('hub-bad-token', 'Hugging Face does not accept the token.', 'Enter a new one.');
