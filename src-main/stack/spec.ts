/** What the supervisor is given to run: one `ServiceSpec` per tier, and one for the gateway. Types only. */
import type { Problem } from '../contract/result.ts';

/** How to tell that a service is well. */
export type HealthCheck =
  /** `GET /health`, the body read (200 even when unhealthy); one token from `/v1/chat/completions` proves generation. */
  | { readonly kind: 'vllm-mlx'; readonly servedModelName: string }
  /** `GET /health/liveliness`; never `/health`, which calls every model. */
  | { readonly kind: 'litellm' };

/** Something that must hold before the process may be started. */
export type Requirement =
  | { readonly kind: 'executable'; readonly path: string }
  | { readonly kind: 'model-folder'; readonly path: string; readonly source: string };

/** A context that the user may choose, and what the service would need with it. */
export interface ContextChoice {
  readonly tokens: number;
  readonly memoryBytes: number;
}

export interface ServiceSpec {
  /** Tier name, or `gateway`. */
  readonly id: string;
  readonly kind: 'tier' | 'gateway';
  readonly name: string;
  readonly model: string | null;
  readonly port: number;
  /** Absolute path, or why there is none. */
  readonly executable: { readonly path: string } | { readonly missing: Problem };
  readonly args: readonly string[];
  /** The child's whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** An empty folder that belongs to the app. */
  readonly cwd: string;
  readonly requirements: readonly Requirement[];
  readonly health: HealthCheck;
  /** Estimated memory need: weights, context and overhead. 0 for the gateway. */
  readonly memoryBytes: number;
  /** The context that memory is set aside for. */
  readonly contextTokens?: number;
  /** What it would need with other contexts, ascending, the present one among them; none while its model is not here. */
  readonly contexts?: readonly ContextChoice[];
  readonly startLimitMs: number;
  readonly stopGraceMs: number;
  /**
   * Changes exactly when the process must be started anew for the change to take effect: argv, environment,
   * port, and for the gateway the content of its generated file.
   */
  readonly fingerprint: string;
}
