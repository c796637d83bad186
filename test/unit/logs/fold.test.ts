/** Folding repeated lines, against the obvious way to do it. */
import { describe, expect, it } from 'vitest';
import { createFolder as createBytesFolder } from '../../../src-main/logs/fold.ts';
import { createKernelSource, kernelMinBytes } from '../../../src-main/logs/kernel/kernel.ts';
import { fingerprints } from '../../../src-main/logs/redact.ts';

const kernel = createKernelSource(fingerprints);
kernel(kernelMinBytes);

/** As text, one character per byte. */
function createFolder(source = kernel) {
  const folder = createBytesFolder(source);
  const text = (lines: Buffer): string => lines.toString('latin1');
  return {
    push: (lines: string) => text(folder.push(Buffer.from(lines, 'latin1'))),
    flush: () => text(folder.flush()),
    interrupt: () => text(folder.interrupt()),
    peek: () => text(folder.peek()),
    pending: folder.pending,
  };
}

const times = (n: number): string => `\xc3\x97${n} more\n`;

/** One line at a time, no shortcut. */
function foldSimply(lines: readonly string[]): string {
  let out = '';
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? '';
    let count = 1;
    while (lines[i + count] === line) count += 1;
    out += line + (count === 1 ? '' : count === 2 ? line : times(count - 1));
    i += count;
  }
  return out;
}

describe('folding', () => {
  it('counts identical lines in a row', () => {
    const folder = createFolder();
    expect(folder.push('a\nb\nb\nb\nc\nc\n')).toBe(`a\nb\n${times(2)}c\n`);
    expect(folder.pending()).toBe(true);
    expect(folder.peek()).toBe('c\n');
    expect(folder.flush()).toBe('c\n');
    expect(folder.pending()).toBe(false);
  });

  it('goes on over blocks, and after what was pending has been printed', () => {
    const folder = createFolder();
    expect(folder.push('a\n')).toBe('a\n');
    expect(folder.push('a\na\n')).toBe('');
    expect(folder.flush()).toBe(times(2));
    expect(folder.push('a\na\na\n')).toBe('');
    expect(folder.push('b\n')).toBe(`${times(3)}b\n`);
  });

  it('begins anew after an interruption', () => {
    const folder = createFolder();
    folder.push('a\na\na\n');
    expect(folder.interrupt()).toBe(times(2));
    expect(folder.push('a\n')).toBe('a\n');
  });

  it.each([
    ['with the kernel', kernel],
    ['without it', () => null],
  ])('does the same as the simple way, for all cuts into blocks, %s', (_name, source) => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    const words = [
      '\n',
      'x\n',
      'xx\n',
      'aaaaaaaaaaaaaaaaaaab\n',
      'aaaaaaaaaaaaaaaaaaac\n',
      'baaaaaaaaaaaaaaaaaac\n',
    ];
    for (let round = 0; round < 500; round += 1) {
      const lines = Array.from({ length: random(60) + 1 }, () => words[random(words.length)] ?? '');
      const folder = createFolder(source);
      let out = '';
      for (let at = 0; at < lines.length; ) {
        const size = random(20) + 1;
        out += folder.push(lines.slice(at, at + size).join(''));
        at += size;
      }
      expect(out + folder.flush()).toBe(foldSimply(lines));
    }
  });

  it('a flood of one line costs little', () => {
    const folder = createFolder();
    const block = 'y\n'.repeat(32_768);
    const began = process.threadCpuUsage();
    for (let i = 0; i < 200; i += 1) folder.push(block);
    const { user, system } = process.threadCpuUsage(began);
    expect((user + system) / 1000).toBeLessThan(1000);
    expect(folder.flush()).toBe(times(200 * 32_768 - 1));
  });
});
