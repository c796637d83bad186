/** Reading values whose type nobody vouches for: bodies, YAML, JSON. */

export type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `[Errno N]` as Python prints it; the numbers differ between the two systems. */
export const PYTHON_ERRNO: Readonly<Record<string, { readonly number: number; readonly text: string }>> =
  process.platform === 'darwin'
    ? {
        EADDRINUSE: { number: 48, text: 'address already in use' },
        EADDRNOTAVAIL: { number: 49, text: "can't assign requested address" },
        EACCES: { number: 13, text: 'permission denied' },
      }
    : {
        EADDRINUSE: { number: 98, text: 'address already in use' },
        EADDRNOTAVAIL: { number: 99, text: 'cannot assign requested address' },
        EACCES: { number: 13, text: 'permission denied' },
      };
