/** A window driven by its keys alone, and where the focus is meanwhile: on something that is there, and that shows it. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** More stops of the Tab key than any view has. */
const tabStopsMax = 120;

type TabKey = 'Tab' | 'Shift+Tab';

export const isFocused = (place: Locator): Promise<boolean> =>
  place.evaluate((element) => element === document.activeElement);

/** What has the focus, and whether it shows: the ring of the style sheet, not one that only the element knows of. */
function readFocus(page: Page) {
  return page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) return null;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(activeElement);
    const isRing = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    const isSeen = !/transparent|, 0\)|\/ 0\)/.test(outlineColor);
    /** A slider has it around its thumb, a date around the part that is written: nobody can ask for their style. */
    const isWithin = activeElement.matches('input:is([type=range], [type=datetime-local])');
    return { isRinged: isWithin || (activeElement.matches(':focus-visible') && isRing && isSeen) };
  });
}

/** `page`: the present one; it is another after the window was closed and opened. */
export function createKeyboard(page: () => Page) {
  const button = (name: string | RegExp) => page().getByRole('button', { name, exact: true });
  const press = (key: string) => page().keyboard.press(key);
  const type = (text: string) => page().keyboard.type(text);

  /** A step of the keyboard ends on something that is there and shows that it has the focus. */
  async function expectFocus(place: Locator): Promise<void> {
    // In one look: a part that is rendered anew loses the focus for a moment and is given it back.
    await expect
      .poll(async () => ((await isFocused(place)) ? readFocus(page()) : 'elsewhere'))
      .toEqual({ isRinged: true });
  }

  /** What had the focus is gone: it is on what is left there. */
  async function expectFocusIn(place: Locator): Promise<void> {
    const contains = () =>
      place.evaluate(
        (element) => element !== document.activeElement && element.contains(document.activeElement),
      );
    await expect.poll(contains).toBe(true);
    expect(await readFocus(page())).toEqual({ isRinged: true });
  }

  async function tabTo(place: Locator, key: TabKey = 'Tab'): Promise<void> {
    await place.waitFor();
    for (let step = 0; !(await isFocused(place)); step += 1) {
      if (step === tabStopsMax) throw new Error(`${key} does not reach ${place}`);
      await press(key);
      expect(await readFocus(page()), `on the way to ${place}`).toEqual({ isRinged: true });
    }
    await expectFocus(place);
  }

  /** From wherever the focus is, forward or back. */
  async function reach(place: Locator): Promise<void> {
    await place.waitFor();
    const isBehind = await place.evaluate((element) => {
      const from = document.activeElement;
      return from !== null && (element.compareDocumentPosition(from) & Node.DOCUMENT_POSITION_FOLLOWING) > 0;
    });
    await tabTo(place, isBehind ? 'Shift+Tab' : 'Tab');
  }

  /** By the sidebar; the chosen item keeps the focus. */
  async function go(view: string): Promise<void> {
    const item = button(view).and(page().locator('.sidebar-item'));
    await reach(item);
    await press('Enter');
    await expect.poll(() => item.getAttribute('aria-current')).toBe('page');
    await expectFocus(item);
  }

  /** Asked before it is done: the harmless answer has the focus, and Escape gives it back; then it is done. */
  async function confirm(opener: Locator, answer: string): Promise<void> {
    const [cancel, yes] = [button('Cancel'), button(answer)];
    await reach(opener);
    await press('Enter');
    await expectFocus(cancel);
    await press('Escape');
    await expectFocus(opener);
    await press('Space');
    await expectFocus(cancel);
    await tabTo(yes, 'Shift+Tab');
    await press('Enter');
  }

  return { button, press, type, expectFocus, expectFocusIn, tabTo, reach, go, confirm };
}
