/** What the downloads of models need, and what they offer. Types only. */
import type { Fetch } from '../catalogue/hub.ts';
import type { Download } from '../contract/models.ts';
import type { Result } from '../contract/result.ts';
import type { DownloadLimits } from './limits.ts';
import type { Transport } from './transport.ts';

export interface Downloads {
  /** In the order of the queue; a new array whenever something changed. */
  list(): readonly Download[];
  /** Takes up what an earlier run left in the model folder; what the user had paused stays paused. Called once, at start. */
  restore(): Promise<void>;
  /**
   * Puts it into the queue; what was begun goes on where it ended. Good at once for a model that is there already, and
   * for one that is in the queue.
   */
  download(repo: string): Promise<Result<void>>;
  /**
   * Downloads it beside what is in its folder, of which it takes whatever matches. That stays as it is, and in use, until
   * the whole, verified new one takes its place. Anew: also what matches is fetched.
   */
  replace(repo: string, isAnew?: boolean): Promise<Result<void>>;
  pause(repo: string): Promise<Result<void>>;
  /** A paused or failed one goes on. */
  resume(repo: string): Promise<Result<void>>;
  /** Ends it and deletes what there is of it; of one that is done only the line. */
  cancel(repo: string): Promise<Result<void>>;
  /** The Mac woke up, or the network came back: connections from before are dropped, and nothing waits any longer. */
  wake(): void;
  /** Ends all work and saves how far it came; the next run goes on with it. */
  close(): Promise<void>;
}

export interface InstalledNow {
  readonly repo: string;
  /** Absolute. */
  readonly folder: string;
}

export interface DownloadsOptions {
  /** A download ended by a mistake of ours: it says so itself, and everything else goes on. */
  readonly onBug: (error: unknown) => void;
  /** Of Hugging Face, as `chooseHub` gives it. */
  readonly address: string;
  /** For the small questions. */
  readonly fetch: Fetch;
  /** The file of the thread that verifies (`hashing/hasher.ts`). */
  readonly hasherFile: string | URL;
  /** For the files; Node's own HTTP client unless given. */
  readonly transport?: Transport;
  /** `null`: anonymous. It goes to the origin of `address` and nowhere else. */
  readonly token: () => Promise<string | null>;
  /** Absolute; asked for whenever a download is begun. */
  readonly modelDir: () => string;
  /** `null` when it cannot be told. */
  readonly freeDiskBytes?: (folder: string) => Promise<number | null>;
  /** Something in `list()` is different; while bytes arrive, a few times a second. */
  readonly onChange: (downloads: readonly Download[]) => void;
  /** A whole, verified model has its place in the model folder. */
  readonly onInstalled: (model: InstalledNow) => void;
  /** For people; the last part of the repository's name unless given. */
  readonly nameOf?: (repo: string) => string;
  readonly limits?: Partial<DownloadLimits>;
}
