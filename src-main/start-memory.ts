/** Gives back what a start took for a moment: the app's own, and each time that servers have come up. */
import v8 from 'node:v8';
import vm from 'node:vm';
import type { ServiceState, Snapshot } from './contract/status.ts';
import type { StatusStore } from './status/store.ts';

/** From when nothing is under way any more until the memory is given back. */
export const startSettlesMs = 3_000;

const isUnderWay: Record<ServiceState, boolean> = {
  stopped: false,
  waiting: true,
  starting: true,
  healthy: false,
  degraded: false,
  unresponsive: false,
  stopping: true,
  'backing-off': true,
  failed: false,
};

const isSettled = ({ app, services }: Snapshot) =>
  app.phase === 'running' && services.every(({ state }) => !isUnderWay[state]);

/** Once each time that all which is wanted has come up, or has given up. */
export function releaseWhenSettled(
  status: Pick<StatusStore, 'subscribe'>,
  release: () => void = releaseStartMemory,
): void {
  let timer: NodeJS.Timeout | null = null;
  let isReleased = false;

  function look(snapshot: Snapshot): void {
    if (!isSettled(snapshot)) {
      if (timer) clearTimeout(timer);
      timer = null;
      isReleased = false;
      return;
    }
    if (isReleased || timer) return;
    timer = setTimeout(() => {
      timer = null;
      isReleased = true;
      release();
    }, startSettlesMs).unref();
  }

  look(status.subscribe((_change, present) => look(present)).snapshot);
}

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
