/** The numbers of supervision, in one place: what counts as slow, hung, unstable, and how long we wait. */

export interface SupervisionPolicy {
  /** A probe answered within this time is healthy, later is degraded (the CLI's 2 s). */
  readonly slowAfterMs: number;
  /** No answer within this time counts as none (the CLI's 5 s). */
  readonly probeTimeoutMs: number;
  /** Between probes while all is well. */
  readonly probeEveryMs: number;
  /** Between probes while something is in doubt. */
  readonly probeAgainMs: number;
  /** Slow answers in a row before `degraded`. */
  readonly slowProbesToDegraded: number;
  /** Missing answers in a row before `unresponsive`. */
  readonly lostProbesToUnresponsive: number;
  /** How long a service may stay `unresponsive` before it is restarted. */
  readonly restartAfterUnresponsiveMs: number;
  /** A run this long counts as stable: the next restart comes at once again. */
  readonly stableRunMs: number;
  /** `unstableExitLimit` unstable exits within this window end in `failed` (flapping). */
  readonly unstableWindowMs: number;
  readonly unstableExitLimit: number;
  /** Second restart waits this long, then doubles up to the cap; the first comes at once. */
  readonly backOffBaseMs: number;
  readonly backOffCapMs: number;
  /** Share of the delay by which it is varied, so that services do not restart in step. */
  readonly backOffJitter: number;
  /** After waking, probes wait this long; what was lost before is forgotten. */
  readonly wakeGraceMs: number;
  /** While starting, the next readiness probe comes after this share of the time already waited… */
  readonly readinessShare: number;
  /** …but within these bounds: each takes processor time from the server that starts, which says itself when it is up. */
  readonly readinessMinMs: number;
  readonly readinessMaxMs: number;
  /** How long one generated token may take before a service counts as unable to generate. */
  readonly generationTimeoutMs: number;
  /** After KILL, how long the death of the group and the release of its port may take to be seen. */
  readonly deathConfirmMs: number;
}

export const defaultPolicy: SupervisionPolicy = {
  slowAfterMs: 2_000,
  probeTimeoutMs: 5_000,
  probeEveryMs: 10_000,
  probeAgainMs: 1_000,
  slowProbesToDegraded: 2,
  lostProbesToUnresponsive: 2,
  restartAfterUnresponsiveMs: 15_000,
  stableRunMs: 60_000,
  unstableWindowMs: 600_000,
  unstableExitLimit: 5,
  backOffBaseMs: 1_000,
  backOffCapMs: 60_000,
  backOffJitter: 0.2,
  wakeGraceMs: 5_000,
  readinessShare: 0.05,
  readinessMinMs: 50,
  readinessMaxMs: 250,
  generationTimeoutMs: 60_000,
  deathConfirmMs: 5_000,
};

/** The same numbers, but whether a server that hangs is restarted is asked each time: the user can change it at any moment. */
export function recoveryPolicy(
  restartsHung: () => boolean,
  policy: SupervisionPolicy = defaultPolicy,
): SupervisionPolicy {
  return {
    ...policy,
    get restartAfterUnresponsiveMs() {
      return restartsHung() ? policy.restartAfterUnresponsiveMs : Number.POSITIVE_INFINITY;
    },
  };
}

/**
 * Milliseconds to wait before restart number `unstableExits` (1 = the first exit after a stable run: at once).
 * `random` is uniform in [0, 1).
 */
export function backOffMs(unstableExits: number, policy: SupervisionPolicy, random: number): number {
  if (unstableExits <= 1) return 0;
  const doubled = Math.min(policy.backOffBaseMs * 2 ** (unstableExits - 2), policy.backOffCapMs);
  return Math.round(doubled * (1 + policy.backOffJitter * (2 * random - 1)));
}

/** Milliseconds until the next readiness probe of a service that has been starting for `waitedMs`. */
export function readinessDelayMs(waitedMs: number, policy: SupervisionPolicy): number {
  return Math.min(Math.max(waitedMs * policy.readinessShare, policy.readinessMinMs), policy.readinessMaxMs);
}
