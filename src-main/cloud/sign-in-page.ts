/** The one page that the browser sees after the sign-in: a sentence, and nothing that could run or load. */
import { createHash } from 'node:crypto';

const style =
  'body{font:16px/1.5 -apple-system,system-ui,sans-serif;max-width:32em;margin:20vh auto;padding:0 2em;color-scheme:light dark}h1{font-size:1.25em}';
const styleHash = createHash('sha256').update(style).digest('base64');

export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
  connection: 'close',
};

const escaped = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

export function page(title: string, sentence: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>MLX Stack</title><style>${style}</style><h1>${escaped(title)}</h1><p>${escaped(sentence)}</p></html>`;
}
