/** Errors as OpenAI's clients expect them, whole or as the last event of a stream. */

export type ApiErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'insufficient_quota'
  | 'rate_limit_error'
  | 'server_error';

export interface ApiError {
  readonly status: number;
  readonly type: ApiErrorType;
  /** Stable, kebab-case. */
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export function apiError(
  status: number,
  code: string,
  message: string,
  more: { readonly type?: ApiErrorType; readonly retryAfterSeconds?: number } = {},
): ApiError {
  const type = more.type ?? typeOf(status);
  const { retryAfterSeconds } = more;
  return retryAfterSeconds === undefined
    ? { status, code, message, type }
    : { status, code, message, type, retryAfterSeconds };
}

export function typeOf(status: number): ApiErrorType {
  if (status === 401) return 'authentication_error';
  if (status === 402) return 'insufficient_quota';
  if (status === 403) return 'permission_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 || status === 408 ? 'server_error' : 'invalid_request_error';
}

export function errorBody(error: ApiError): string {
  const { message, type, code } = error;
  return JSON.stringify({ error: { message, type, param: null, code } });
}

/** The shape of OpenRouter's own mid-stream errors; OpenAI's clients throw on the `error` field. */
export function errorEvent(error: ApiError): string {
  const { message, type, code } = error;
  const choices = [{ index: 0, delta: { content: '' }, finish_reason: 'error' }];
  return `data: ${JSON.stringify({ error: { message, type, param: null, code }, choices })}\n\n`;
}
