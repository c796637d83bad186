/** The PKCE side: the page that asks the person, and the exchange of the code for a key. */
import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { recordOf, sendJson, sendRefusal } from './replies.ts';
import type { ApiKey, Behaviour } from './types.ts';

interface Grant {
  readonly challenge: string;
  readonly label: string;
  readonly limit: number | null;
  readonly limitReset: ApiKey['limitReset'];
  readonly madeAt: number;
}

const codeLifeMs = 600_000;

export interface SignInDesk {
  page(url: URL, response: ServerResponse): void;
  exchange(body: unknown, response: ServerResponse): void;
}

export function createSignInDesk(
  behaviour: Behaviour,
  issue: (key: Omit<ApiKey, 'key' | 'usage'>) => ApiKey,
): SignInDesk {
  const grants = new Map<string, Grant>();

  /** Where the browser is sent next, or the status of the refusal. */
  function judge(ask: URLSearchParams): URL | { readonly status: number; readonly message: string } {
    const callback = ask.get('callback_url') ?? '';
    const challenge = ask.get('code_challenge') ?? '';
    if (!URL.canParse(callback)) return { status: 400, message: 'callback_url is required' };
    const target = new URL(callback);
    const loopback = target.protocol === 'http:' && target.hostname === 'localhost' && target.port !== '';
    if (!loopback && target.protocol !== 'https:')
      return { status: 409, message: 'callback_url is not allowed' };
    if (ask.get('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
      return { status: 400, message: 'Invalid code_challenge_method' };
    }
    if (behaviour.signIn === 'decline') target.searchParams.set('error', 'access_denied');
    else target.searchParams.set('code', grant(ask, challenge));
    return target;
  }

  function page(url: URL, response: ServerResponse): void {
    const judged = judge(url.searchParams);
    if (judged instanceof URL) {
      response.writeHead(302, { location: judged.href, 'cache-control': 'no-store' });
      response.end();
    } else sendRefusal(response, judged.status, judged.message);
  }

  function grant(ask: URLSearchParams, challenge: string): string {
    const code = `auth_code_${randomBytes(16).toString('hex')}`;
    const limit = Number(ask.get('limit') ?? Number.NaN);
    const reset = ask.get('usage_limit_type');
    grants.set(code, {
      challenge,
      label: ask.get('key_label') ?? 'app',
      limit: Number.isFinite(limit) ? limit : null,
      limitReset: reset === 'daily' || reset === 'weekly' || reset === 'monthly' ? reset : null,
      madeAt: Date.now(),
    });
    return code;
  }

  /** The key's owner-to-be, or `null`; a code serves once, whatever came of it. */
  function redeem(body: Readonly<Record<string, unknown>>): Grant | null {
    const code = String(body['code'] ?? '');
    const found = grants.get(code);
    grants.delete(code);
    const verifier = String(body['code_verifier'] ?? '');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const fresh =
      found !== undefined && Date.now() - found.madeAt < codeLifeMs && found.challenge === challenge;
    return fresh && /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) ? found : null;
  }

  function exchange(value: unknown, response: ServerResponse): void {
    const body = recordOf(value);
    const isS256 = body['code_challenge_method'] === 'S256';
    const found = isS256 ? redeem(body) : null;
    if (!isS256) sendRefusal(response, 400, 'Invalid code_challenge_method');
    else if (found === null) sendRefusal(response, 403, 'Invalid code or code_verifier');
    else {
      const { label, limit, limitReset } = found;
      sendJson(response, 200, { key: issue({ label, limit, limitReset }).key, user_id: 'user_stand_in' });
    }
  }

  return { page, exchange };
}
