/** Every bound of the relay and of our own calls to OpenRouter, named. */

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

export interface RelayLimits {
  /** Request line and all headers together. */
  readonly headerMaxBytes: number;
  readonly headersMax: number;
  /** Pictures travel inside the body. */
  readonly bodyMaxBytes: number;
  /** All request bodies together; each is held until its answer is complete. */
  readonly bodiesMaxBytes: number;
  readonly connectionsMax: number;
  /** Requests on their way to OpenRouter. */
  readonly runningMax: number;
  readonly headersLimitMs: number;
  /** Headers and body of a request. */
  readonly requestLimitMs: number;
  readonly keepAliveMs: number;
  /** How often connections are checked against the two limits above. */
  readonly checkIntervalMs: number;
  /** A whole answer that is not a stream, and the longest line of one that is. */
  readonly answerMaxBytes: number;
  readonly lineMaxBytes: number;
  readonly errorBodyMaxBytes: number;
  readonly connectLimitMs: number;
  /** Until the upstream's headers: a model may think for minutes before an answer that is not a stream. */
  readonly firstByteLimitMs: number;
  /** Between two parts of an answer; OpenRouter sends a comment every few seconds while it waits. */
  readonly silenceLimitMs: number;
  /** For one request in all. */
  readonly totalLimitMs: number;
  /** How long a client may leave a full buffer unread. */
  readonly clientStallLimitMs: number;
  /** How long the tail of a request that was already refused is read, so that the client sees the refusal. */
  readonly lingerMs: number;
  /** At close, running requests get this long. */
  readonly closeGraceMs: number;
}

export const relayLimits: RelayLimits = {
  headerMaxBytes: 16 * kibibyte,
  headersMax: 64,
  bodyMaxBytes: 16 * mebibyte,
  bodiesMaxBytes: 128 * mebibyte,
  connectionsMax: 512,
  runningMax: 256,
  headersLimitMs: 10_000,
  requestLimitMs: 60_000,
  keepAliveMs: 60_000,
  checkIntervalMs: 5_000,
  answerMaxBytes: 16 * mebibyte,
  lineMaxBytes: 1 * mebibyte,
  errorBodyMaxBytes: 64 * kibibyte,
  connectLimitMs: 10_000,
  firstByteLimitMs: 300_000,
  silenceLimitMs: 60_000,
  totalLimitMs: 1_800_000,
  clientStallLimitMs: 300_000,
  lingerMs: 500,
  closeGraceMs: 1_000,
};

/** For the account, the model list and the sign-in. */
export interface CallLimits {
  readonly answerMaxBytes: number;
  readonly limitMs: number;
}

export const callLimits: CallLimits = { answerMaxBytes: 64 * kibibyte, limitMs: 15_000 };
/** Some 500 models with long descriptions make about a megabyte. */
export const modelListLimits: CallLimits = { answerMaxBytes: 16 * mebibyte, limitMs: 30_000 };
