/** Starts the window: the first paint already shows the status, which comes with the page. */
import { render } from 'preact';
import { App } from './app.tsx';
import type { Bridge, Snapshot } from './bridge.ts';
import { keepFocus } from './state/keep-focus.ts';
import { connect, StoreContext } from './state/store.ts';
import { loadOthers } from './views/later.tsx';

declare global {
  interface Window {
    readonly mlxStack: Bridge;
  }
}

const store = connect(window.mlxStack, statusInPage());
if (store.snapshot.peek() === null) void store.follow().then(start);
else {
  start();
  whenIdle(() => void store.follow());
}

/** `null` where the page was served without it. */
function statusInPage(): Snapshot | null {
  const text = document.getElementById('status')?.textContent ?? '';
  return text === '' ? null : JSON.parse(text);
}

function start(): void {
  const root = document.getElementById('app');
  if (root === null) throw new Error('The page has no #app.');
  render(
    <StoreContext.Provider value={store}>
      <App />
    </StoreContext.Provider>,
    root,
  );
  keepFocus(root);
  whenIdle(() => void loadOthers());
}

/** After the first paint. */
function whenIdle(then: () => void): void {
  requestIdleCallback(then, { timeout: 1_000 });
}
