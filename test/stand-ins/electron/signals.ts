/** SIGTERM, SIGINT and SIGHUP as Electron treats them: the first quits, the next kills, a JS listener takes over. */

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export function quitOnSignals(quit: () => void): void {
  for (const signal of signals) {
    /** Once: Electron resets the handler to the default, so that a second signal kills. */
    const onSignal = () => {
      process.off(signal, onSignal);
      quit();
    };
    process.on(signal, onSignal);
    /**
     * Electron's handler is native: as soon as JS listens, libuv's replaces it. Taken away only after the new one is
     * in place: with its last listener gone, Node would give the signal back to the system for good.
     */
    process.on('newListener', (name, listener) => {
      if (name === signal && listener !== onSignal) queueMicrotask(() => process.off(signal, onSignal));
    });
  }
}
