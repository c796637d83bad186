import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  clearCopiedSecret,
  copySecret,
  copyText,
  secretOnClipboardMs,
} from '../../../src-main/shell/clipboard.ts';

const board = vi.hoisted(() => ({ text: '' }));
vi.mock('electron', () => ({
  clipboard: {
    readText: async () => board.text,
    writeText: async (text: string) => {
      board.text = text;
    },
    clear: () => {
      board.text = '';
    },
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await clearCopiedSecret();
  vi.useRealTimers();
});

describe('a copied key', () => {
  it('is taken back after a minute', async () => {
    copySecret('sk-mlx-one');
    await vi.advanceTimersByTimeAsync(secretOnClipboardMs - 1);
    expect(board.text).toBe('sk-mlx-one');
    await vi.advanceTimersByTimeAsync(1);
    expect(board.text).toBe('');
  });

  it('leaves alone what was copied since', async () => {
    copySecret('sk-mlx-one');
    board.text = 'a poem';
    await vi.advanceTimersByTimeAsync(secretOnClipboardMs);
    expect(board.text).toBe('a poem');
  });

  it('copied anew has its minute again', async () => {
    copySecret('sk-mlx-one');
    await vi.advanceTimersByTimeAsync(secretOnClipboardMs - 1);
    copySecret('sk-mlx-one');
    await vi.advanceTimersByTimeAsync(secretOnClipboardMs - 1);
    expect(board.text).toBe('sk-mlx-one');
    await vi.advanceTimersByTimeAsync(1);
    expect(board.text).toBe('');
  });

  it('does not outlive the app', async () => {
    copySecret('sk-mlx-one');
    await clearCopiedSecret();
    expect(board.text).toBe('');
  });

  it('is another thing than copied text, which stays', async () => {
    copyText('http://127.0.0.1:4000/v1');
    await vi.advanceTimersByTimeAsync(secretOnClipboardMs);
    expect(board.text).toBe('http://127.0.0.1:4000/v1');
  });
});
