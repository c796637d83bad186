/** What the rooms ask of the logs: what the supervisor needs of a service's log, and what the composition root needs of all. Types only. */
import type { Readable } from 'node:stream';
import type { Problem } from '../contract/result.ts';

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

/** A service's log with the two things that only its owner may need. */
export interface ServiceSink extends ServiceLog {
  /**
   * Resolves when both streams of the newest `attach` have ended and their last lines are in `lastLines`, or after
   * `limitMs` (a grandchild may hold a pipe for ever); tells which.
   */
  drained(limitMs: number): Promise<boolean>;
  /** Lets go of every attached stream: what had arrived is kept, whoever still holds a pipe gets EPIPE. */
  detach(): void;
}

export interface LogLimits {
  /** No log file grows beyond this. */
  readonly fileMaxBytes: number;
  /** Archives kept per log. */
  readonly archivesMax: number;
  /** All files of the folder together. */
  readonly totalMaxBytes: number;
  /** Identical lines in a row become one line and "×N more". */
  readonly foldRepeats: boolean;
}

/** `failing`: output of this log is not reaching its file. `recovered`: it does again, the problem being the one that ended. */
export interface LogEvent {
  /** The log's name: a service id or `app`. */
  readonly log: string;
  readonly state: 'failing' | 'recovered';
  readonly problem: Problem;
}

export interface LogSink extends Logs {
  service(id: string): ServiceSink;
  /** In force from the next line on; files beyond a smaller cap are removed at once. */
  setLimits(limits: LogLimits): void;
  flush(): Promise<void>;
}

/** The app's own log; rooms are given this and know nothing of what is behind it. */
export interface AppLog {
  info(message: string, ...details: readonly unknown[]): void;
  warn(message: string, ...details: readonly unknown[]): void;
  error(message: string, ...details: readonly unknown[]): void;
}
