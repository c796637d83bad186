/** What goes away while it has the focus hands it on to what stands there now, so that the keyboard goes on from that place. */

/** After that every part has given the focus where it wants it, which Preact lets them do 35 ms after a change. */
const restMs = 100;
const focusable = ':is(button, input, select, summary, [tabindex="0"]):not(:disabled)';

const stopsIn = (place: Element): HTMLElement[] =>
  [...place.querySelectorAll<HTMLElement>(focusable)].filter((each) => each.checkVisibility());

export function keepFocus(root: Element): void {
  /** Which has the focus, and the how manieth stop it is in all that is around it. */
  let focused: Element | null = null;
  let around: (readonly [place: Element, index: number])[] = [];
  let timer = 0;

  root.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    focused = target;
    around = [];
    for (let place = target.parentElement; place !== null; place = place.parentElement)
      around.push([place, stopsIn(place).indexOf(target)]);
  });
  /** Who clicks beside everything wants the focus nowhere. */
  root.addEventListener('pointerdown', () => {
    focused = null;
  });

  function handOn(): void {
    if (document.activeElement !== document.body || focused?.isConnected !== false) return;
    for (const [place, index] of around) {
      const stops = place.isConnected ? stopsIn(place) : [];
      stops[Math.max(0, Math.min(index, stops.length - 1))]?.focus();
      if (stops.length > 0) return;
    }
  }
  new MutationObserver(() => {
    if (focused?.isConnected !== false) return;
    clearTimeout(timer);
    timer = setTimeout(handOn, restMs);
  }).observe(root, { childList: true, subtree: true });
}
