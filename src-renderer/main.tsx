/** Starts the window: reads the status first, so that the first paint already shows it. */
import { render } from 'preact';
import { App } from './app.tsx';
import type { Bridge } from './bridge.ts';
import { connect, StoreContext } from './state/store.ts';

declare global {
  interface Window {
    readonly mlxStack: Bridge;
  }
}

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no #app.');

const store = connect(window.mlxStack);
void store.firstRead.then(() => {
  render(
    <StoreContext.Provider value={store}>
      <App />
    </StoreContext.Provider>,
    root,
  );
});
