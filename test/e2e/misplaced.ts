/** What of a page does not stand where it should, by geometry: outside, cut off, or over something else. */
import type { Page } from 'playwright-core';

export function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const main = document.querySelector('main');
    if (main === null) throw new Error('There is no main.');
    const describe = (element: Element) => element.outerHTML.replaceAll(/\s+/g, ' ').slice(0, 120);
    /** A fraction of a pixel is rounding. */
    const slackPx = 1.01;

    for (const box of [document.documentElement, main])
      if (box.scrollWidth > box.clientWidth) found.push(`scrolls sideways: ${describe(box)}`);
    if (document.documentElement.scrollHeight > innerHeight) found.push('the whole window scrolls');

    const hidden = '.visually-hidden, [aria-hidden=true], [inert]';
    const isSeen = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true }) && element.closest(hidden) === null;
    /** The lines of a log may be longer than the view: they scroll, or are wrapped, as the person says. */
    const scrollsSideways = (element: Element) => {
      const { overflowX } = getComputedStyle(element);
      return overflowX === 'auto' || overflowX === 'scroll';
    };
    const isInScroller = (element: Element) => {
      for (let box: Element | null = element; box !== null && box !== main; box = box.parentElement)
        if (scrollsSideways(box)) return true;
      return false;
    };

    const content = main.getBoundingClientRect();
    const elements = [...main.querySelectorAll('*')].filter(isSeen);
    for (const element of elements) {
      if (isInScroller(element)) continue;
      const { left, right, width, height } = element.getBoundingClientRect();
      if (width === 0 || height === 0) continue;
      if (left < content.left - slackPx || right > content.right + slackPx)
        found.push(`outside: ${describe(element)}`);
    }

    /** Cut by an ancestor that hides what does not fit and cannot be scrolled. */
    const controls = elements.filter((element) =>
      element.matches('button, input, select, summary, a, [role=switch], [role=tab]'),
    );
    for (const control of controls) {
      const own = control.getBoundingClientRect();
      for (let box = control.parentElement; box !== null && box !== main; box = box.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(box);
        const outer = box.getBoundingClientRect();
        const isCutX =
          /hidden|clip/.test(overflowX) &&
          (own.left < outer.left - slackPx || own.right > outer.right + slackPx);
        const isCutY =
          /hidden|clip/.test(overflowY) &&
          (own.top < outer.top - slackPx || own.bottom > outer.bottom + slackPx);
        if (isCutX || isCutY) found.push(`cut: ${describe(control)}`);
        if (/auto|scroll/.test(overflowX + overflowY)) break;
      }
    }

    /** Words that do not fit: unless an ellipsis says so, and the whole is to be had. */
    for (const element of elements) {
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
      );
      if (!hasText) continue;
      const { overflowX, overflowY, textOverflow, webkitLineClamp } = getComputedStyle(element);
      const isTooWide = element.scrollWidth > element.clientWidth + slackPx && /hidden|clip/.test(overflowX);
      const isTooHigh =
        element.scrollHeight > element.clientHeight + slackPx &&
        /hidden|clip/.test(overflowY) &&
        webkitLineClamp === 'none';
      if ((isTooWide && textOverflow !== 'ellipsis') || isTooHigh)
        found.push(`words cut: ${describe(element)}`);
    }

    /** One over the other, where neither holds the other. What sticks to an edge lies over what scrolls below it. */
    const isStuck = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).position === 'sticky' || isStuck(element.parentElement));
    /** What is scrolled out of a list or pane is over nothing. */
    const shownPartOf = (control: Element) => {
      let { left, right, top, bottom } = control.getBoundingClientRect();
      for (let box = control.parentElement; box !== null && box !== main; box = box.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(box);
        const outer = box.getBoundingClientRect();
        if (/auto|scroll/.test(overflowX))
          [left, right] = [Math.max(left, outer.left), Math.min(right, outer.right)];
        if (/auto|scroll/.test(overflowY))
          [top, bottom] = [Math.max(top, outer.top), Math.min(bottom, outer.bottom)];
      }
      return { left, right, top, bottom };
    };
    const places = controls
      .filter((control) => !isStuck(control))
      .map((control) => ({ control, box: shownPartOf(control) }))
      .filter(({ box }) => box.right - box.left > 1 && box.bottom - box.top > 1);
    for (const [index, one] of places.entries()) {
      for (const other of places.slice(index + 1)) {
        if (one.control.contains(other.control) || other.control.contains(one.control)) continue;
        const overlapX = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const overlapY = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (overlapX > slackPx && overlapY > slackPx)
          found.push(`over another: ${describe(one.control)} and ${describe(other.control)}`);
      }
    }
    return [...new Set(found)];
  });
}
