/** Words and edges of controls that hardly stand out from their ground, by the contrast ratio of WCAG 2. */
import type { Page } from 'playwright-core';

export interface Contrasts {
  readonly words: number;
  readonly edges: number;
}

/** Much faster than axe, which looks at each point of a page: for what must hold of many pages in many schemes. */
export function faint(page: Page, least: Contrasts): Promise<string[]> {
  return page.evaluate(({ words, edges }) => {
    type Colour = readonly number[];
    const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('There is no canvas.');
    const over = (colour: string, ground: Colour, opacity = 1): Colour => {
      context.globalAlpha = 1;
      context.fillStyle = `rgb(${ground.join(' ')})`;
      context.fillRect(0, 0, 1, 1);
      context.globalAlpha = opacity;
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    const known = new Map<Element, Colour>();
    const groundOf = (element: Element | null): Colour => {
      if (element === null) return [255, 255, 255];
      const found =
        known.get(element) ??
        over(getComputedStyle(element).backgroundColor, groundOf(element.parentElement));
      known.set(element, found);
      return found;
    };
    const opacityOf = (element: Element | null): number =>
      element === null ? 1 : Number(getComputedStyle(element).opacity) * opacityOf(element.parentElement);
    const luminance = (colour: Colour) =>
      colour
        .map((part) => (part <= 10 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * ([0.2126, 0.7152, 0.0722][index] ?? 0), 0);
    const ratio = (one: Colour, other: Colour) => {
      const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
      return (high + 0.05) / (low + 0.05);
    };
    const describe = (element: Element) => element.outerHTML.replaceAll(/\s+/g, ' ').slice(0, 120);
    const isSeen = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true }) &&
      element.closest('.visually-hidden, :disabled, [aria-disabled=true]') === null &&
      element.getBoundingClientRect().width > 1;

    const hasText = (element: Element) =>
      [...element.childNodes].some(
        ({ nodeType, textContent }) => nodeType === Node.TEXT_NODE && textContent?.trim() !== '',
      );
    const texts = [...document.body.querySelectorAll('*')].filter(
      (element) => hasText(element) && isSeen(element),
    );
    const faintWords = texts.flatMap((element) => {
      const ground = groundOf(element);
      const found = ratio(over(getComputedStyle(element).color, ground, opacityOf(element)), ground);
      return found >= words ? [] : [`words ${found.toFixed(2)}: ${describe(element)}`];
    });

    const controls = [...document.querySelectorAll('main :is(.button, input, select, [role=switch])')].filter(
      (element) => isSeen(element) && !element.matches('[type=checkbox], [type=radio], [type=range]'),
    );
    const faintEdges = controls.flatMap((element) => {
      const around = groundOf(element.parentElement);
      const { borderTopColor, borderTopStyle, borderTopWidth } = getComputedStyle(element);
      const hasEdge = borderTopStyle !== 'none' && Number.parseFloat(borderTopWidth) > 0;
      const edge = hasEdge ? ratio(over(borderTopColor, around), around) : 1;
      const found = Math.max(edge, ratio(groundOf(element), around));
      return found >= edges ? [] : [`edge ${found.toFixed(2)}: ${describe(element)}`];
    });
    return [...new Set([...faintWords, ...faintEdges])];
  }, least);
}
