/** What the user has decided about the cloud, as the relay is told with each request. Types only. */

/**
 * `zero-retention`: only providers that keep nothing (`zdr`) and train on nothing. `no-training`: only those that
 * do not train on what is sent. `any`: what the request itself asks for.
 */
export type CloudPrivacy = 'zero-retention' | 'no-training' | 'any';

/** Dollars per token; `null` where the list does not say. */
export interface TokenPrices {
  readonly promptUsd: number | null;
  readonly completionUsd: number | null;
}

export interface CloudModel {
  readonly id: string;
  readonly prices: TokenPrices | null;
  /** The window, to bound what a request can cost. */
  readonly contextTokens: number | null;
  /** The longest answer it gives, for a request that sets no bound. */
  readonly answerMaxTokens: number | null;
}

export interface CloudSettings {
  /** Off until the user turns it on. */
  readonly enabled: boolean;
  readonly localOnly: boolean;
  /** `null`: no cap. */
  readonly dailyCapUsd: number | null;
  readonly monthlyCapUsd: number | null;
  readonly privacy: CloudPrivacy;
  /** The only models that may be asked for. */
  readonly models: readonly CloudModel[];
}
