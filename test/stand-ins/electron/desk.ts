/** The desk the app stands on: the Chromium that shows its pages, or none, and the rules for what pages may load. */
import type { Page, Request, Route } from 'playwright-core';
import type { Chromium } from './chromium.ts';
import { blocked } from './recorder.ts';

/** Decides about the requests of one page. */
export type RequestPolicy = (route: Route, request: Request) => Promise<void>;

let chromium: Chromium | null = null;
const policies = new Map<Page, RequestPolicy>();

export const desk = {
  async stand(next: Chromium): Promise<void> {
    chromium = next;
    await next.context.route('**/*', decide);
  },

  get cdp(): string | null {
    return chromium?.cdp ?? null;
  },

  get hasScreen(): boolean {
    return chromium !== null;
  },

  async openPage(size: { width: number; height: number }, policy: RequestPolicy): Promise<Page> {
    if (chromium === null) throw new Error('electron stand-in: no window without a screen (chromium: null)');
    const page = await chromium.openPage(size);
    policies.set(page, policy);
    page.on('close', () => policies.delete(page));
    return page;
  },

  async resizePage(page: Page, size: { width: number; height: number }): Promise<void> {
    await chromium?.resizePage(page, size);
  },

  async close(): Promise<void> {
    const closing = chromium;
    chromium = null;
    await closing?.close();
  },
};

/** Pages of another CDP client in the same Chromium are none of our business. */
async function decide(route: Route, request: Request): Promise<void> {
  const page = pageOf(request);
  const policy = page === null ? undefined : policies.get(page);
  if (policy !== undefined) return policy(route, request);
  const opener = page === null ? null : await page.opener();
  if (page !== null && (opener === null || !policies.has(opener))) return route.continue();
  blocked.add({ url: request.url(), kind: 'window' });
  return route.abort('blockedbyclient');
}

/** Null for the first navigation of a page that is only coming into being: one that another page opens. */
function pageOf(request: Request): Page | null {
  try {
    return request.frame().page();
  } catch {
    return null;
  }
}
