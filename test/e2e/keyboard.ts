/** A window driven by its keys alone, and where the focus is meanwhile: on something that is there, and that shows it. */
import type { Locator, Page } from 'playwright-core';
import { expect, vi } from 'vitest';

/** More stops of the Tab key than any view has. */
const tabStopsMax = 120;
const settleLimitMs = 10_000;

type TabKey = 'Tab' | 'Shift+Tab';

export const isFocused = (place: Locator): Promise<boolean> =>
  place.evaluate((element) => element === document.activeElement);

interface Focus {
  /** Seen from the place: on it, on something in it, or where it comes in the order of the page. */
  readonly where: 'here' | 'within' | 'before' | 'after';
  /** It shows: the ring of the style sheet, not one that only the element knows of. */
  readonly isRinged: boolean;
}

/** In one look, for a part that is rendered anew loses the focus for a moment, and is given it back. `null`: nothing has it. */
function readFocus(place: Locator): Promise<Focus | null> {
  return place.evaluate((element) => {
    const focused = document.activeElement;
    if (focused === null || focused === document.body) return null;
    const isAfter = (element.compareDocumentPosition(focused) & Node.DOCUMENT_POSITION_FOLLOWING) > 0;
    const elsewhere = element.contains(focused) ? 'within' : isAfter ? 'after' : 'before';
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(focused);
    const isRing = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    const isSeen = !/transparent|, 0\)|\/ 0\)/.test(outlineColor);
    /** A slider has it around its thumb, a date around the part that is written: nobody can ask for their style. */
    const isInside = focused.matches('input:is([type=range], [type=datetime-local])');
    return {
      where: focused === element ? 'here' : elsewhere,
      isRinged: isInside || (focused.matches(':focus-visible') && isRing && isSeen),
    };
  });
}

/** Where it is once it is somewhere: after its first stop a page has always one. */
const settledFocus = (place: Locator): Promise<Focus> =>
  vi.waitUntil(() => readFocus(place), { timeout: settleLimitMs });

/** `page`: the present one; it is another after the window was closed and opened. */
export function createKeyboard(page: () => Page) {
  const button = (name: string | RegExp) => page().getByRole('button', { name, exact: true });
  const press = (key: string) => page().keyboard.press(key);
  const type = (text: string) => page().keyboard.type(text);

  /** A step of the keyboard ends on something that is there and shows that it has the focus. */
  const expectFocus = (place: Locator): Promise<void> =>
    expect.poll(() => readFocus(place)).toEqual({ where: 'here', isRinged: true });

  /** What had the focus is gone: it is on what is left there. */
  const expectFocusIn = (place: Locator): Promise<void> =>
    expect.poll(() => readFocus(place)).toEqual({ where: 'within', isRinged: true });

  async function tabTo(place: Locator, key: TabKey = 'Tab'): Promise<void> {
    await place.waitFor();
    for (let step = 0; (await settledFocus(place)).where !== 'here'; step += 1) {
      if (step === tabStopsMax) throw new Error(`${key} does not reach ${place}`);
      await press(key);
      await expect
        .poll(() => readFocus(place), { message: `on the way to ${place}` })
        .toMatchObject({ isRinged: true });
    }
    await expectFocus(place);
  }

  /** From wherever the focus is, forward or back. */
  async function reach(place: Locator): Promise<void> {
    await place.waitFor();
    const { where } = await settledFocus(place);
    await tabTo(place, where === 'before' ? 'Tab' : 'Shift+Tab');
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
    const harmless = answer.startsWith('Cancel') ? 'Keep Going' : 'Cancel';
    const [cancel, yes] = [button(harmless), button(answer)];
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
