/** The bytes of a repository's files: asked for in ranges at a pinned commit, the token for the hub alone. */
import { hubProblems, rateLimitSeconds, refusalOf } from '../catalogue/hub-problems.ts';
import { fail, ok, type Problem, type Result } from '../contract/result.ts';
import {
  badRedirect,
  connectionFailure,
  counted,
  dropped,
  type Failure,
  interrupted,
  limited,
  never,
  noRanges,
  stalled,
  wrongSize,
} from './failure.ts';
import type { Range } from './ranges.ts';
import type { RepoFile } from './repo-files.ts';
import type { Sink, Transport, TransportAnswer } from './transport.ts';

const maxFileRedirects = 5;
const maxLocationLength = 16 * 1024;

export interface FileSource {
  /**
   * What arrives goes to `sink`, in order, never more than the range; `null` when all of it has. Throws what `sink`
   * throws and `signal`'s reason.
   */
  fetch(file: RepoFile, range: Range, sink: Sink, signal: AbortSignal): Promise<Failure | null>;
  /** Whatever was learned of where the file lies is asked for anew. */
  forget(file: RepoFile): void;
}

export interface FileSourceOptions {
  readonly address: string;
  readonly repo: string;
  readonly commit: string;
  readonly token: string | null;
  readonly transport: Transport;
  readonly stallMs: number;
  /** Aborted when the connections of now are of no more use, as after a sleep. */
  readonly connections?: () => AbortSignal;
}

const isLoopback = (host: string) => host === '127.0.0.1' || host === '[::1]' || host === 'localhost';

export function createFileSource(options: FileSourceOptions): FileSource {
  const { address, repo, commit, token, transport, stallMs, connections } = options;
  const hub = new URL(address);
  /** Where the hub sent us for a file: good for an hour or so, and asked anew when it is not. */
  const locations = new Map<string, string>();

  const addressOf = ({ path }: RepoFile) =>
    `${address}/${repo}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;

  /** Elsewhere only by https: what is sent in clear could be read, though not changed. */
  function targetOf(location: string | null, from: string): URL | null {
    if (location === null || location.length > maxLocationLength || !URL.canParse(location, from))
      return null;
    const target = new URL(location, from);
    const isAllowed =
      target.protocol === 'https:' ||
      (target.protocol === 'http:' && isLoopback(hub.hostname) && isLoopback(target.hostname));
    return isAllowed && target.username === '' && target.password === '' ? target : null;
  }

  async function fetch(
    file: RepoFile,
    range: Range,
    sink: Sink,
    signal: AbortSignal,
  ): Promise<Failure | null> {
    const drop = connections?.();
    const watch = watchForStall(drop === undefined ? signal : AbortSignal.any([signal, drop]), stallMs);
    try {
      const known = locations.get(file.path);
      const answer = await follow(known ?? addressOf(file), file, range, watch.signal);
      if (answer.ok) return await receive(answer.value, range, sink, watch);
      /** The place is no longer good: the next attempt asks the hub. */
      if (known !== undefined) locations.delete(file.path);
      return answer.error;
    } catch (error) {
      signal.throwIfAborted();
      if (drop?.aborted) return dropped;
      if (watch.hasStalled()) return counted(stalled);
      const failure = connectionFailure(error);
      if (failure === null) throw error;
      return failure;
    } finally {
      watch.end();
    }
  }

  async function follow(
    first: string,
    file: RepoFile,
    [start, end]: Range,
    signal: AbortSignal,
  ): Promise<Result<TransportAnswer, Failure>> {
    let url = first;
    for (let hop = 0; hop <= maxFileRedirects; hop += 1) {
      const isHub = new URL(url).origin === hub.origin;
      const answer = await transport.get(url, {
        signal,
        headers: {
          accept: '*/*',
          'accept-encoding': 'identity',
          'user-agent': 'mlx-stack',
          range: `bytes=${start}-${end - 1}`,
          ...(isHub && token !== null ? { authorization: `Bearer ${token}` } : {}),
        },
      });
      const contradiction = isHub ? contradictionOf(answer, file, commit) : null;
      if (contradiction !== null) return ended(answer, never(contradiction));
      if (isRedirect(answer.status)) {
        const target = targetOf(answer.header('location'), url);
        answer.cancel();
        if (target === null) return fail(counted(badRedirect));
        url = target.href;
        continue;
      }
      const failure = failureOf(answer, isHub, file, [start, end]);
      if (failure !== null) return ended(answer, failure);
      if (!isHub) locations.set(file.path, url);
      return ok(answer);
    }
    return fail(counted(badRedirect));
  }

  function failureOf(answer: TransportAnswer, isHub: boolean, file: RepoFile, range: Range): Failure | null {
    const { status } = answer;
    if (status === 206)
      return isOfRange(answer.header('content-range'), range, file) ? null : never(wrongSize);
    const isWhole = range[0] === 0 && range[1] === file.sizeBytes;
    if (status === 200) return isWhole ? null : counted(noRanges);
    /** By the list there is such a range. */
    if (status === 416) return never(wrongSize);
    if (status === 429) return limited(rateLimitSeconds(answer.header('ratelimit') ?? retryAfter(answer)));
    if (!isHub || status >= 500) return counted(hubProblems.troubled);
    return never(refusalOf(answer, token !== null));
  }

  return { fetch, forget: (file) => void locations.delete(file.path) };
}

function ended(answer: TransportAnswer, failure: Failure): Result<never, Failure> {
  answer.cancel();
  return fail(failure);
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);

/** Other servers than the hub say it so. */
function retryAfter(answer: TransportAnswer): string | null {
  const seconds = /^\d{1,6}$/.exec(answer.header('retry-after') ?? '')?.[0];
  return seconds === undefined ? null : `;t=${seconds}`;
}

/** Beside a file, or the way to it, the hub says which it is. */
function contradictionOf(answer: TransportAnswer, file: RepoFile, commit: string): Problem | null {
  const said = answer.header('x-repo-commit');
  if (said !== null && said !== commit) return hubProblems.badAnswer;
  if (answer.status >= 400 || file.hash.kind !== 'sha256') return null;
  const size = answer.header('x-linked-size');
  if (size !== null && size !== String(file.sizeBytes)) return wrongSize;
  const etag = answer.header('x-linked-etag');
  return etag === null || etag.replaceAll('"', '') === file.hash.hex ? null : hubProblems.badAnswer;
}

function isOfRange(header: string | null, [start, end]: Range, file: RepoFile): boolean {
  return header === `bytes ${start}-${end - 1}/${file.sizeBytes}`;
}

async function receive(
  answer: TransportAnswer,
  [start, end]: Range,
  sink: Sink,
  watch: StallWatch,
): Promise<Failure | null> {
  const length = answer.header('content-length');
  if (length !== null && length !== String(end - start)) {
    answer.cancel();
    return never(wrongSize);
  }
  let restBytes = end - start;
  let isTooLong = false;
  await answer.receive({
    space() {
      const space = sink.space();
      /** One byte beyond the end would show itself, and goes nowhere. */
      return restBytes === 0 ? Buffer.alloc(1) : space.subarray(0, Math.min(space.length, restBytes));
    },
    took(bytes) {
      watch.moved();
      if (restBytes === 0) {
        isTooLong = true;
        answer.cancel();
        return undefined;
      }
      restBytes -= bytes;
      const pause = sink.took(bytes);
      if (pause === undefined) return undefined;
      /** A slow disk is no fault of the server. */
      watch.hold();
      return pause.then(watch.moved);
    },
  });
  if (isTooLong) return never(wrongSize);
  return restBytes === 0 ? null : counted(interrupted);
}

interface StallWatch {
  readonly signal: AbortSignal;
  hasStalled(): boolean;
  hold(): void;
  moved(): void;
  end(): void;
}

/** Ends a request that says nothing for too long. */
function watchForStall(outer: AbortSignal, stallMs: number): StallWatch {
  const inner = new AbortController();
  let stalledNow = false;
  let isHeld = false;
  const timer = setTimeout(() => {
    if (isHeld) {
      timer.refresh();
      return;
    }
    stalledNow = true;
    inner.abort();
  }, stallMs);
  return {
    signal: AbortSignal.any([outer, inner.signal]),
    hasStalled: () => stalledNow,
    hold() {
      isHeld = true;
    },
    moved() {
      isHeld = false;
      timer.refresh();
    },
    end: () => clearTimeout(timer),
  };
}
