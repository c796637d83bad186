/** What a test may ask of the stand-in for OpenRouter, and what it tells. Types only. */

/** Persistent until changed; concerns chat completions, unless it says otherwise. */
export type OpenRouterFault =
  | { readonly kind: 'none' }
  /** A refusal in OpenRouter's shape; for every API path. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly message?: string;
      readonly retryAfter?: string;
    }
  /** Accepts and never answers; for every API path. */
  | { readonly kind: 'silent' }
  /** Closes the connection instead of answering; for every API path. */
  | { readonly kind: 'cut' }
  /** Not JSON, with status 200; for every API path. */
  | { readonly kind: 'garbage' }
  /** A web page with status 200, as a captive portal does; for every API path. */
  | { readonly kind: 'html' }
  | { readonly kind: 'redirect'; readonly location: string }
  /** The rest act after `after` parts of a streamed answer. */
  | { readonly kind: 'stream-error'; readonly after: number }
  | { readonly kind: 'stream-stall'; readonly after: number }
  /** Comments for ever, and nothing else. */
  | { readonly kind: 'stream-comments'; readonly after: number }
  | { readonly kind: 'stream-cut'; readonly after: number }
  /** Half a line, then the end of the connection. */
  | { readonly kind: 'stream-cut-inside-line'; readonly after: number }
  | { readonly kind: 'stream-end-early'; readonly after: number }
  | { readonly kind: 'stream-garbage'; readonly after: number }
  /** One line without an end. */
  | { readonly kind: 'stream-endless-line'; readonly after: number }
  /** The key inside the answer. */
  | { readonly kind: 'echo-key' }
  /** An answer of so many bytes that is no stream. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** No cost, no tokens. */
  | { readonly kind: 'no-usage' };

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface ApiKey {
  readonly key: string;
  readonly label: string;
  /** Dollars, or none. */
  readonly limit: number | null;
  readonly limitReset: 'daily' | 'weekly' | 'monthly' | null;
  usage: number;
}

export interface Behaviour {
  fault: OpenRouterFault;
  /** Parts of a streamed answer, and the pause between them. */
  parts: number;
  partDelayMs: number;
  partBytes: number;
  /** Until the headers of a completion. */
  thinkMs: number;
  /** A completion's price where the model has none; the usage of each. */
  costUsd: number | null;
  /** Requests per minute and key; more are refused with 429. */
  perMinute: number;
  /** What the person does on the sign-in page. */
  signIn: 'approve' | 'decline';
}
