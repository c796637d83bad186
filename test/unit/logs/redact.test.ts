/** What must never be seen in a log, what must stay readable, and how long a hostile line may take. */
import { describe, expect, it } from 'vitest';
import {
  createRedactor,
  type Redactor,
  redactionMark,
  secretMaxChars,
  secretsMax,
} from '../../../src-main/logs/redact.ts';

const routerKey = `sk-or-v1-${'0123456789abcdef'.repeat(4)}`;
const hfToken = `hf_${'AbCdEfGhIj'.repeat(3)}kLmN`;
const blockOf = (redactor: Redactor, text: string): string =>
  redactor.redactBlock(Buffer.from(text)).toString('latin1');

describe('secrets by pattern', () => {
  const redactor = createRedactor();
  it.each([
    [`key is ${routerKey}.`, `key is ${redactionMark}.`],
    [`OPENAI_API_KEY=sk-proj-${'a1'.repeat(20)}`, `OPENAI_API_KEY=${redactionMark}`],
    [`token ${hfToken} used`, `token ${redactionMark} used`],
    ['Authorization: Bearer abcDEF123456', `Authorization: Bearer ${redactionMark}`],
    ['authorization: Basic dXNlcjpwYXNz', `authorization: Basic ${redactionMark}`],
    [`{'Authorization': 'Bearer abc.def-ghi'}`, `{'Authorization': 'Bearer ${redactionMark}'}`],
    [`(b'authorization', b'Bearer abc.def-ghi')`, `(b'authorization', b'Bearer ${redactionMark}')`],
    ['{"authorization":"opaque value of three"}', `{"authorization":"${redactionMark}"}`],
    ['{\\"api_key\\": \\"abcdefgh\\"}', `{\\"api_key\\": \\"${redactionMark}\\"}`],
    ['sent bearer abc12345', `sent bearer ${redactionMark}`],
    ['GET /x?api_key=abcd1234&n=1', `GET /x?api_key=${redactionMark}&n=1`],
    ['GET /x?token=abcd1234&n=1', `GET /x?token=${redactionMark}&n=1`],
    ['GET /x?key=AIzaSyAbc&n=1', `GET /x?key=${redactionMark}&n=1`],
    ['redirect=%2Fcb%3Faccess_token%3Dabcd1234%26n', `redirect=%2Fcb%3Faccess_token%3D${redactionMark}`],
    ['master_key: abcd1234', `master_key: ${redactionMark}`],
    ['x-api-key: abcd1234', `x-api-key: ${redactionMark}`],
    ['"password": "two words"', `"password": "${redactionMark}"`],
    [`client_secret='abc def' next`, `client_secret='${redactionMark}' next`],
    [`see%20${routerKey}%20`, `see%20${redactionMark}%20`],
    [`"line\\nsk-${'a'.repeat(24)}"`, `"line\\n${redactionMark}"`],
  ])('%s', (text, expected) => {
    expect(redactor.redact(text)).toBe(expected);
    expect(blockOf(redactor, `${text}\n`)).toBe(`${expected}\n`);
    expect(redactor.redact(expected)).toBe(expected);
  });

  it.each([
    'INFO:     127.0.0.1:52311 - "POST /v1/chat/completions HTTP/1.1" 200 OK',
    'prompt tokens: 512, max_tokens=4096, 41.2 tok/s',
    "eos_token: '<|im_end|>' pad_token_id=128009",
    'task-scheduling-of-something-quite-long and disk-usage-monitor-thread',
    'api_key: None, api_key=os.environ/OPENROUTER_KEY, api_key=null',
    'Bearer authentication is required',
    'the secret of fast decoding',
    'KeyError: model_key',
  ])('leaves alone: %s', (text) => {
    expect(redactor.redact(text)).toBe(text);
  });

  it('keeps every line, whatever it holds', () => {
    const lines = [
      `authorization:`,
      'second',
      'password=',
      'third',
      'bearer',
      `${routerKey}`,
      'api_key="open',
      'last',
    ];
    const out = redactor.redact(lines.join('\n')).split('\n');
    expect(out).toHaveLength(lines.length);
    expect(out.filter((_, i) => i % 2 === 1 && i < 5)).toEqual(['second', 'third']);
    expect(out.at(-1)).toBe('last');
  });
});

describe('registered secrets', () => {
  const secret = 'pässw "x"/+ with\\everything?';

  it.each([
    ['plain', secret],
    ['URL', encodeURIComponent(secret)],
    ['form', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
  ])('%s form', (_name, form) => {
    const redactor = createRedactor();
    expect(redactor.register(secret)).toBe(true);
    expect(redactor.redact(`a ${form} b`)).toBe(`a ${redactionMark} b`);
    expect(blockOf(redactor, `a ${form} b\n`)).toBe(`a ${redactionMark} b\n`);
  });

  it.each([0, 1, 2, 3, 4, 5])('base64 behind %i other bytes', (before) => {
    const redactor = createRedactor();
    redactor.register(secret);
    const encoded = Buffer.from(`${'u'.repeat(before)}${secret}tail`).toString('base64');
    const core = Buffer.from(secret).toString('base64').slice(4, -4);
    const out = redactor.redact(`Basic ${encoded}`);
    expect(out).toContain(redactionMark);
    expect(out).not.toContain(core);
    expect(Buffer.from(out.replace(redactionMark, ''), 'base64').toString()).not.toContain('everything');
  });

  it('is found wherever in a block it stands, at any alignment', () => {
    const redactor = createRedactor();
    const odd = 'Zq7-odd-one';
    redactor.register(odd);
    const pool = Buffer.alloc(4096, 'x');
    for (let at = 0; at < 40; at += 1) {
      for (let offset = 0; offset < 4; offset += 1) {
        const block = pool.subarray(offset, offset + 120);
        block.fill('x');
        block.write(odd, at, 'latin1');
        expect(redactor.redactBlock(block).toString('latin1')).not.toContain(odd);
      }
    }
    // At the very start and end of the smallest block that holds it.
    expect(blockOf(redactor, odd)).toBe(redactionMark);
  });

  it('of two that start alike hides the longer one whole', () => {
    const redactor = createRedactor();
    redactor.register('common-start');
    redactor.register('common-start-and-more');
    expect(redactor.redact('x common-start-and-more y')).toBe(`x ${redactionMark} y`);
  });

  it('is hidden whole where a pattern would end in the middle of it', () => {
    const redactor = createRedactor();
    redactor.register('two words, and more');
    expect(redactor.redact('password=two words, and more!')).not.toMatch(/words|more/);
  });

  it('is no longer hidden once forgotten', () => {
    const redactor = createRedactor();
    redactor.register('forget-me-not');
    redactor.forget('forget-me-not');
    expect(redactor.redact('forget-me-not')).toBe('forget-me-not');
  });

  it('refuses what is too short or too long', () => {
    const redactor = createRedactor();
    expect(redactor.register('seven77')).toBe(false);
    expect(redactor.register('x'.repeat(secretMaxChars + 1))).toBe(false);
    expect(redactor.redact('seven77')).toBe('seven77');
  });

  it('are not taken beyond their number, and the first stay hidden', () => {
    const redactor = createRedactor();
    for (let index = 0; index < secretsMax; index += 1)
      expect(redactor.register(`secret-${index}-x`)).toBe(true);
    expect(redactor.register('one-too-many')).toBe(false);
    expect(redactor.register('secret-0-x')).toBe(true);
    expect(redactor.redact('secret-0-x one-too-many')).toBe(`${redactionMark} one-too-many`);
  });

  it('survives a secret full of pattern characters', () => {
    const redactor = createRedactor();
    redactor.register('a+b(c[d]{e}|f^$.*?\\-/');
    expect(redactor.redact('> a+b(c[d]{e}|f^$.*?\\-/ <')).toBe(`> ${redactionMark} <`);
  });
});

describe('a line cut off in the middle of a secret', () => {
  const redactor = createRedactor();
  redactor.register('Registered-Secret-Value');
  it.each([
    [`key sk-or-v1-012`, `key ${redactionMark}`],
    ['key sk-', `key ${redactionMark}`],
    ['Authorization: Bearer ab', `Authorization: Bearer ${redactionMark}`],
    ['x Registered-Sec', `x ${redactionMark}`],
    ['{"api_key": "ab', `{"api_key": "${redactionMark}`],
    ['nothing here', 'nothing here'],
  ])('%s', (text, expected) => {
    expect(redactor.redactCutOff(text)).toBe(expected);
  });
});

describe('hostile lines', () => {
  const size = 256 * 1024;
  const repeat = (piece: string) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
  it.each([
    ['sk-'],
    ['sk-a '],
    ['sk-or-v1-'],
    ['hf_'],
    ['authorization:'],
    ['authorization: bearer '],
    ['bearer '],
    ['bearer a '],
    ['api_key="'],
    [`api_key='x" `],
    ['password=\\"'],
    ['token='],
    ['%26key%3d'],
    ['"authorization" , b"'],
    ['a'],
    ['='],
    ['?&key='],
  ])('of 256 KB of %j take linear time', (piece) => {
    const redactor = createRedactor();
    redactor.register('some-registered-secret');
    const text = repeat(piece);
    const took = (of: string): number => {
      const began = process.threadCpuUsage();
      redactor.redact(of);
      redactor.redactBlock(Buffer.from(of));
      redactor.redactCutOff(of);
      redactor.redactOpen(of);
      const { user, system } = process.threadCpuUsage(began);
      return (user + system) / 1000;
    };
    took(text.slice(0, size / 8));
    // Quadratic time would take minutes at this size.
    expect(took(text)).toBeLessThan(1500);
  });
});
