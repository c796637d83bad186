/** What the supervisor asks of a service's log. Types only. */
import type { Readable } from 'node:stream';

export interface ServiceLog {
  /** Takes over both streams of a child until they end; the child's output is bounded, redacted and kept. */
  attach(stdout: Readable, stderr: Readable): void;
  /** A line of our own in the same log, for instance "Started, pid 4711". */
  note(line: string): void;
  /** The last `count` lines since the newest `attach`, oldest first, redacted. */
  lastLines(count: number): string[];
  /** Resolves when all that was received is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface Logs {
  service(id: string): ServiceLog;
  close(): Promise<void>;
}
