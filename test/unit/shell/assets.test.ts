import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentSecurityPolicy, createResponder, readAssets } from '../../../src-main/shell/assets.ts';

let root = '';
let respond: ReturnType<typeof createResponder>;

beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'assets-'));
  const folder = path.join(root, 'renderer');
  mkdirSync(path.join(folder, 'assets'), { recursive: true });
  writeFileSync(path.join(root, 'secret.html'), 'secret');
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(path.join(folder, 'assets', 'index-abc.js'), 'let a = 1;');
  writeFileSync(path.join(folder, 'assets', 'index-abc.js.map'), '{}');
  writeFileSync(path.join(folder, 'notes.txt'), 'no');
  symlinkSync(path.join(root, 'secret.html'), path.join(folder, 'link.html'));
  respond = createResponder(await readAssets(folder));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const get = (url: string, method = 'GET') => respond({ method, url });

describe('app://ui', () => {
  it('serves the page at / and by name, with type, length and policy', async () => {
    for (const url of ['app://ui', 'app://ui/', 'app://ui/index.html', 'app://ui/index.html?x=1#y']) {
      const response = get(url);
      expect(response.status, url).toBe(200);
      expect(await response.text()).toBe('<!doctype html>');
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('content-length')).toBe('15');
    }
  });

  it('hands the page the status of the moment as data that cannot leave its block', async () => {
    const block = '<script type="application/json" id="status">';
    const body = new TextEncoder().encode(`<p>before</p>${block}</script><p>after</p>`);
    const page = new Map([['/index.html', { contentType: 'text/html; charset=utf-8', body }]]);
    const hostile = { name: '</script><script>alert(1)</script><!-- “é”' };
    let status: unknown = null;
    const respondWith = createResponder(page, () => status);
    const read = async (method = 'GET') => {
      const response = respondWith({ method, url: 'app://ui/' });
      return { text: await response.text(), length: Number(response.headers.get('content-length')) };
    };
    expect((await read()).text).toBe(`<p>before</p>${block}</script><p>after</p>`);
    status = hostile;
    const { text, length } = await read();
    const data = text.slice(`<p>before</p>${block}`.length, text.indexOf('</script>'));
    expect(JSON.parse(data)).toEqual(hostile);
    expect(text.endsWith('</script><p>after</p>')).toBe(true);
    expect(text.match(/<\/?script/g)).toHaveLength(2);
    expect(length).toBe(Buffer.byteLength(text));
    expect(await read('HEAD')).toEqual({ text: '', length });
    status = { name: 'another' };
    expect((await read()).text).toContain('{"name":"another"}');
  });

  it('serves a script below', async () => {
    const response = get('app://ui/assets/index-abc.js');
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await response.text()).toBe('let a = 1;');
  });

  it.each([
    'app://ui/../secret.html',
    'app://ui/..%2fsecret.html',
    'app://ui/%2e%2e/secret.html',
    'app://ui/assets/../../secret.html',
    'app://ui//index.html',
    'app://ui/./assets',
    'app://ui/assets/',
    'app://ui/link.html',
    'app://ui/notes.txt',
    'app://ui/assets/index-abc.js.map',
    'app://ui/INDEX.HTML',
    'app://ui/index.html%00',
    'app://other/index.html',
    'app://ui:80/index.html',
    'app://user@elsewhere/index.html',
    'file:///index.html',
    'http://ui/index.html',
    'not a url',
  ])('has no %s', async (url) => {
    const response = get(url);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it('answers HEAD with the headers alone', async () => {
    const response = get('app://ui/index.html', 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('15');
    expect(await response.text()).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('does not take %s', (method) => {
    const response = get('app://ui/index.html', method);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it.each([
    ['a page', 'app://ui/', 'GET'],
    ['a refusal', 'app://ui/none', 'GET'],
    ['a wrong method', 'app://ui/', 'POST'],
  ])('sends the policy with %s', (_what, url, method) => {
    const { headers } = get(url, method);
    expect(headers.get('content-security-policy')).toBe(contentSecurityPolicy);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('has a policy without any exception', () => {
    expect(contentSecurityPolicy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'none'; " +
        "font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });
});
