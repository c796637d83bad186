/** Standard output and error as a Python program writes them: blocking, and stdout in blocks unless unbuffered. */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** CPython's `io.DEFAULT_BUFFER_SIZE`. */
const STDOUT_BLOCK_BYTES = 8192;
const RETRY_WHEN_FULL_MS = 2;

const pause = new Int32Array(new SharedArrayBuffer(4));

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Blocks while the reader is slow, as a print does; a reader that is gone costs nothing. */
export function writeFully(fd: number, bytes: Uint8Array): boolean {
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') return false;
      Atomics.wait(pause, 0, 0, RETRY_WHEN_FULL_MS);
    }
  }
  return true;
}

export interface PythonOutput {
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
  readonly flush: () => void;
}

/** Without `PYTHONUNBUFFERED` a piped stdout reaches its reader in blocks, and a killed process loses the rest. */
export function createPythonOutput(env: NodeJS.ProcessEnv): PythonOutput {
  const blocks = !isatty(1) && !env['PYTHONUNBUFFERED'];
  let held = '';
  const flush = () => {
    if (held === '') return;
    const bytes = Buffer.from(held);
    held = '';
    writeFully(1, bytes);
  };
  return {
    print: (line) => {
      held += `${line}\n`;
      if (!blocks || Buffer.byteLength(held) >= STDOUT_BLOCK_BYTES) flush();
    },
    printError: (line) => {
      writeFully(2, Buffer.from(`${line}\n`));
    },
    flush,
  };
}

/** Ends as a Python interpreter does: what stdout still holds is written first. */
export function exitPython(output: PythonOutput, code: number): never {
  output.flush();
  process.exit(code);
}

export function printTraceback(output: PythonOutput, program: string, error: string): void {
  output.printError('Traceback (most recent call last):');
  output.printError(`  File "${program}", line 8, in <module>`);
  output.printError('    sys.exit(main())');
  output.printError('             ^^^^^^');
  output.printError(error);
}
