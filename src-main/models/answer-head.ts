/** Reads the head of an HTTP/1.1 answer. Pure. */

export interface AnswerHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Of the body; `null` when it is not said in the one plain way. */
  readonly lengthBytes: number | null;
  readonly mayKeepAlive: boolean;
}

/** Signed addresses and policies make long heads, but not this long. */
export const maxHeadBytes = 64 * 1024;

const statusPattern = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\r\n]*)?$/;
const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A bare line feed would be an end of line to others. */
const forbidden = /[\r\n\0]/;

/** `text` is all before the empty line; `null` when it is no such head. */
export function parseHead(text: string): AnswerHead | null {
  const [first = '', ...lines] = text.split('\r\n');
  const status = statusPattern.exec(first);
  if (status === null) return null;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (!namePattern.test(name) || forbidden.test(line)) return null;
    const value = withoutBlanks(line.slice(colon + 1));
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const length = headers.get('content-length') ?? '';
  const isPlain = !headers.has('transfer-encoding') && /^\d{1,15}$/.test(length);
  const connection = headers.get('connection')?.toLowerCase() ?? '';
  return {
    status: Number(status[2]),
    headers,
    lengthBytes: isPlain ? Number(length) : null,
    mayKeepAlive: status[1] === '1' && !/\bclose\b/.test(connection),
  };
}

/** By index: a pattern that looks for blanks at an end takes a time that grows with their square. */
function withoutBlanks(text: string): string {
  const isBlank = (index: number) => text[index] === ' ' || text[index] === '\t';
  let [start, end] = [0, text.length];
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}
