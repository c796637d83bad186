/** What goes away while it has the focus, in the built window: where the focus is then. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { moment, snapshots } from '../unit/status/snapshots.ts';
import { useFakeBridge } from './fake-bridge.ts';
import type { OpenOptions } from './renderer-fixture.ts';

const open = useFakeBridge();
let page: Page;

/** A window that has this in its view too, before all else. */
async function place(html: string, options: OpenOptions = {}): Promise<void> {
  ({ page } = await open(snapshots.healthy, options));
  await page.evaluate((text) => {
    const probe = document.createElement('section');
    probe.innerHTML = text;
    document.querySelector('main')?.prepend(probe);
  }, html);
}

const focusedId = () => page.evaluate(() => document.activeElement?.id ?? '');

/** As a render does: at once, whatever has the focus meanwhile. */
const change = (selector: string, html = '') =>
  page.evaluate(
    ([what, text]) => {
      const gone = document.querySelector(what ?? '');
      if (gone !== null) gone.outerHTML = text ?? '';
    },
    [selector, html],
  );

const row = (id: string) => `<p id="row-${id}"><button id="${id}">${id}</button></p>`;

it.each([
  ['a button', '<button id="next">next</button>'],
  ['a link', '<a id="next" href="#next">next</a>'],
  ['a text of several lines', '<textarea id="next"></textarea>'],
  ['a field', '<input id="next">'],
  ['a pop-up', '<select id="next"><option>1</option></select>'],
  ['what unfolds', '<details><summary id="next">next</summary></details>'],
  ['what scrolls', '<pre id="next" tabindex="0">next</pre>'],
])('%s that stands there now has it', async (_what, html) => {
  await place(`${row('before')}<p>${row('gone')}</p>${row('after')}`);
  await page.locator('#gone').focus();
  await change('#gone', html);
  await expect.poll(focusedId).toBe('next');
});

it.each([
  ['a link', '<a id="gone" href="#gone">gone</a>'],
  ['a text of several lines', '<textarea id="gone"></textarea>'],
])('%s that goes away hands it on from its own place', async (_what, html) => {
  await place(`${row('before')}${html}${row('after')}`);
  await page.locator('#gone').focus();
  await change('#gone');
  await expect.poll(focusedId).toBe('after');
});

it('a row that goes away hands it to the next one, the last to the one before, all of them to what is around', async () => {
  await place(`<div id="list">${row('one')}${row('two')}${row('three')}</div>${row('around')}`);
  await page.locator('#two').focus();
  await change('#row-two');
  await expect.poll(focusedId).toBe('three');
  await change('#row-three');
  await expect.poll(focusedId).toBe('one');
  await change('#list');
  await expect.poll(focusedId).toBe('around');
});

it('passes over what cannot have it', async () => {
  const unfit = [
    '<button disabled>disabled</button>',
    '<button hidden>hidden</button>',
    '<button tabindex="-1">by arrows only</button>',
    '<div inert><button>behind</button></div>',
    '<details><summary tabindex="-1">folded</summary><button>within</button></details>',
  ];
  await place(`${row('gone')}${unfit.join('')}${row('next')}`);
  await page.locator('#gone').focus();
  await change('#row-gone');
  await expect.poll(focusedId).toBe('next');
});

it('also while the page goes on changing', async () => {
  await place(`<ol id="lines"></ol>${row('gone')}${row('next')}`);
  await page.locator('#gone').focus();
  await page.evaluate(() => {
    const lines = document.querySelector('#lines');
    setInterval(() => lines?.append(document.createElement('li')), 10);
  });
  await change('#row-gone');
  await expect.poll(focusedId).toBe('next');
});

it('a click on what has it already leaves it there', async () => {
  await place(`${row('one')}${row('two')}`);
  await page.locator('#one').focus();
  await page.locator('#one').click();
  await change('#row-one');
  await expect.poll(focusedId).toBe('two');
});

it('is given to nothing after a click beside everything', async () => {
  await place(`<p>beside</p>${row('one')}${row('two')}`, { now: moment });
  await page.locator('#one').focus();
  await page.getByText('beside', { exact: true }).click();
  await change('#row-one');
  await page.clock.runFor(1000);
  expect(await focusedId()).toBe('');
});

it('is not taken from where a part gave it', async () => {
  await place(`${row('gone')}${row('next')}${row('given')}`, { now: moment });
  await page.locator('#gone').focus();
  await change('#row-gone');
  await page.locator('#given').focus();
  await page.clock.runFor(1000);
  expect(await focusedId()).toBe('given');
});
