/** When a download may try again: back-off with jitter, the hub's own limits, and the network's return. */
import type { Problem } from '../contract/result.ts';
import type { Failure } from './failure.ts';
import type { DownloadLimits } from './limits.ts';

/** Shared by all downloads: the hub counts requests by address, whatever they are for. */
export interface HubPause {
  /** Epoch milliseconds. */
  untilMs: number;
}

export interface Patience {
  /** Why the next attempt is waited for; `null` when it is not. */
  readonly waitsFor: Problem | null;
  /** Resolves when the next attempt may begin; throws `signal`'s reason. */
  ready(signal: AbortSignal): Promise<void>;
  /** `false`: it is of no use to try again. */
  failed(failure: Failure): boolean;
  /** Something arrived: what failed before is forgotten. */
  moved(): void;
  /** The network may be back: nobody waits any longer, but for a limit of the hub. */
  wake(): void;
}

export interface PatienceOptions {
  readonly limits: DownloadLimits;
  readonly pause: HubPause;
  readonly nowMs?: () => number;
  /** 0 to 1. */
  readonly random?: () => number;
  readonly onChange?: () => void;
}

export function createPatience(options: PatienceOptions): Patience {
  const { limits, pause, nowMs = Date.now, random = Math.random, onChange = () => {} } = options;
  const waiting = new Set<() => void>();
  let failures = 0;
  let retryAtMs = 0;
  let why: Problem | null = null;

  /** A clock that was set back must not keep it waiting for long. */
  const restMs = () => {
    const nowAtMs = nowMs();
    return Math.max(
      Math.min(retryAtMs - nowAtMs, limits.maxRetryMs * 1.5),
      Math.min(pause.untilMs - nowAtMs, limits.maxRateLimitMs),
    );
  };

  async function ready(signal: AbortSignal): Promise<void> {
    for (let rest = restMs(); rest > 0; rest = restMs()) {
      signal.throwIfAborted();
      onChange();
      const until = [retryAtMs, pause.untilMs];
      const isOver = await rested(rest, signal);
      /** The time has passed, whatever the clock of the day says by now. */
      if (isOver && until[0] === retryAtMs && until[1] === pause.untilMs) {
        retryAtMs = 0;
        pause.untilMs = 0;
      }
    }
    signal.throwIfAborted();
  }

  /** `false` when it was ended before. */
  function rested(ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isOver: boolean) => {
        clearTimeout(timer);
        waiting.delete(wakeUp);
        signal.removeEventListener('abort', wakeUp);
        resolve(isOver);
      };
      const wakeUp = () => end(false);
      const timer = setTimeout(() => end(true), ms);
      waiting.add(wakeUp);
      signal.addEventListener('abort', wakeUp, { once: true });
    });
  }

  function failed({ problem, retry }: Failure): boolean {
    why = problem;
    switch (retry.kind) {
      case 'never':
        return false;
      case 'at-once':
        return true;
      case 'rate-limit':
        pause.untilMs = Math.max(
          pause.untilMs,
          nowMs() + Math.min(retry.seconds * 1000, limits.maxRateLimitMs),
        );
        return true;
      case 'counted':
      case 'offline':
        return again(retry.kind === 'counted');
    }
  }

  /** Several connections that one event ended are one failure. */
  function again(isCounted: boolean): boolean {
    if (nowMs() < retryAtMs) return true;
    const delayMs = Math.min(limits.firstRetryMs * 2 ** Math.min(failures, 20), limits.maxRetryMs);
    failures += 1;
    retryAtMs = nowMs() + delayMs * (0.75 + random() / 2);
    return !isCounted || failures <= limits.maxFailures;
  }

  return {
    get waitsFor() {
      return waiting.size > 0 ? why : null;
    },
    ready,
    failed,
    moved() {
      failures = 0;
    },
    wake() {
      retryAtMs = 0;
      for (const wakeUp of [...waiting]) wakeUp();
    },
  };
}
