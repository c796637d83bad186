/** When lines are handed to the file: at once, or with those that come right behind them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWriter, ownLine, type Writer } from '../../../src-main/logs/writer.ts';

let written: string[];
let writer: Writer;

beforeEach(() => {
  vi.useFakeTimers();
  written = [];
  writer = createWriter({
    file: {
      name: 'fast',
      append: async (lines) => {
        written.push(lines.toString());
        return lines.length;
      },
      appendSync: () => 0,
      failing: () => false,
      retryNow: () => {},
      close: () => {},
    },
    stampOwnLine: (line) => ownLine('now', line),
    onRoom: () => {},
  });
});
afterEach(() => vi.useRealTimers());

const push = async (text: string, afterMs = 0) => {
  await vi.advanceTimersByTimeAsync(afterMs);
  writer.push(Buffer.from(text));
  await vi.advanceTimersByTimeAsync(0);
};

describe('the writer', () => {
  it('writes a line after a pause at once', async () => {
    await push('one\n');
    await push('two\n', 10);
    expect(written).toEqual(['one\n', 'two\n']);
  });

  it('gathers those that come soon, and no longer than it says', async () => {
    await push('one\n');
    await push('two\n', 3);
    await push('three\n', 3);
    expect(written).toEqual(['one\n']);
    await vi.advanceTimersByTimeAsync(4);
    expect(written).toEqual(['one\n', 'two\nthree\n']);
  });

  it('does not wait with much', async () => {
    const much = `${'x'.repeat(300 * 1024)}\n`;
    await push('one\n');
    await push('two\n', 1);
    await push(much);
    expect(written).toEqual(['one\n', `two\n${much}`]);
  });

  it('does not wait when somebody waits for it, or at the end', async () => {
    await push('one\n');
    await push('two\n');
    await writer.flush();
    expect(written).toEqual(['one\n', 'two\n']);
    await push('three\n');
    expect(written).toHaveLength(2);
    await writer.close();
    expect(written.at(-1)).toBe('three\n');
  });
});
