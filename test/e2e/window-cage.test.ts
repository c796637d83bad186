/** What the page of the shipped bundle cannot do in a real Chromium, were a script of somebody else to run in it. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Preview, startPreview } from './harness.ts';

let preview: Preview;
let page: Page;
let connections = 0;
const outside = net.createServer((socket) => {
  connections += 1;
  socket.destroy();
});
/** Electron asks before a window comes into being; the stand-in closes one that may have asked for its address by then. */
const notCounted = net.createServer((socket) => socket.destroy());
let address = '';
let addressOfWindow = '';

beforeAll(async () => {
  [address, addressOfWindow] = await Promise.all([listen(outside), listen(notCounted)]);
  preview = await startPreview();
  page = await preview.window();
});
afterAll(async () => {
  outside.close();
  notCounted.close();
  await preview?.stop();
});

async function listen(server: net.Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('it listens on no port');
  return `127.0.0.1:${bound.port}`;
}

const appLog = () => readFileSync(path.join(preview.ready.home, 'logs/mlx-stack.app.log'), 'utf8');

describe('the page', () => {
  it('reaches nothing, runs nothing and embeds nothing that is not its own: its policy stops each attempt', async () => {
    const stoppedBy = await page.evaluate(async (host) => {
      const url = `http://${host}/`;
      const add = (tag: string, properties: Record<string, string>) => {
        const element = Object.assign(document.createElement(tag), properties);
        document.body.append(element);
        return element;
      };
      const attempts: Record<string, () => unknown> = {
        fetch: () => fetch(url).catch(() => {}),
        XMLHttpRequest: () => {
          const request = new XMLHttpRequest();
          request.open('GET', url);
          request.send();
        },
        WebSocket: () => new WebSocket(`ws://${host}/`),
        EventSource: () => new EventSource(url),
        sendBeacon: () => navigator.sendBeacon(url, 'x'),
        image: () => add('img', { src: url }),
        script: () => add('script', { src: url }),
        'script in the page': () => add('script', { textContent: 'globalThis.hasRun = true' }),
        'style in the page': () => add('style', { textContent: 'body { display: none }' }),
        'style from outside': () => add('link', { rel: 'stylesheet', href: url }),
        frame: () => add('iframe', { src: url }),
        object: () => add('object', { data: url }),
        video: () => add('video', { src: url }),
        font: () => new FontFace('other', `url(${url})`).load().catch(() => {}),
        worker: () => {
          try {
            return new Worker(URL.createObjectURL(new Blob(['1'])));
          } catch {
            return null;
          }
        },
        form: () => {
          const form = document.createElement('form');
          form.action = url;
          document.body.append(form);
          form.submit();
        },
        base: () => add('base', { href: url }),
      };
      const stopped: Record<string, string> = {};
      for (const [name, attempt] of Object.entries(attempts)) {
        stopped[name] = await new Promise<string>((resolve) => {
          document.addEventListener(
            'securitypolicyviolation',
            ({ effectiveDirective }) => resolve(effectiveDirective),
            { once: true },
          );
          attempt();
        });
      }
      return { ...stopped, ran: String(Reflect.get(globalThis, 'hasRun')) };
    }, address);
    expect(stoppedBy).toEqual({
      fetch: 'connect-src',
      XMLHttpRequest: 'connect-src',
      WebSocket: 'connect-src',
      EventSource: 'connect-src',
      sendBeacon: 'connect-src',
      image: 'img-src',
      script: 'script-src-elem',
      'script in the page': 'script-src-elem',
      'style in the page': 'style-src-elem',
      'style from outside': 'style-src-elem',
      frame: 'frame-src',
      object: 'object-src',
      video: 'media-src',
      font: 'font-src',
      worker: 'worker-src',
      form: 'form-action',
      base: 'base-uri',
      ran: 'undefined',
    });
    expect(connections).toBe(0);
  });

  it('opens no window and goes nowhere: the app refuses, and says so in its log', async () => {
    const before = page.url();
    const pages = () => page.context().pages().length;
    const pagesBefore = pages();
    await page.evaluate((host) => void window.open(`http://${host}/`), addressOfWindow);
    await expect.poll(appLog).toContain('Refused: the page tried to open a window.');
    await expect.poll(pages).toBe(pagesBefore);
    await page.evaluate((host) => location.assign(`http://${host}/`), address);
    await expect.poll(appLog).toContain('Refused: the page tried to navigate');
    expect(page.url()).toBe(before);
    expect(connections).toBe(0);
  });

  it('has no Node, and of the app two functions', async () => {
    expect(
      await page.evaluate(() =>
        ['require', 'process', 'module'].map((name) => typeof Reflect.get(globalThis, name)),
      ),
    ).toEqual(['undefined', 'undefined', 'undefined']);
    expect(await page.evaluate(() => Object.keys(Reflect.get(globalThis, 'mlxStack')).toSorted())).toEqual([
      'call',
      'on',
    ]);
  });
});
