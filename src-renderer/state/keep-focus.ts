/** What goes away while it has the focus hands it on to what stands there now, so that the keyboard goes on from that place. */

/** After that every part has given the focus where it wants it, which Preact lets them do 35 ms after a change. */
const restMs = 100;
/** Where the Tab key stops; one that is disabled, hidden or inert does not take the focus when it is given it. */
const stop = ':is(a[href], button, input, select, summary, textarea, [tabindex="0"]):not([tabindex="-1"])';

const stopsIn = (place: Element) => [...place.querySelectorAll<HTMLElement>(stop)];

export function keepFocus(root: Element): void {
  let focused: HTMLElement | null = null;
  /** All that is around it, the nearest first, and the how manieth stop it is in each. */
  let around: readonly (readonly [place: Element, index: number])[] = [];

  root.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    focused = target;
    const places: [Element, number][] = [];
    for (let place = target.parentElement; place !== null; place = place.parentElement)
      places.push([place, Math.max(0, stopsIn(place).indexOf(target))]);
    around = places;
  });
  /** Who clicks beside everything wants the focus nowhere. */
  root.addEventListener('pointerdown', ({ target }) => {
    if (target instanceof Element && target.closest(stop) === null) focused = null;
  });

  const isLost = () => focused?.isConnected === false && document.activeElement === document.body;

  function handOn(): void {
    if (!isLost()) return;
    for (const [place, index] of around) {
      const stops = stopsIn(place);
      for (const next of [...stops.slice(index), ...stops.slice(0, index).reverse()]) {
        next.focus();
        if (document.activeElement === next) return;
      }
    }
  }
  new MutationObserver(() => {
    if (isLost()) setTimeout(handOn, restMs);
  }).observe(root, { childList: true, subtree: true });
}
