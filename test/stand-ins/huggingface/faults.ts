/** What goes wrong with a file on demand. */

export interface Fault {
  /** Of each connection. */
  readonly bytesPerSecond?: number;
  /** From then on also what is under way is as fast as can be. */
  readonly slowUntil?: AbortSignal;
  /** Of each answer: then the connection is gone. */
  readonly cutAfterBytes?: number;
  /** Of each answer: then nothing comes any more. */
  readonly stallAfterBytes?: number;
  /** What arrives is not what the list says: one byte of each answer differs. */
  readonly otherContent?: boolean;
  /** Added to the size that the list of files says. */
  readonly listedBytesMore?: number;
  /** Added to the size in `X-Linked-Size`. */
  readonly linkedBytesMore?: number;
  /** Added to the whole size in `Content-Range`. */
  readonly rangeBytesMore?: number;
  /** In `X-Repo-Commit` and `X-Linked-Etag`. */
  readonly otherCommit?: string;
  readonly otherEtag?: string;
  /** Answers with the whole file, whatever range is asked for. */
  readonly ignoresRange?: boolean;
  /** In place of an answer. */
  readonly status?: number;
  /** In place of the address at the other server. */
  readonly redirectTo?: string;
  /** How often; for ever unless said. */
  readonly times?: number;
}

export interface Faults {
  set(repo: string, path: string, fault: Fault): void;
  clear(): void;
  /** `path` `*` is for every file of the repository. Looking does not use it up. */
  look(repo: string, path: string): Fault;
  /** The same, and one time less is left of it. */
  use(repo: string, path: string): Fault;
}

/** `usual`: where nothing else is said. */
export function createFaults(usual: Fault = {}): Faults {
  const faults = new Map<string, { readonly fault: Fault; left: number }>();
  const find = (repo: string, path: string) => faults.get(`${repo} ${path}`) ?? faults.get(`${repo} *`);
  const look = (repo: string, path: string) => {
    const found = find(repo, path);
    return found === undefined || found.left <= 0 ? usual : found.fault;
  };
  return {
    set: (repo, path, fault) =>
      void faults.set(`${repo} ${path}`, { fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    clear: () => faults.clear(),
    look,
    use(repo, path) {
      const fault = look(repo, path);
      const found = find(repo, path);
      if (found !== undefined) found.left -= 1;
      return fault;
    },
  };
}
