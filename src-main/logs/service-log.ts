/** The log of one service: its children's output and our own notes, in one file and one ring. */
import type { Readable } from 'node:stream';
import { createFolder, type Folder } from './fold.ts';
import type { KernelSource } from './kernel/kernel.ts';
import { createLineSplitter, type LineSplitter, textOf } from './lines.ts';
import type { Pacer } from './pacer.ts';
import type { Redactor } from './redact.ts';
import { createRing, type Ring } from './ring.ts';
import type { RotatingFile } from './rotating-file.ts';
import type { LogLimits, ServiceSink } from './types.ts';
import { createWriter, ownLine } from './writer.ts';

/** A repetition that nothing ends is written after this long. */
const foldDelayMs = 1000;

/** In each line of a file, after the time; three letters, so that lines align. */
type Mark = 'out' | 'err';

interface Attached {
  readonly stream: Readable;
  readonly mark: Mark;
  readonly splitter: LineSplitter;
  readonly folder: Folder;
  readonly launch: Launch;
  paced: boolean;
  ended: boolean;
}

interface Launch {
  readonly ring: Ring;
  readonly streams: Attached[];
}

export interface ServiceLogOptions {
  readonly file: RotatingFile;
  readonly redactor: Redactor;
  readonly kernel: KernelSource;
  readonly pacer: Pacer;
  readonly now: () => number;
  readonly limits: () => LogLimits;
  readonly onClose: () => void;
}

/** The stamp after the last line end belongs to no line. */
const stampSlowly = (stamp: string, lines: Buffer): Buffer =>
  Buffer.from(
    stamp + lines.toString('latin1').replace(/\n/g, `\n${stamp}`).slice(0, -stamp.length),
    'latin1',
  );

export function createServiceLog(options: ServiceLogOptions): ServiceSink {
  const { file, redactor, kernel, pacer, now, limits, onClose } = options;
  const attached = new Set<Attached>();
  let newest: Launch | null = null;
  /** Whose line was printed last: repetitions count only while nobody else prints. */
  let speaking: Attached | null = null;
  let foldTimer: NodeJS.Timeout | null = null;
  let drainWaiters: (() => void)[] = [];
  let writerFull = false;

  let toldMs = Number.NaN;
  let told = '';

  /** Put into words once for a millisecond, however many blocks of lines come in it. */
  function time(): string {
    const ms = now();
    if (ms !== toldMs) told = new Date(ms).toISOString();
    toldMs = ms;
    return told;
  }

  const writer = createWriter({
    file,
    stampOwnLine: (line) => ownLine(time(), redactor.redact(line)),
    onRoom() {
      if (!writerFull || writer.full()) return;
      writerFull = false;
      for (const one of attached) flowOrWait(one);
    },
  });

  function print(from: Attached, lines: Buffer): void {
    if (lines.length === 0) return;
    from.launch.ring.push(lines);
    const stamp = `${time()} ${from.mark} `;
    if (!kernel(lines.length)?.stampLines(stamp, lines, writer.push)) writer.push(stampSlowly(stamp, lines));
  }

  function interrupt(next: Attached | null): void {
    if (speaking && speaking !== next) print(speaking, speaking.folder.interrupt());
    speaking = next;
  }

  function receive(from: Attached, lines: Buffer): void {
    if (lines.length === 0) return;
    interrupt(from);
    if (!limits().foldRepeats) {
      print(from, from.folder.interrupt());
      print(from, lines);
      return;
    }
    print(from, from.folder.push(lines));
    if (from.folder.pending() && !foldTimer) {
      foldTimer = setTimeout(() => {
        foldTimer = null;
        printPending();
      }, foldDelayMs);
      foldTimer.unref();
    }
  }

  function printPending(): void {
    if (speaking) print(speaking, speaking.folder.flush());
  }

  function flowOrWait(one: Attached): void {
    if (one.ended) return;
    if (one.paced || writerFull) one.stream.pause();
    else one.stream.resume();
  }

  function onData(one: Attached, chunk: Buffer): void {
    const turnIsOver = pacer.run(
      () => receive(one, one.splitter.push(chunk)),
      () => {
        one.paced = false;
        flowOrWait(one);
      },
    );
    one.paced ||= turnIsOver;
    writerFull ||= writer.full();
    if (one.paced || writerFull) one.stream.pause();
  }

  function finish(one: Attached): void {
    if (one.ended) return;
    one.ended = true;
    attached.delete(one);
    receive(one, one.splitter.end());
    if (newest?.streams.every((stream) => stream.ended)) {
      for (const resolve of drainWaiters.splice(0)) resolve();
    }
  }

  function take(stream: Readable, mark: Mark, launch: Launch): Attached {
    const one: Attached = {
      stream,
      mark,
      launch,
      splitter: createLineSplitter({ redactor, kernel }),
      folder: createFolder(kernel),
      paced: false,
      ended: false,
    };
    attached.add(one);
    stream.on('data', (chunk: Buffer) => onData(one, chunk));
    // EPIPE, ECONNRESET and the like: the stream is over, which `close` tells as well. Never an uncaught exception.
    stream.on('error', () => finish(one));
    stream.on('end', () => finish(one));
    stream.on('close', () => finish(one));
    if (stream.destroyed) finish(one);
    return one;
  }

  function detach(): void {
    for (const one of [...attached]) {
      finish(one);
      one.stream.destroy();
    }
  }

  async function flush(): Promise<void> {
    printPending();
    await writer.flush();
  }

  return {
    attach(stdout, stderr) {
      const launch: Launch = { ring: createRing(), streams: [] };
      newest = launch;
      for (const resolve of drainWaiters.splice(0)) resolve();
      launch.streams.push(take(stdout, 'out', launch), take(stderr, 'err', launch));
    },
    note(line) {
      interrupt(null);
      const stamp = time();
      const lines = redactor.redact(line).split('\n');
      writer.push(Buffer.concat(lines.map((one) => ownLine(stamp, one))));
    },
    lastLines(count) {
      if (!newest || count <= 0) return [];
      const lines = newest.ring.last(count);
      if (speaking && speaking.launch === newest && speaking.folder.pending()) {
        lines.push(speaking.folder.peek().toString('utf8').slice(0, -1));
      }
      for (const one of newest.streams) {
        const partial = one.ended ? '' : one.splitter.partial();
        if (partial !== '') lines.push(textOf(partial));
      }
      return lines.slice(-count);
    },
    drained(limitMs) {
      const launch = newest;
      const isDrained = (): boolean => launch?.streams.every((stream) => stream.ended) ?? true;
      if (isDrained()) return Promise.resolve(true);
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          drainWaiters = drainWaiters.filter((waiter) => waiter !== done);
          resolve(isDrained());
        }, limitMs);
        const done = (): void => {
          clearTimeout(timer);
          resolve(isDrained());
        };
        drainWaiters.push(done);
      });
    },
    detach,
    flush,
    async close() {
      detach();
      interrupt(null);
      if (foldTimer) clearTimeout(foldTimer);
      foldTimer = null;
      await writer.close();
      file.close();
      onClose();
    },
  };
}
