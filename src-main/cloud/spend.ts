/** Admits requests under the caps, counting what the running ones may still cost. */
import type { ApiError } from './api-error.ts';
import { judgeCloud, judgeSpend, type Spent } from './policy.ts';
import type { CloudSettings } from './settings.ts';

export type ExpectedCost = Pick<Reservation, 'estimateUsd' | 'mostUsd'>;

export interface Reservation {
  /** What is counted when OpenRouter does not say what it cost. */
  readonly estimateUsd: number;
  /** Infinite where no bound is known. */
  readonly mostUsd: number;
  /** To be called in the same turn that records the cost; a second call does nothing. */
  release(): void;
}

export interface SpendGuard {
  /** Before the body is read. */
  judge(): ApiError | null;
  /** Judges anew, since the settings may have changed while the body arrived, and reserves. */
  admit(
    cost: ExpectedCost,
  ): { readonly ok: true; readonly value: Reservation } | { readonly ok: false; readonly error: ApiError };
  readonly reservedUsd: number;
}

export interface SpendOptions {
  readonly settings: () => CloudSettings;
  readonly hasKey: () => boolean;
  readonly spent: () => Spent;
}

export function createSpendGuard({ settings, hasKey, spent }: SpendOptions): SpendGuard {
  const running = new Set<Reservation>();
  const reservedUsd = () => {
    let sum = 0;
    for (const one of running) sum += one.mostUsd;
    return sum;
  };

  return {
    judge: () => judgeCloud(settings(), hasKey(), spent()),
    admit({ estimateUsd, mostUsd }) {
      const now = settings();
      const refusal =
        judgeCloud(now, hasKey(), spent()) ??
        judgeSpend(now, spent(), { reservedUsd: reservedUsd(), mostUsd });
      if (refusal !== null) return { ok: false, error: refusal };
      const reservation: Reservation = {
        estimateUsd,
        mostUsd,
        release: () => void running.delete(reservation),
      };
      running.add(reservation);
      return { ok: true, value: reservation };
    },
    get reservedUsd() {
      return reservedUsd();
    },
  };
}
