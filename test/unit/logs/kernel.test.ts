/** The fast path over bytes, against the obvious way to do the same: it may see too much, never too little. */
import { describe, expect, it } from 'vitest';
import { createKernel, createKernelSource, kernelMinBytes } from '../../../src-main/logs/kernel/kernel.ts';
import { layout } from '../../../src-main/logs/kernel/program.ts';
import { createRedactor, fingerprints, redactionMark } from '../../../src-main/logs/redact.ts';

const built = createKernel(fingerprints);
if (!built) throw new Error('no WebAssembly with vectors');
const kernel = built;

const filler = 'INFO:     127.0.0.1:40001 - "POST /v1/chat/completions HTTP/1.1" 200 OK prompt tokens: 7\n';
const fill = (bytes: number): Buffer => Buffer.alloc(bytes, filler);

function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

describe('scan', () => {
  it('sees each control code and each other byte as what it is, at every place in a vector', () => {
    for (let code = 0; code < 256; code += 1) {
      for (let at = 0; at < 33; at += 1) {
        const block = Buffer.alloc(40, 'x');
        block[at] = code;
        const { hasControls, isAscii } = kernel.scan(block);
        expect(hasControls, `${code} at ${at}`).toBe(
          (code < 32 && code !== 9 && code !== 10) || code === 127,
        );
        expect(isAscii).toBe(code < 128);
      }
    }
  });

  it('says nothing about what an earlier, longer block held', () => {
    kernel.scan(Buffer.from(`${'x'.repeat(40)}\x07\xffsk-abc`, 'latin1'));
    expect(kernel.scan(Buffer.from('short'))).toEqual({
      hasControls: false,
      isAscii: true,
      mayHoldFingerprint: false,
    });
  });

  it('lets ordinary lines pass', () => {
    expect(kernel.scan(fill(60_000)).mayHoldFingerprint).toBe(false);
  });

  it('sees a secret across the pieces of a block that is larger than its memory', () => {
    for (let shift = -24; shift <= 8; shift += 1) {
      const block = fill(layout.inputMaxBytes * 2);
      block.write('sk-abcdefghijklmnopq', layout.inputMaxBytes + shift, 'latin1');
      expect(kernel.scan(block).mayHoldFingerprint, `${shift}`).toBe(true);
    }
  });

  const secret = 'Abcdef0123456789xyz_-Q';
  const forms = [
    `sk-or-v1-${secret}`,
    `sk-${secret}`,
    'hf_AbCdEfGhIjKlMnOpQr',
    `Authorization: ${secret}`,
    `"authorization", "Basic ${secret}"`,
    `(b'authorization', b'${secret}')`,
    `bearer ${secret}`,
    `Bearer%20${secret}`,
    ...[
      'api_key',
      'api-key',
      'apikey',
      'master_key',
      'secret-key',
      'private_key',
      'access_key',
      'signing_key',
    ],
    ...[
      'encryption-key',
      'salt_key',
      'openrouter-key',
      'litellm_key',
      'openai_key',
      '?key',
      '&key',
      '%26key',
    ],
    ...['%3fkey', 'access_token', 'refresh-token', 'authtoken', 'apitoken', 'session_token', 'bearer_token'],
    ...[
      'csrf_token',
      'hf_token',
      'hub_token',
      'id_token',
      'secret',
      'passwd',
      'password',
      'passphrase',
      'token',
    ],
  ].flatMap((form) =>
    form.includes(secret) || form.startsWith('hf_A')
      ? [form]
      : ['=', ': ', '": "', "': '", '\\": \\"', '%3d', '%3A', ' = ', "'\t=b'"].map(
          (sign) => `${form}${sign}${secret}`,
        ),
  );

  it('sees all that the patterns take out, in any case and at every place in a vector', () => {
    const redactor = createRedactor();
    let seen = 0;
    for (const form of forms) {
      for (const text of [form, form.toUpperCase(), form.toLowerCase()]) {
        for (let at = 0; at < 16; at += 1) {
          const block = Buffer.from(`${' '.repeat(at)}${text}\n`);
          if (redactor.redactBlock(block) === block) continue;
          seen += 1;
          expect(kernel.scan(block).mayHoldFingerprint, block.toString()).toBe(true);
        }
      }
    }
    // Nearly all of them are secrets to the patterns, so that the loop has shown something.
    expect(seen).toBeGreaterThan(forms.length * 3 * 16 * 0.8);
  });

  it('sees what the patterns take out of random pieces of secrets', () => {
    const random = createRandom(11);
    const redactor = createRedactor();
    const pieces = [
      'sk-',
      'hf_',
      'or-v1-',
      'Authorization',
      'bearer',
      'api',
      'key',
      '_',
      '-',
      'token',
      'secret',
    ];
    const signs = [
      ':',
      '=',
      ' ',
      '"',
      "'",
      '\\',
      '%3d',
      '%20',
      '?',
      '&',
      'passw',
      'ord',
      'd',
      'abcdef012345678',
    ];
    const all = [...pieces, ...signs];
    let seen = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const text = Array.from({ length: 3 + random(8) }, () => all[random(all.length)]).join('');
      const block = Buffer.from(`${text}\n`);
      if (redactor.redactBlock(block) === block) continue;
      seen += 1;
      expect(kernel.scan(block).mayHoldFingerprint, text).toBe(true);
      expect(redactor.redactBlock(block).toString()).toContain(redactionMark);
    }
    expect(seen).toBeGreaterThan(1000);
  });
});

describe('first repeat', () => {
  function simply(previous: string, lines: readonly string[]): number {
    let at = 0;
    let before = previous;
    for (const line of lines) {
      if (line === before) return at;
      before = line;
      at += line.length;
    }
    return at;
  }

  it('is where the simple way finds it', () => {
    const random = createRandom(5);
    const line = (): string => `${'ab'.slice(0, random(3))}${'x'.repeat(random(40))}${random(2)}\n`;
    for (let round = 0; round < 20_000; round += 1) {
      const previous = random(3) === 0 ? '' : line();
      const lines = Array.from({ length: 1 + random(12) }, () => (random(9) === 0 ? '\n' : line()));
      expect(kernel.firstRepeat(Buffer.from(previous), Buffer.from(lines.join('')))).toBe(
        simply(previous, lines),
      );
    }
  });

  it('is not looked for in more than its memory holds', () => {
    expect(kernel.firstRepeat(Buffer.alloc(0), fill(layout.inputMaxBytes + 1))).toBe(-1);
    expect(kernel.firstRepeat(fill(layout.previousMaxBytes + 1), fill(100))).toBe(-1);
  });
});

describe('stamping', () => {
  const stamp = '2026-01-02T03:04:05.678Z out ';
  function stamped(lines: string): string | null {
    let out = '';
    const did = kernel.stampLines(stamp, Buffer.from(lines, 'latin1'), (piece) => {
      out += piece.toString('latin1');
    });
    return did ? out : null;
  }
  const simply = (lines: string): string => lines.replace(/^/gm, stamp).slice(0, -stamp.length);

  it('puts the stamp before each line, whatever its length', () => {
    const random = createRandom(3);
    for (let round = 0; round < 500; round += 1) {
      const lines = Array.from({ length: 1 + random(60) }, () => `${'y\xe2'.repeat(random(70))}\n`).join('');
      expect(stamped(lines)).toBe(simply(lines));
    }
  });

  it('gives out in several pieces what is larger than its memory', () => {
    const lines = '\n'.repeat(layout.inputMaxBytes);
    const out = stamped(lines);
    expect(out?.length).toBe(layout.inputMaxBytes * (stamp.length + 1));
    expect(out?.replaceAll(`${stamp}\n`, '')).toBe('');
  });

  it('leaves a block that is too large to others', () => {
    expect(stamped(`${'z'.repeat(layout.inputMaxBytes)}\n`)).toBe(null);
  });
});

describe('the kernel', () => {
  it('is not built for a few lines', () => {
    const source = createKernelSource(fingerprints);
    expect(source(kernelMinBytes - 1)).toBe(null);
    expect(source(kernelMinBytes)).not.toBe(null);
    expect(source(1)).not.toBe(null);
  });

  it('refuses more fingerprints than it can tell apart', () => {
    expect(() => createKernel([...fingerprints, ['a', 'b', 'c', 'd']])).toThrow(
      'more fingerprints than bits',
    );
  });
});

describe('what was taken in already', () => {
  it('is told from what another call has put in its place', () => {
    const stamped = (lines: Buffer): string => {
      let text = '';
      expect(kernel.stampLines('> ', lines, (piece) => (text += piece.toString()))).toBe(true);
      return text;
    };
    const [one, other] = [Buffer.from('one\ntwo\n'), Buffer.from('other\nlines\nthan these\n')];
    kernel.scan(one);
    expect(stamped(one)).toBe('> one\n> two\n');
    expect(kernel.firstRepeat(Buffer.from('zero\n'), one)).toBe(one.length);
    expect(stamped(one)).toBe('> one\n> two\n');
    kernel.scan(other);
    expect(kernel.firstRepeat(Buffer.from('one\n'), one)).toBe(0);
    expect(stamped(other)).toBe('> other\n> lines\n> than these\n');
    const large = fill(2 * layout.inputMaxBytes);
    kernel.scan(large);
    expect(stamped(one)).toBe('> one\n> two\n');
  });
});
