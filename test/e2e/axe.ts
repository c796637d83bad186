/** axe in a page, handed over once, where its builder does that with each look, and telling only what is at fault. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

/** The small one of its two builds: handing it over takes longer than the look. */
const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

export interface AxeRules {
  /** No others than these. */
  readonly only?: readonly string[];
  /** All but these. */
  readonly except?: readonly string[];
}

/** What is at fault, a line for each element. There are no frames. */
export async function axeFaults(page: Page, { only, except = [] }: AxeRules = {}): Promise<string[]> {
  const isThere = await page.evaluate(() => 'axe' in globalThis);
  if (!isThere) await page.evaluate(`${source}; undefined`);
  return page.evaluate(
    async ({ wanted, unwanted }) => {
      const { violations } = await globalThis.axe.run(document, {
        // What passed is not described: that took longer than to look.
        resultTypes: ['violations'],
        ...(wanted === null ? {} : { runOnly: { type: 'rule', values: wanted } }),
        rules: Object.fromEntries(unwanted.map((rule) => [rule, { enabled: false }])),
      });
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
      );
    },
    { wanted: only === undefined ? null : [...only], unwanted: [...except] },
  );
}

declare global {
  /** In the page, once it was handed over. */
  var axe: typeof import('axe-core');
}
