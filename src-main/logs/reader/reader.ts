/** The reader thread: takes requests one after another and answers each; ends with the thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { ok, type Result } from '../../contract/result.ts';
import { type Gate, Interruption } from './blocks.ts';
import { createLogEngine } from './engine.ts';
import type { FromReader, ReaderData, Request } from './protocol.ts';

/** So long may one answer take beyond its first block; then it tells how far it came. */
const sliceMs = 150;
/** Of a count, which is shown as it grows: fewer answers, and whoever steps through matches meanwhile waits no longer than this. */
const longSliceMs = 400;
/** How often the files are looked at while somebody follows them. */
const watchMs = 250;

function start(port: NonNullable<typeof parentPort>, { dir, steps }: ReaderData): void {
  const counter = new Int32Array(steps);
  let deadline = Number.POSITIVE_INFINITY;
  const gate: Gate = {
    onStep(hasProgress) {
      Atomics.add(counter, 0, 1);
      if (hasProgress && performance.now() > deadline) throw new Interruption('time is up');
    },
    startClock(isLong = false) {
      deadline = performance.now() + (isLong ? longSliceMs : sliceMs);
    },
    stopClock() {
      deadline = Number.POSITIVE_INFINITY;
    },
  };
  const engine = createLogEngine(dir, gate);
  const post = (message: FromReader): void => port.postMessage(message);
  let watch: NodeJS.Timeout | null = null;

  function setWatch(isOn: boolean): void {
    if (watch) clearInterval(watch);
    watch = null;
    if (!isOn) return;
    let last = engine.fingerprint();
    watch = setInterval(() => {
      const present = engine.fingerprint();
      if (present !== last) post({ kind: 'grew' });
      last = present;
    }, watchMs);
  }

  async function perform(request: Request): Promise<Result<unknown>> {
    switch (request.name) {
      case 'list':
        return ok(engine.list());
      case 'page':
        return engine.page(request.input);
      case 'find':
        return engine.find(request.input);
      case 'count':
        return engine.count(request.input);
      case 'export':
        return engine.export(request.input);
      case 'entry':
        return engine.entry(request.input);
      case 'highlight':
        return engine.highlight(request.input.query, request.input.texts);
      case 'watch':
        setWatch(request.input);
        return ok(null);
    }
  }

  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: Request) => {
    // From now on standing still means something: until here the thread was being started.
    Atomics.add(counter, 0, 1);
    last = last.then(async () => {
      post({ kind: 'answer', id: request.id, result: await perform(request) });
    });
  });
}

if (parentPort) start(parentPort, workerData);
