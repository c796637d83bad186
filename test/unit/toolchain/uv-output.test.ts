/** uv's words: how far it is, and why it ended. */
import { describe, expect, it } from 'vitest';
import { lineSplitter, maxLineCharacters } from '../../../src-main/toolchain/run-group.ts';
import { createDownloadTally, readUvLine, uvProblem } from '../../../src-main/toolchain/uv-output.ts';

describe('a line of uv', () => {
  it.each([
    ['Downloading torch (80.1MiB)', { kind: 'download-began', name: 'torch', bytes: 80.1 * 1024 ** 2 }],
    [
      'Downloading cpython-3.12.12-macos-aarch64-none (17.6MiB)',
      { kind: 'download-began', name: 'cpython-3.12.12-macos-aarch64-none', bytes: 17.6 * 1024 ** 2 },
    ],
    ['   Downloading x (2 GiB)', { kind: 'download-began', name: 'x', bytes: 2 * 1024 ** 3 }],
    [' Downloaded torch', { kind: 'download-ended', name: 'torch' }],
    ['Prepared 61 packages in 1m 20s', { kind: 'prepared' }],
    ['Prepared 1 package in 2ms', { kind: 'prepared' }],
    ['Resolved 61 packages in 412ms', null],
    ['Downloading (1MiB)', null],
    ['Downloading x (lots)', null],
    [`Downloading x (${'9'.repeat(400)}GiB)`, null],
    ['', null],
  ])('%j', (line, event) => expect(readUvLine(line)).toEqual(event));
});

describe('the tally of downloads', () => {
  it('grows with what is done, and never falls', () => {
    const tally = createDownloadTally();
    const began = (name: string, bytes: number) => tally.note({ kind: 'download-began', name, bytes });
    expect(began('torch', 300)).toMatchObject({ fraction: 0 });
    expect(began('mlx', 100).running.map(({ name }) => name)).toEqual(['torch', 'mlx']);
    expect(tally.note({ kind: 'download-ended', name: 'torch' })).toEqual({
      fraction: 0.75,
      running: [{ name: 'mlx', bytes: 100 }],
    });
    expect(began('numpy', 600)).toMatchObject({ fraction: 0.75 });
    expect(tally.note({ kind: 'download-ended', name: 'never began' })).toMatchObject({ fraction: 0.75 });
    expect(tally.note({ kind: 'prepared' })).toEqual({ fraction: 1, running: [] });
  });

  it('says nothing while nothing was announced', () => {
    expect(createDownloadTally().note({ kind: 'download-ended', name: 'x' }).fraction).toBeNull();
  });
});

describe('why uv ended', () => {
  it.each([
    ['no-solution', 1, '  × No solution found when resolving dependencies:\n  ╰─▶ Because x'],
    ['hash-mismatch', 1, '  × Failed to download `x==1`\n  ╰─▶ Hash mismatch for `x==1`'],
    [
      'no-network',
      2,
      'error: Request failed after 3 retries\n  Caused by: dns error: failed to lookup address information',
    ],
    ['no-network', 2, 'error: Failed to fetch: `https://x/simple/`\n  Caused by: error sending request'],
    ['no-network', 1, 'tcp connect error: Connection refused (os error 61)'],
    ['disk-full', 2, 'error: failed to write\n  Caused by: No space left on device (os error 28)'],
    ['uv-too-old', 2, "error: unexpected argument '--no-annotate' found"],
    ['uv-failed', 101, "thread 'main' panicked"],
    ['uv-failed', null, ''],
  ])('%s', (code, exitCode, stderr) => {
    const found = uvProblem('litellm could not be installed', exitCode, stderr);
    expect(found.code).toBe(code);
    expect(found.message.startsWith('litellm could not be installed: ')).toBe(true);
    expect(found.hint).toMatch(/\.$/);
  });

  it('quotes the line that says most, cut short', () => {
    expect(uvProblem('x', 1, `noise\nerror: ${'y'.repeat(5_000)}\nmore`).message).toMatch(
      /^x: uv ended with exit code 1\. It said: error: y{293}$/,
    );
  });
});

describe('lines', () => {
  it('come whole, however they were cut, and absurd ones are cut', () => {
    const lines: string[] = [];
    const take = lineSplitter((line) => lines.push(line));
    for (const piece of ['Down', 'loading x\r\n', 'a\nb', '\n\n', 'z'.repeat(maxLineCharacters * 3), '\nend'])
      take(piece);
    expect(lines).toEqual(['Downloading x', 'a', 'b', '', 'z'.repeat(maxLineCharacters)]);
  });
});
