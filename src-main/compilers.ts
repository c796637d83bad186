/** Which of V8's four ways to run a function the main process uses. */
import v8 from 'node:v8';

/**
 * What is left without them, the interpreter and Maglev, is enough for a process that waits: the passes over many bytes
 * are WebAssembly and Node's own code, which this leaves as they are.
 * - TurboFan (`opt`) takes 5 MB as soon as it has compiled its first function, one that reads paths.
 * - Sparkplug keeps 2 MB of machine code for functions that ran a few times at start and never again.
 * Electron leaves V8's flags changeable (`--no-freeze-flags-after-init`, shell/browser/javascript_environment.cc).
 */
const large = ['opt', 'sparkplug'] as const;

export function leaveOutLargeCompilers(): void {
  for (const name of large) v8.setFlagsFromString(`--no-${name}`);
}

/** For a process that hands on thousands of parts a second: there they halve the work. */
export function useAllCompilers(): void {
  for (const name of large) v8.setFlagsFromString(`--${name}`);
}
