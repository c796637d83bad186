/** OpenRouter's address, paths and names (openrouter.ai/docs, state of August 2026), and the one way to another address. */
import { fail, ok, problem, type Result } from '../contract/result.ts';
import { cloudWords } from '../words/index.ts';

export const openRouterPaths = {
  completions: '/api/v1/chat/completions',
  models: '/api/v1/models',
  key: '/api/v1/key',
  exchangeCode: '/api/v1/auth/keys',
  signIn: '/auth',
} as const;

/** Where requests go. */
export interface Upstream {
  /** Scheme, host and port; no path. */
  readonly origin: string;
  /** A certificate authority to trust instead of the system's; for a loopback address only. */
  readonly ca?: string;
}

export const openRouter: Upstream = { origin: 'https://openrouter.ai' };

/** How OpenRouter lists the app that asks; a localhost referer would need the title anyway. */
export const attribution = {
  'HTTP-Referer': 'https://github.com/mlx-stack/mlx-stack',
  'X-OpenRouter-Title': 'MLX Stack',
} as const;

const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Another address, for the preview. Any other than this machine would be a way to the key, so no other is taken;
 * the name `localhost` is not looked up.
 */
export function loopbackUpstream(text: string, ca?: string): Result<Upstream> {
  const url = URL.canParse(text) ? new URL(text) : null;
  const acceptable =
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    loopbackHosts.has(url.hostname) &&
    url.username === '' &&
    url.password === '' &&
    (url.pathname === '/' || url.pathname === '') &&
    url.search === '' &&
    url.hash === '';
  if (!acceptable) {
    return fail(problem('upstream-not-loopback', cloudWords.standInNotLoopback, cloudWords.standInForm));
  }
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1';
  return ok(ca === undefined ? { origin: url.origin } : { origin: url.origin, ca });
}

/** Checked again where a connection is made: an upstream that was not built here goes nowhere. */
export function isKnownUpstream(upstream: Upstream): boolean {
  if (upstream.origin === openRouter.origin) return upstream.ca === undefined;
  return loopbackUpstream(upstream.origin).ok;
}

/** Ids as OpenRouter's list has them, such as `~anthropic/claude-sonnet-latest` or `openai/gpt-5.4:nitro`. */
export const modelIdPattern =
  /^~?[A-Za-z0-9][A-Za-z0-9._-]{0,63}\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?::[a-z0-9-]{1,32})?$/;

/** Moving aliases of August 2026; offered only where the live list has them. */
export const defaultPremiumModels: readonly string[] = [
  '~anthropic/claude-sonnet-latest',
  '~anthropic/claude-opus-latest',
  '~anthropic/claude-haiku-latest',
  '~openai/gpt-latest',
  '~openai/gpt-mini-latest',
  '~google/gemini-pro-latest',
  '~google/gemini-flash-latest',
  '~moonshotai/kimi-latest',
];
