/** Every failure that servers are known to print becomes one sentence, its line and what to do. */
import { describe, expect, it } from 'vitest';
import { classifyExit, exitCauses } from '../../../src-main/logs/causes.ts';
import { describeExit } from '../../../src-main/supervisor/failures.ts';
import { type ExitText, issueTexts, knownTexts } from './exit-texts.ts';

const all = [...knownTexts, ...issueTexts];
const noise = Array.from(
  { length: 15 },
  (_, i) => `INFO:     127.0.0.1:${50_000 + i} - "GET /health HTTP/1.1" 200 OK`,
);

const classify = ({ code, signal, lines }: ExitText) => classifyExit(code, signal, lines);

describe('an exit', () => {
  it.each(all)('$from: $cause', (text) => {
    const found = classify(text);
    expect(found.cause).toBe(text.cause);
    if (text.line === null) expect(found.line).toBeNull();
    else expect(found.line).toContain(text.line);
    expect(text.lines.length === 0 || found.line === null || text.lines.includes(found.line)).toBe(true);
    expect(found.sentence).toMatch(/^[a-z].*[^.\s]$/);
    expect(found.hint).toMatch(/^[A-Z].*\.$/);
  });

  it('is recognised among other lines, before and after', () => {
    for (const text of all.filter(({ line }) => line !== null)) {
      const found = classifyExit(text.code, text.signal, [...noise, ...text.lines, ...noise]);
      expect(found.cause, text.from).toBe(text.cause);
    }
  });

  it('knows every cause there is a name for, and ten real ones from public issues', () => {
    expect(new Set(all.map(({ cause }) => cause))).toEqual(new Set(exitCauses));
    const cited = issueTexts.filter(({ from }) => /^[\w.-]+\/[\w.-]+#\d+$/.test(from));
    expect(cited.length).toBeGreaterThanOrEqual(10);
  });

  it('is never blamed on lines of an ordinary life', () => {
    for (const [code, signal] of [
      [0, null],
      [1, null],
      [null, 'SIGTERM'],
      [null, 'SIGSEGV'],
    ] as const) {
      expect(classifyExit(code, signal, noise)).toMatchObject({ cause: 'other', line: null });
    }
  });

  it('names what is wrong, shortened', () => {
    const bad = classifyExit(2, null, [`x: error: unrecognized arguments: ${'y'.repeat(5000)}`]);
    expect(bad.sentence.length).toBeLessThan(160);
    expect(
      classifyExit(2, null, [
        "x: error: argument --tool-call-parser: invalid choice: 'abc' (choose from 'd')",
      ]).sentence,
    ).toContain('“abc”');
  });

  it('takes no time on lines made to take it', () => {
    const began = process.threadCpuUsage();
    for (const one of [
      'a',
      ' ',
      '[METAL] ',
      'error: argument ',
      "Failed to download '",
      'ImportError: ',
      'litellm config ',
    ]) {
      classifyExit(
        1,
        null,
        Array.from({ length: 20 }, () => one.repeat(16_384 / one.length)),
      );
    }
    const { user, system } = process.threadCpuUsage(began);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});

describe('a failure', () => {
  const spec = {
    id: 'fast',
    kind: 'tier',
    name: 'fast',
    model: 'Qwen3-4B',
    executable: { path: '/x/vllm-mlx' },
    args: [],
    env: {},
    cwd: '/',
    port: 8001,
    health: { kind: 'litellm', apiKey: 'x' },
    startLimitMs: 1000,
    stopGraceMs: 1000,
    memoryBytes: 0,
  };
  const [theGpuText] = issueTexts;
  const describe_ = (text: ExitText | undefined, wasReady: boolean) =>
    Reflect.apply(describeExit, undefined, [0, spec, { ...text, wasReady, lastLines: text?.lines }]);

  it('of a start says its cause, with a remedy, and is not repeated in vain', () => {
    for (const text of all) {
      const { failure, retry } = describe_(text, false);
      expect(failure.message, text.from).toMatch(/^(fast |Port 8001 )/);
      expect(failure.remedies.length).toBeGreaterThan(0);
      expect(failure.lastLines).toEqual(text.lines);
      expect(failure.decisiveLine ?? null).toBe(classify(text).line);
      if (['bad-option', 'bad-parser', 'gpu-memory', 'model-gated'].includes(text.cause))
        expect(retry).toBe(false);
    }
  });

  it('of a server that was ready is not blamed on how it started', () => {
    for (const text of all.filter(({ cause }) => cause === 'bad-option' || cause === 'model-missing')) {
      expect(describe_(text, true)).toMatchObject({ retry: true, failure: { reason: 'exited' } });
    }
    expect(describe_(theGpuText, true)).toMatchObject({
      failure: { reason: 'gpu-memory' },
    });
  });
});
