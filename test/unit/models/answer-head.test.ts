import { describe, expect, it } from 'vitest';
import { parseHead } from '../../../src-main/models/answer-head.ts';

const head = (...lines: string[]) => parseHead(lines.join('\r\n'));

describe('the head of an answer', () => {
  it('says status, headers in lower case, and the length of the body', () => {
    const parsed = head(
      'HTTP/1.1 206 Partial Content',
      'Content-Length: 10',
      'X-Linked-ETag:  "a: b" ',
      'Link: a',
      'link: b',
    );
    expect(parsed).toMatchObject({ status: 206, lengthBytes: 10, mayKeepAlive: true });
    expect(parsed?.headers.get('x-linked-etag')).toBe('"a: b"');
    expect(parsed?.headers.get('link')).toBe('a, b');
    expect(head('HTTP/1.1 200')).toMatchObject({ status: 200, lengthBytes: null });
  });

  it.each([
    ['in parts', ['Transfer-Encoding: chunked', 'Content-Length: 10']],
    ['said twice', ['Content-Length: 10', 'Content-Length: 11']],
    ['signed', ['Content-Length: +10']],
    ['in hexadecimal', ['Content-Length: 0x10']],
    ['beyond all numbers', [`Content-Length: ${'9'.repeat(30)}`]],
    ['empty', ['Content-Length:']],
  ])('has no length where it is %s', (_what, lines) => {
    expect(head('HTTP/1.1 200 OK', ...lines)).toMatchObject({ lengthBytes: null });
  });

  it('ends the connection with HTTP/1.0 and on request', () => {
    expect(head('HTTP/1.0 200 OK')?.mayKeepAlive).toBe(false);
    expect(head('HTTP/1.1 200 OK', 'Connection: Close')?.mayKeepAlive).toBe(false);
  });

  it.each([
    ['', 'no status'],
    ['HTTP/2 200', 'another version'],
    ['HTTP/1.1 99 x', 'no such status'],
    ['HTTP/1.1 200 OK\r\nno colon', 'no field'],
    ['HTTP/1.1 200 OK\r\n folded: x', 'a folded line'],
    ['HTTP/1.1 200 OK\r\na b: x', 'a name with a space'],
    ['HTTP/1.1 200 OK\r\na: x\ny: z', 'a bare line feed'],
    ['HTTP/1.1 200 OK\r\na: x\0', 'an end of text'],
  ])('%j is refused: %s', (text) => {
    expect(parseHead(text)).toBeNull();
  });

  it('is read in one pass however many blanks a server puts into it', () => {
    const blanks = ' '.repeat(60_000);
    expect(head('HTTP/1.1 200 OK', `X-A: x${blanks}y`)?.headers.get('x-a')).toBe(`x${blanks}y`);
    expect(head('HTTP/1.1 200 OK', `X-A:${blanks}${blanks}x${blanks}\t`)?.headers.get('x-a')).toBe('x');
    expect(parseHead(`HTTP/1.1 200 OK\r\na:${blanks}\n`)).toBeNull();
  });
});
