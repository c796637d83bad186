/** The desk the app stands on: the Chromium that shows its pages, or none, and the rules for what pages may load. */
import type { Page, Request, Route } from 'playwright-core';
import type { Chromium, Size } from './chromium.ts';
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

  async firstPage(size: Size, policy: RequestPolicy): Promise<Page> {
    return govern(await present().firstPage(size), policy);
  },

  async openPage(size: Size, policy: RequestPolicy): Promise<Page> {
    return govern(await present().openPage(size), policy);
  },

  async resizePage(page: Page, size: Size): Promise<void> {
    await chromium?.resizePage(page, size);
  },

  async close(): Promise<void> {
    const closing = chromium;
    chromium = null;
    await closing?.close();
  },
};

function present(): Chromium {
  if (chromium === null) throw new Error('electron stand-in: no page without a screen (chromium: null)');
  return chromium;
}

function govern(page: Page, policy: RequestPolicy): Page {
  policies.set(page, policy);
  page.on('close', () => policies.delete(page));
  return page;
}

/**
 * Never rejects: an error in here is the stand-in's or of a page that has gone, and must not reach the app's own
 * handler for unhandled rejections.
 */
async function decide(route: Route, request: Request): Promise<void> {
  const page = pageOf(request);
  try {
    await (policyOf(page) ?? passOrBlock(page))(route, request);
  } catch (error) {
    if (page?.isClosed() !== false) return;
    console.error(`electron stand-in: ${request.url()} was not served.`, error);
    await route.abort('failed').catch(() => {});
  }
}

const policyOf = (page: Page | null) => (page === null ? undefined : policies.get(page));

/** Pages of another CDP client in the same Chromium are none of our business; those that ours open load nothing. */
const passOrBlock =
  (page: Page | null): RequestPolicy =>
  async (route, request) => {
    const opener = page === null ? null : await page.opener();
    if (page !== null && (opener === null || !policies.has(opener))) return route.continue();
    blocked.add({ url: request.url(), kind: 'window' });
    return route.abort('blockedbyclient');
  };

/** Null for the first navigation of a page that is only coming into being: one that another page opens. */
function pageOf(request: Request): Page | null {
  try {
    return request.frame().page();
  } catch {
    return null;
  }
}
