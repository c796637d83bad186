/** `node --import test/stand-ins/electron/register.ts dist/main/main.cjs`: `electron` resolves to the stand-in. */
import { registerHooks } from 'node:module';

const url = new URL('./index.ts', import.meta.url).href;
const electronNames: ReadonlySet<string> = new Set(['electron', 'electron/main', 'electron/common']);

registerHooks({
  resolve: (specifier, context, next) =>
    electronNames.has(specifier)
      ? { url, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});
