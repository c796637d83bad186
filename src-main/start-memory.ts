/** Gives back what the start-up took for a moment. */
import v8 from 'node:v8';
import vm from 'node:vm';

/**
 * One full collection, in the background, after which V8 goes on giving back by itself. Without one it never begins:
 * it waits for a heap that has doubled, and an app that idles stays below that for days. Node has no call for it; the
 * flag makes V8 put `gc` into contexts made from then on, and is taken back at once. Electron leaves V8's flags
 * changeable for this function (shell/browser/javascript_environment.cc, `--no-freeze-flags-after-init`).
 */
export function releaseStartMemory(): void {
  v8.setFlagsFromString('--expose-gc');
  const collect: unknown = vm.runInNewContext('gc');
  v8.setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect({ type: 'major', execution: 'async' });
}
