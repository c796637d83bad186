/** How success and expected failure are said, inside the app and across the bridge. */
import * as z from 'zod';

/** `code` is stable kebab-case for programs; `message` and `hint` are sentences for the person at the screen. */
export const problemSchema = z.strictObject({
  code: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  message: z.string(),
  hint: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export type Result<T, E = Problem> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const fail = <E>(error: E): Result<never, E> => ({ ok: false, error });

export function problem(code: string, message: string, hint?: string): Problem {
  return hint === undefined ? { code, message } : { code, message, hint };
}

/** Ends an exhaustive switch: a case that was forgotten is a compile error, a value that lied is a thrown bug. */
export function assertNever(value: never, what: string): never {
  throw new Error(`${what} has no case for ${JSON.stringify(value)}`);
}
