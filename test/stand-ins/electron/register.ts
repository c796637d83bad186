/** `node --import test/stand-ins/electron/register.ts dist/main/main.cjs`: `electron` and `keytar` resolve to stand-ins. */
import { enableCompileCache, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A quarter of what a launch costs is the reading of programs. */
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/stand-ins', import.meta.url)));

const url = new URL('./index.ts', import.meta.url).href;
const keytarUrl = new URL('./keytar.ts', import.meta.url).href;
const electronNames: ReadonlySet<string> = new Set(['electron', 'electron/main', 'electron/common']);

registerHooks({
  resolve(specifier, context, next) {
    if (electronNames.has(specifier)) return { url, format: 'module-typescript', shortCircuit: true };
    if (specifier === 'keytar' && context.parentURL !== keytarUrl) {
      return { url: keytarUrl, format: 'module-typescript', shortCircuit: true };
    }
    return next(specifier, context);
  },
});
