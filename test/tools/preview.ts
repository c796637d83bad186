/** `npm run preview`: the app without a Mac. Prints one line of JSON when it is ready, and ends as a user would end it. */
import { parsePreviewOptions } from './preview-options.ts';
import { hintOf, type PreviewSession, startPreviewSession } from './preview-session.ts';

/** After a second signal the app cuts every grace short; longer than this is forced. */
const forceLimitMs = 5_000;
const parentCheckMs = 1_000;

/** Exit code. */
async function preview(): Promise<number> {
  const options = parsePreviewOptions(process.argv.slice(2));
  if (!options.ok) return refuse(hintOf(options.error), 2);
  const started = await startPreviewSession(options.value);
  if (!started.ok) return refuse(hintOf(started.error), 1);
  const session = started.value;
  const signals = forwardSignals(session);
  followNpm(() => signals.quit('SIGTERM'));
  try {
    const ready = await session.waitUntilReady();
    if (ready.ok) {
      process.stdout.write(`${JSON.stringify(ready.value)}\n`);
    } else if (!signals.received()) {
      process.stderr.write(`${hintOf(ready.error)}\n`);
      await session.stop();
      return 1;
    }
    const { code, signal } = await session.app.exited;
    return code ?? (signal === null ? 1 : 128);
  } finally {
    await session.dispose();
  }
}

function refuse(sentence: string, code: number): number {
  process.stderr.write(`${sentence}\n`);
  return code;
}

/** The first signal quits, the next ones force; the app decides how. */
function forwardSignals({ app }: PreviewSession) {
  let count = 0;
  const quit = (signal: NodeJS.Signals) => {
    count += 1;
    app.child.kill(signal);
    if (count === 2) setTimeout(() => app.child.kill('SIGKILL'), forceLimitMs).unref();
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => quit(signal));
  return { quit, received: () => count > 0 };
}

/** npm does not always pass signals on, and cannot when it is killed: without it the preview has no owner. */
function followNpm(quit: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    quit();
  }, parentCheckMs);
  timer.unref();
}

process.exitCode = await preview();
process.exit();
