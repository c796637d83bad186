/** How V8 compiles the main process: imported first, before what it compiles. */
import v8 from 'node:v8';

/**
 * Two of V8's four ways to run a function. What is left, the interpreter and Maglev, is enough for a process that
 * waits: the passes over many bytes are WebAssembly and Node's own code, which this leaves as they are.
 * - TurboFan takes 5 MB as soon as it has compiled its first function, one that reads paths.
 * - Sparkplug keeps 2 MB of machine code for functions that ran a few times at start and never again.
 * Electron leaves V8's flags changeable (`--no-freeze-flags-after-init`, shell/browser/javascript_environment.cc).
 */
for (const flag of ['--no-opt', '--no-sparkplug']) v8.setFlagsFromString(flag);
