/** The desk the app stands on: the Chromium that shows its pages, or none, and the rules for what pages may load. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Page, Request, Route } from 'playwright-core';
import type { Chromium, Size } from './chromium.ts';

/** Decides about the requests of one page. */
export type RequestPolicy = (route: Route, request: Request) => Promise<void>;

export interface PageRules {
  readonly policy: RequestPolicy;
  /** What must be done before anything is loaded into the page. */
  readonly prepare: (page: Page) => Promise<void>;
}

/** More than a page takes to come into being on a busy machine. */
const beginningLimitMs = 15_000;

let chromium: Chromium | null = null;
const policies = new Map<Page, RequestPolicy>();
const beginning = new Set<Promise<Page>>();

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

  firstPage(size: Size, rules: PageRules): Promise<Page> {
    const standing = present();
    return begin(standing, standing.firstPage(), size, rules);
  },

  openPage(size: Size, rules: PageRules): Promise<Page> {
    const standing = present();
    return begin(standing, standing.openPage(size), size, rules);
  },

  async resizePage(page: Page, size: Size): Promise<void> {
    await chromium?.resizePage(page, size);
  },

  /**
   * A page that comes into being does so first: if Chromium goes while a binding or a script of a page is made,
   * Playwright throws where nobody can catch it (“Cannot find parent object … to create disposable”).
   */
  async close(): Promise<void> {
    const closing = chromium;
    chromium = null;
    await Promise.race([Promise.allSettled(beginning), delay(beginningLimitMs, undefined, { ref: false })]);
    await closing?.close();
  },
};

function present(): Chromium {
  if (chromium === null) throw new Error('electron stand-in: no page without a screen (chromium: null)');
  return chromium;
}

function begin(standing: Chromium, opening: Promise<Page>, size: Size, rules: PageRules): Promise<Page> {
  const begun = govern(standing, opening, size, rules).finally(() => beginning.delete(begun));
  beginning.add(begun);
  return begun;
}

/** In the Chromium that the page was asked of, also when the desk is being cleared meanwhile. */
async function govern(
  standing: Chromium,
  opening: Promise<Page>,
  size: Size,
  { policy, prepare }: PageRules,
): Promise<Page> {
  const page = await opening;
  policies.set(page, policy);
  page.on('close', () => policies.delete(page));
  await Promise.all([prepare(page), standing.resizePage(page, size)]);
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
  async (route) => {
    const opener = page === null ? null : await page.opener();
    if (page !== null && (opener === null || !policies.has(opener))) return route.continue();
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
