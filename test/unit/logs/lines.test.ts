/** Bytes to lines: every chunk border, every kind of bad byte, and lines that never end. */
import { describe, expect, it } from 'vitest';
import { createKernelSource, kernelMinBytes } from '../../../src-main/logs/kernel/kernel.ts';
import {
  createLineSplitter,
  type LineSplitter,
  lineMaxBytes,
  splitMark,
  textOf,
} from '../../../src-main/logs/lines.ts';
import { createRedactor, fingerprints, redactionMark } from '../../../src-main/logs/redact.ts';

const plain = createRedactor();
const kernel = createKernelSource(fingerprints);
kernel(kernelMinBytes);
const splitterOf = (redactor = plain, maxBytes = lineMaxBytes): LineSplitter =>
  createLineSplitter({ redactor, kernel, maxBytes });

/** With the fast path over bytes and without it: both have to say the same. */
function linesOf(chunks: readonly Buffer[], redactor = plain, maxBytes = lineMaxBytes): string[] {
  const [out, slowly] = [kernel, () => null].map((source) => {
    const splitter = createLineSplitter({ redactor, kernel: source, maxBytes });
    return [...chunks.map((chunk) => copyOf(splitter.push(chunk))), copyOf(splitter.end())].join('');
  });
  expect(out).toBe(slowly);
  return out === undefined || out === '' ? [] : textOf(out.slice(0, -1)).split('\n');
}

/** What is given out holds until the next call only. */
const copyOf = (lines: Buffer): string => lines.toString('latin1');

/** All ways to cut the text once, and byte by byte. */
function* cutsOf(bytes: Buffer): Generator<Buffer[]> {
  for (let at = 0; at <= bytes.length; at += 1) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield [...bytes].map((byte) => Buffer.from([byte]));
}

const joined = (lines: readonly string[]): string =>
  lines.join('\n').replaceAll(`${textOf(splitMark)}\n${textOf(splitMark)}`, '');

describe('line borders', () => {
  it('are found whatever the chunks are, in UTF-8 too', () => {
    const text = 'eins\nzwei é ü 漢字 🙂\n\n\tdrei\nno end';
    for (const chunks of cutsOf(Buffer.from(text))) expect(linesOf(chunks)).toEqual(text.split('\n'));
  });

  it('treats CR LF as one line end, however it is cut', () => {
    for (const chunks of cutsOf(Buffer.from('a\r\nb\r\r\nc\r\n')))
      expect(linesOf(chunks)).toEqual(['a', 'b', 'c']);
  });

  it('says nothing when there was nothing', () => {
    expect(linesOf([])).toEqual([]);
    expect(linesOf([Buffer.alloc(0)])).toEqual([]);
  });
});

describe('progress bars', () => {
  it('become their last state', () => {
    const text = 'Loading\n 10%|#\r 20%|##\r100%|##########\ndone\r\n';
    for (const chunks of cutsOf(Buffer.from(text))) {
      expect(linesOf(chunks)).toEqual(['Loading', '100%|##########', 'done']);
    }
  });

  it('show their present state while they run, and stay bounded when they never end', () => {
    const splitter = splitterOf();
    let given = 0;
    for (let i = 0; i < 20_000; i += 1)
      given += splitter.push(Buffer.from(`\r step ${i} of many, and some words`)).length;
    expect(given).toBe(0);
    expect(splitter.partial()).toBe(' step 19999 of many, and some words');
  });

  it('an endless run of carriage returns holds no memory', () => {
    const splitter = splitterOf();
    for (let i = 0; i < 100; i += 1) expect(splitter.push(Buffer.alloc(65536, '\r'))).toHaveLength(0);
    expect(copyOf(splitter.push(Buffer.from('x\n')))).toBe('x\n');
  });
});

describe('control characters', () => {
  it('removes escape sequences, however they are cut', () => {
    const text =
      '\x1b[1;31mred\x1b[0m \x1b]0;title\x07t \x1b]8;;http://x\x1b\\link\x1b(B \x1bPq#0\x1b\\end\x1b7!\n';
    for (const chunks of cutsOf(Buffer.from(text))) expect(linesOf(chunks)).toEqual(['red t link end!']);
  });

  it('removes the ESC of a sequence that never ends, and shows the rest', () => {
    expect(linesOf([Buffer.from('a\x1b]0;title without end\nb\x1b[31')])).toEqual([
      'a]0;title without end',
      'b[31',
    ]);
  });

  it('draws the others', () => {
    expect(linesOf([Buffer.from('a\x00b\x07c\x08d\x7fe\tf\x0bg\n')])).toEqual(['a␀b␇c␈d␡e\tf␋g']);
  });

  it('replaces C1 codes written in UTF-8', () => {
    expect(linesOf([Buffer.from('a\u009b31mb\u0085c à\n')])).toEqual(['a\ufffd31mb\ufffdc à']);
  });

  it('finds a single control code in a large block', () => {
    for (let code = 0; code < 32; code += 1) {
      if (code === 9 || code === 10 || code === 13 || code === 27) continue;
      const block = Buffer.alloc(10_000, 'x');
      block[7777] = code;
      block[9999] = 10;
      expect(linesOf([block])[0]).toContain(String.fromCharCode(0x2400 + code));
    }
  });
});

describe('bytes that are no UTF-8', () => {
  it('are replaced, and their neighbours kept', () => {
    const bytes = Buffer.concat([
      Buffer.from('a'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('b\n'),
      Buffer.from([0xe2, 0x82, 10]),
    ]);
    for (const chunks of cutsOf(bytes)) expect(linesOf(chunks)).toEqual(['a\ufffd\ufffdb', '\ufffd']);
  });

  it('never get out, nor do control codes, whatever the binary is', () => {
    let seed = 42;
    const binary = Buffer.from(
      Array.from({ length: 200_000 }, () => {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
        return seed >> 16;
      }),
    );
    const splitter = splitterOf();
    let out = '';
    for (let at = 0; at < binary.length; at += 4099)
      out += copyOf(splitter.push(binary.subarray(at, at + 4099)));
    out += copyOf(splitter.end());
    const bytes = Buffer.from(out, 'latin1');
    expect(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).not.toMatch(/[^\P{Cc}\n\t]/u);
    expect(out.split('\n').every((line) => line.length <= lineMaxBytes)).toBe(true);
  });
});

describe('long lines', () => {
  it('are split at the limit, nothing lost, characters whole', () => {
    const text = `first\n${'abé漢🙂'.repeat(700)}\nlast`;
    for (const size of [1, 7, 100, 1000, 100_000]) {
      const bytes = Buffer.from(text);
      const chunks = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      const lines = linesOf(chunks, plain, 256);
      expect(joined(lines)).toBe(text);
      expect(lines.every((line) => Buffer.byteLength(line) <= 256)).toBe(true);
    }
  });

  it('of exactly the limit are left whole, one byte more is split', () => {
    const exact = 'x'.repeat(lineMaxBytes);
    expect(linesOf([Buffer.from(`${exact}\n`)])).toEqual([exact]);
    expect(linesOf([Buffer.from(`${exact}y\n`)])).toHaveLength(2);
  });

  it('that never end are given out as they come', () => {
    const splitter = splitterOf();
    let out = 0;
    for (let i = 0; i < 64; i += 1)
      out += copyOf(splitter.push(Buffer.alloc(65536, 'z'))).replaceAll(/[^z]/g, '').length;
    expect(out).toBeGreaterThan(63 * 65536);
    expect(out + copyOf(splitter.end()).replaceAll(/[^z]/g, '').length).toBe(64 * 65536);
  });
});

describe('secrets and borders', () => {
  const registered = 'Canary/Registered+Secret=0123456789';
  const byPattern = `sk-or-v1-${'c0ffee'.repeat(8)}`;
  const redactor = createRedactor();
  redactor.register(registered);

  it.each([registered, byPattern])('%s split at every byte of a short line', (secret) => {
    const bytes = Buffer.from(`before ${secret} after\nnext\n`);
    for (const chunks of cutsOf(bytes))
      expect(linesOf(chunks, redactor)).toEqual([`before ${redactionMark} after`, 'next']);
  });

  it.each([registered, byPattern, `Bearer ${'tOk3n'.repeat(200)}`])(
    '%s at every place around a split',
    (secret) => {
      const max = 256;
      const value = secret.replace('Bearer ', '');
      for (let before = 0; before < 3 * max; before += 5) {
        // Blanks end a secret, so that only the secret itself can be taken.
        const text = `${'- '.repeat(before)}${secret} ${'+ '.repeat(before)}end`;
        for (const size of [64, 97, 1024]) {
          const bytes = Buffer.from(text);
          const chunks = [];
          for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
          const out = joined(linesOf(chunks, redactor, max));
          expect(out).toBe(text.replace(value, redactionMark));
        }
      }
    },
  );

  it('a secret longer than all that may be held is dropped up to its end', () => {
    const text = `Bearer ${'a1'.repeat(100_000)} and the rest`;
    const bytes = Buffer.from(`${text}\nnext\n`);
    const chunks = [];
    for (let at = 0; at < bytes.length; at += 1000) chunks.push(bytes.subarray(at, at + 1000));
    const lines = linesOf(chunks, redactor);
    expect(joined(lines)).toBe(`Bearer ${redactionMark} and the rest\nnext`);
  });

  it('colours inside a secret do not hide it', () => {
    const text = `a ${registered.slice(0, 9)}\x1b[7m${registered.slice(9)} b\n`;
    for (const chunks of cutsOf(Buffer.from(text)))
      expect(linesOf(chunks, redactor)).toEqual([`a ${redactionMark} b`]);
  });

  it('half a secret at the end of a stream, or in a line still growing, is not shown', () => {
    for (let at = 4; at < registered.length; at += 1) {
      const splitter = splitterOf(redactor);
      splitter.push(Buffer.from(`last words ${registered.slice(0, at)}`));
      expect(splitter.partial()).toBe(`last words ${redactionMark}`);
      expect(copyOf(splitter.end())).toBe(`last words ${redactionMark}\n`);
    }
  });
});
