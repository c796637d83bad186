import { describe, expect, it } from 'vitest';
import { createEventScanner } from '../../../src-main/cloud/event-stream.ts';

const secret = `sk-or-v1-${'ab'.repeat(32)}`;
const open = (lineMaxBytes = 1000) => createEventScanner({ lineMaxBytes, secret });

const stream = [
  ': OPENROUTER PROCESSING\n\n',
  'data: {"model":"m","choices":[{"delta":{"content":"Grüße 🌍"}}]}\n\n',
  'data: {"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}\r\n\r\n',
  'event: x\nid: 1\nretry: 5\n',
  'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"cost":0.5}}\n\n',
  'data: [DONE]\n\n',
].join('');

describe('the event scanner', () => {
  it.each([1, 2, 3, 7, 50, 10_000])(
    'hands on every byte of a good stream cut every %i bytes, in whole lines',
    (size) => {
      const scanner = open();
      const bytes = Buffer.from(stream);
      const forwarded: Buffer[] = [];
      const facts: unknown[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        const scanned = scanner.push(bytes.subarray(at, at + size));
        expect(scanned.fault).toBeNull();
        if (scanned.forward.length > 0) expect(scanned.forward.at(-1)).toBe(0x0a);
        forwarded.push(Buffer.from(scanned.forward));
        facts.push(...scanned.chunks);
      }
      expect(Buffer.concat(forwarded).toString()).toBe(stream);
      expect(scanner.done).toBe(true);
      expect(scanner.held).toBe(0);
      expect(facts).toMatchObject([
        { model: 'm', hasContent: true, finished: false },
        { finished: true, hasContent: false },
        { usage: { promptTokens: 3, completionTokens: 4, costUsd: 0.5 } },
      ]);
    },
  );

  it.each([
    ['no JSON', 'data: {"a":\n'],
    ['a number', 'data: 5\n'],
    ['nothing after data', 'data:\n'],
    ['HTTP inside', 'HTTP/1.1 200 OK\n'],
    ['a web page', '<html>\n'],
    ['zeros', '\0\0\0\n'],
  ])('stops before %s', (_name, bad) => {
    const scanner = open();
    const good = 'data: {"a":1}\n\n';
    const scanned = scanner.push(Buffer.from(`${good}${bad}data: {"b":2}\n\n`));
    expect(scanned).toMatchObject({ fault: 'garbage' });
    expect(scanned.forward.toString()).toBe(good);
    expect(scanner.betweenEvents).toBe(true);
  });

  it('knows when an event is not finished', () => {
    const scanner = open();
    expect(scanner.push(Buffer.from('data: {"a":1}\n<')).fault).toBeNull();
    expect(scanner.betweenEvents).toBe(false);
    expect(scanner.held).toBe(1);
  });

  it('stops a line at its limit, with or without an end, in one piece or in crumbs', () => {
    expect(open(100).push(Buffer.from(`data: "${'x'.repeat(200)}"\n`)).fault).toBe('line-too-long');
    const scanner = open(100);
    const faults = Array.from({ length: 200 }, () => scanner.push(Buffer.from('x')).fault);
    expect(faults.indexOf('line-too-long')).toBe(100);
  });

  it('finds the key in any line, also when it arrives in pieces', () => {
    const scanner = open();
    const line = `data: {"content":"${secret}"}\n`;
    expect(scanner.push(Buffer.from(line.slice(0, 40))).forward).toHaveLength(0);
    const scanned = scanner.push(Buffer.from(line.slice(40)));
    expect(scanned.fault).toBe('secret');
    expect(scanned.forward).toHaveLength(0);
    expect(open().push(Buffer.from(`: ${secret}\n`)).fault).toBe('secret');
  });

  it('takes no nonsense for usage', () => {
    const read = (usage: unknown) =>
      open().push(Buffer.from(`data: ${JSON.stringify({ usage })}\n`)).chunks[0]?.usage;
    expect(read({ prompt_tokens: -1, completion_tokens: 'x', cost: -2 })).toEqual({
      promptTokens: 0,
      completionTokens: 0,
      costUsd: null,
    });
    expect(read({ cost: 1e9 })?.costUsd).toBeNull();
    expect(read('free')).toBeNull();
  });
});
