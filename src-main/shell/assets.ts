/** The window's few files as a fixed map, served with a strict policy. Plain Node: no electron here. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export const appScheme = 'app';
const host = 'ui';
export const appOrigin = `${appScheme}://${host}`;
const indexPath = '/index.html';
export const indexUrl = `${appOrigin}${indexPath}`;

/** The window talks to nobody: all data comes with the page or over IPC. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'none'",
  "font-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * No Cross-Origin-Opener-Policy: nothing can open the window and it can open nothing, and Chromium ends the process that
 * it has for the page and starts another one as soon as it reads that header.
 */
const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
};

/** Only these are served; anything else in the folder, source maps for instance, is not there. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

export interface Asset {
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export type Assets = ReadonlyMap<string, Asset>;

/** Every servable file of the folder by its path in a URL. Links are not followed. */
export async function readAssets(folder: string): Promise<Assets> {
  const assets = new Map<string, Asset>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const contentType = contentTypes[path.extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const file = path.join(entry.parentPath, entry.name);
    const urlPath = `/${path.relative(folder, file).split(path.sep).join('/')}`;
    assets.set(urlPath, { contentType, body: new Uint8Array(await readFile(file)) });
  }
  return assets;
}

/**
 * Looks the exact path up; nothing is joined, decoded or searched for, so nothing can be reached around it. `readStatus`
 * gives what the page is to show at once; `null`: the page has to ask.
 */
export function createResponder(
  assets: Assets,
  readStatus: () => unknown = () => null,
): (request: Pick<Request, 'method' | 'url'>) => Response {
  const page = assets.get(indexPath);
  const pageWith = page === undefined ? null : statusInserter(page.body);
  return ({ method, url }) => {
    if (method !== 'GET' && method !== 'HEAD') return refuse(405, { Allow: 'GET, HEAD' });
    const asset = assets.get(pathOf(url) ?? '');
    if (asset === undefined) return refuse(404);
    const body = asset === page && pageWith !== null ? pageWith(readStatus()) : asset.body;
    const headers = {
      ...securityHeaders,
      'Content-Type': asset.contentType,
      'Content-Length': String(body.byteLength),
    };
    return new Response(method === 'HEAD' ? null : body, { status: 200, headers });
  };
}

/** A block of data in the page: never run, so the policy need not allow it. */
const statusBlock = '<script type="application/json" id="status">';

/** `null` when the page has no place for it. */
function statusInserter(page: Uint8Array): ((status: unknown) => Uint8Array<ArrayBuffer>) | null {
  const text = new TextDecoder().decode(page);
  const found = text.indexOf(statusBlock);
  if (found < 0) return null;
  const at = found + statusBlock.length;
  const encoder = new TextEncoder();
  /** Nothing in the data may end the block. */
  return (status) => {
    const data = status === null ? '' : JSON.stringify(status).replaceAll('<', '\\u003c');
    return encoder.encode(text.slice(0, at) + data + text.slice(at));
  };
}

function pathOf(url: string): string | null {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.protocol !== `${appScheme}:` || parsed.host !== host) return null;
  return parsed.pathname === '/' || parsed.pathname === '' ? indexPath : parsed.pathname;
}

function refuse(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { ...securityHeaders, ...headers } });
}
