/** Faults that concern the whole process: crashes, stray children, floods of output, a stopped process. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitPython, type PythonOutput, writeFully } from './python-output.ts';
import type { Flood } from './switches.ts';

/** A grandchild that nobody ends goes by itself. */
const GRANDCHILD_LIFE_SECONDS = 600;
const FLOOD_CHUNK_BYTES = 256 * 1024;
const FLOOD_LINE_BYTES = 120;
const FLOOD_TICK_MS = 10;
const BYTES_PER_MB = 1_000_000;

export interface ProcessSwitches {
  readonly exitAtStartMs?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly crashAfterMs?: number | undefined;
  readonly forkGrandchildren?: number | undefined;
  readonly grandchildrenHoldPipes?: boolean | undefined;
  readonly flood?: Flood | undefined;
  readonly printBinary?: boolean | undefined;
  readonly endlessLine?: number | undefined;
  readonly repeatLines?: number | undefined;
  readonly sigstopAfterMs?: number | undefined;
}

/** What MLX prints when Metal has no memory left; libc++abi then aborts the process. */
export const GPU_OUT_OF_MEMORY_LINE =
  'libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)';

export function abortForGpuMemory(output: PythonOutput): void {
  output.printError(GPU_OUT_OF_MEMORY_LINE);
  process.kill(process.pid, 'SIGABRT');
}

/** An end no handler sees, as of a segmentation fault. */
export function crash(code: number | undefined, output: PythonOutput): void {
  if (code !== undefined) exitPython(output, code);
  process.kill(process.pid, 'SIGSEGV');
}

function startGrandchildren(count: number, holdPipes: boolean): void {
  for (let index = 0; index < count; index++) {
    const stdio = holdPipes ? 'inherit' : 'ignore';
    const child = spawn('/bin/sh', ['-c', `trap '' TERM INT HUP; exec sleep ${GRANDCHILD_LIFE_SECONDS}`], {
      stdio: ['ignore', stdio, stdio],
    });
    child.unref();
  }
}

function floodChunk(lineBytes: number): Buffer {
  const line = `${'flood '.repeat(Math.ceil(lineBytes / 6)).slice(0, Math.max(0, lineBytes - 1))}\n`;
  return Buffer.from(line.repeat(Math.max(1, Math.ceil(FLOOD_CHUNK_BYTES / line.length))));
}

/** Writes block while the reader is slow, and between two writes the server still gets its turn. */
async function pour(flood: Flood): Promise<void> {
  const { mbPerSecond = null, seconds = null, lineBytes = FLOOD_LINE_BYTES } = flood;
  const chunk = floodChunk(lineBytes);
  const startedAt = performance.now();
  let written = 0;
  for (;;) {
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    if (seconds !== null && elapsedSeconds >= seconds) return;
    const ahead = mbPerSecond !== null && written > elapsedSeconds * mbPerSecond * BYTES_PER_MB;
    if (ahead) {
      await sleep(FLOOD_TICK_MS);
      continue;
    }
    if (!writeFully(1, chunk)) return;
    written += chunk.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function printEndlessLine(megabytes: number): Promise<void> {
  const chunk = Buffer.alloc(FLOOD_CHUNK_BYTES, 'x');
  for (let left = megabytes * BYTES_PER_MB; left > 0; left -= chunk.length) {
    if (!writeFully(1, chunk.subarray(0, Math.min(left, chunk.length)))) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Bytes that are no text in any encoding a log reader expects: NUL, lone continuation bytes, escapes, half a character. */
function printBinary(): void {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  writeFully(1, Buffer.concat([everyByte, Buffer.from([0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x0a])]));
  writeFully(2, Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0xe2, 0x82]));
}

/** Arms what the process does from its first moment. */
export function armAtStart(switches: ProcessSwitches, output: PythonOutput): void {
  if (switches.exitAtStartMs !== undefined) {
    const code = switches.exitCode ?? 1;
    setTimeout(() => exitPython(output, code), switches.exitAtStartMs);
  }
}

/** Arms what the process does once it serves. */
export function armAfterBind(switches: ProcessSwitches, output: PythonOutput): void {
  if (switches.forkGrandchildren) {
    startGrandchildren(switches.forkGrandchildren, switches.grandchildrenHoldPipes ?? false);
  }
  if (switches.printBinary) printBinary();
  for (let count = 0; count < (switches.repeatLines ?? 0); count++) {
    output.print('WARNING: the same line again and again');
  }
  if (switches.endlessLine !== undefined) void printEndlessLine(switches.endlessLine);
  if (switches.flood) void pour(switches.flood);
  if (switches.crashAfterMs !== undefined) {
    setTimeout(() => crash(switches.exitCode, output), switches.crashAfterMs);
  }
  if (switches.sigstopAfterMs !== undefined) {
    setTimeout(() => process.kill(process.pid, 'SIGSTOP'), switches.sigstopAfterMs);
  }
}
