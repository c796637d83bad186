/** All logs of the app in one folder: one file per service, common caps, one redactor. */
import { fail, ok, type Result } from '../contract/result.ts';
import { createArchives, type LogEntry } from './archives.ts';
import { codeOf, type LogFs, nodeLogFs } from './fs.ts';
import { createKernelSource } from './kernel/kernel.ts';
import { createPacer } from './pacer.ts';
import { createPacker } from './packer.ts';
import { fingerprints, type Redactor } from './redact.ts';
import { createRotatingFile, describeWriteFailure, type RotatingFile } from './rotating-file.ts';
import { createServiceLog } from './service-log.ts';
import type { LogEvent, LogLimits, LogSink, ServiceSink } from './types.ts';

const bytesPerMb = 1024 * 1024;

/** As the CLI's `log-max-size-mb` and `log-max-files`, and our `log-total-max-mb`. */
export const defaultLogLimits: LogLimits = {
  fileMaxBytes: 50 * bytesPerMb,
  archivesMax: 5,
  totalMaxBytes: 1024 * bytesPerMb,
  foldRepeats: true,
};

const logName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export interface LogsOptions {
  readonly dir: string;
  readonly limits?: LogLimits;
  readonly redactor: Redactor;
  readonly clock?: { now(): number };
  /** Once when a log begins to fail and once when it works again. */
  readonly onProblem: (event: LogEvent) => void;
  readonly fs?: LogFs;
  /** How long a log must not have rotated before its archives are packed. */
  readonly packQuietMs?: number;
}

export interface AllLogs extends LogSink {
  /** A log file under the same caps for lines that do not come from a child. */
  file(name: string): RotatingFile;
  /** Resolves when every archive that can be packed is. */
  packed(): Promise<void>;
  totalBytes(): number;
  /** Begins a new file for this log, or for all; answers for how many there was something to put away. */
  rotateNow(name: string | null): Result<number>;
  /** Removes the archives of this log, or of all; answers how many bytes that freed. */
  removeArchives(name: string | null): Result<number>;
}

export function createLogs(options: LogsOptions): AllLogs {
  const { dir, redactor, onProblem, clock = Date, fs = nodeLogFs } = options;
  const now = (): number => clock.now();
  const archives = createArchives({ dir, limits: options.limits ?? defaultLogLimits, fs, now });
  const packer = createPacker({
    archives,
    ...(options.packQuietMs === undefined ? {} : { quietMs: options.packQuietMs }),
  });
  const pacer = createPacer();
  const kernel = createKernelSource(fingerprints);
  const services = new Map<string, ServiceSink>();
  const files = new Map<string, RotatingFile>();

  function file(name: string): RotatingFile {
    if (!logName.test(name)) throw new Error(`not a log name: ${JSON.stringify(name)}`);
    const known = files.get(name);
    if (known) return known;
    const created = createRotatingFile({
      name,
      archives,
      fs,
      now,
      onEvent: onProblem,
      onRotate: packer.wake,
    });
    files.set(name, created);
    return created;
  }

  function service(id: string): ServiceSink {
    const known = services.get(id);
    if (known) return known;
    const created = createServiceLog({
      file: file(id),
      redactor,
      kernel,
      pacer,
      now,
      limits: archives.limits,
      onClose: () => services.delete(id),
    });
    services.set(id, created);
    return created;
  }

  const chosen = (name: string | null): LogEntry[] =>
    archives.entries().filter((entry) => name === null || entry.name === name);

  function attempt(change: () => number): Result<number> {
    try {
      return ok(change());
    } catch (error) {
      return fail(describeWriteFailure(codeOf(error), dir));
    }
  }

  return {
    rotateNow: (name) =>
      attempt(() => {
        const full = chosen(name).filter((entry) => entry.bytes > 0);
        for (const entry of full) archives.rotate(entry);
        if (full.length > 0) packer.wake();
        return full.length;
      }),
    removeArchives: (name) =>
      attempt(() => {
        const before = archives.totalBytes();
        for (const archive of chosen(name).flatMap((entry) => entry.archives)) archives.remove(archive);
        return before - archives.totalBytes();
      }),
    service,
    file,
    setLimits: archives.setLimits,
    totalBytes: archives.totalBytes,
    packed: packer.idle,
    async flush() {
      await Promise.all([...services.values()].map((one) => one.flush()));
    },
    async close() {
      await Promise.all([...services.values()].map((one) => one.close()));
      for (const one of files.values()) one.close();
      await packer.close();
    },
  };
}
