/** Pure: whether a request that was meant for a local model, and got no answer there, may go to the cloud. */
import type { CloudCondition } from '../contract/cloud.ts';
import type { ServiceState } from '../contract/status.ts';
import { cloudWords } from '../words/index.ts';
import { type ApiError, apiError } from './api-error.ts';

export interface LocalModel {
  readonly state: ServiceState;
  readonly desired: 'on' | 'off';
  /** For how long it has been ready; `null` when it is not. */
  readonly readyForMs: number | null;
}

/**
 * A request may have met the model while it still loaded, and reach us when it has just become ready: the gateway
 * tries again and goes through the other models first. One that is sent anew is answered here on this Mac.
 */
export const justReadyMs = 30_000;

/** Not serving now, but about to: nothing that the user has to do stands between this and an answer. */
const comingUp: Readonly<Record<ServiceState, boolean>> = {
  /** Of a model that is wanted: its start is the next thing. */
  stopped: true,
  waiting: true,
  starting: true,
  healthy: false,
  degraded: false,
  /** It recovers, or is restarted. */
  unresponsive: true,
  /** Of a model that is wanted: it is being restarted. */
  stopping: true,
  'backing-off': true,
  failed: false,
};

const isComingUp = ({ state, desired, readyForMs }: LocalModel): boolean =>
  desired === 'on' && (comingUp[state] || (readyForMs !== null && readyForMs < justReadyMs));

const notAllowed: Readonly<Record<CloudCondition, string | null>> = {
  unavailable: cloudWords.whyUnreachable,
  'no-key': cloudWords.whyNoKey,
  off: cloudWords.whyOff,
  'local-only': cloudWords.whyLocalOnly,
  /** The caps have an answer of their own. */
  'cap-daily': null,
  'cap-monthly': null,
  ready: null,
};

/**
 * The gateway knows nothing of states: a model that loads refuses connections like one that is gone, and the gateway
 * goes on to the next. Each model falls back to all others, so while any of them is coming up, a local answer is near
 * and waiting costs nothing; the cloud would cost money. All such states end: in an answer, or in `failed`.
 *
 * Answered with 503 and no `Retry-After`: it is the last error that the client gets to see, so it must be one that
 * clients try again, and one that does not make the gateway itself wait.
 */
export function judgeFallback(condition: CloudCondition, models: readonly LocalModel[]): ApiError | null {
  const why = notAllowed[condition];
  if (why !== null) {
    return apiError(503, 'no-local-model', cloudWords.noLocalModel(why));
  }
  if (models.some(isComingUp)) {
    return apiError(503, 'local-model-starting', cloudWords.localModelStarting);
  }
  return null;
}
