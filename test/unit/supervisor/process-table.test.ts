import { describe, expect, it } from 'vitest';
import type { RunTool } from '../../../src-main/supervisor/child.ts';
import {
  parseProcessTable,
  pidsOfLaunch,
  readGroup,
  readGroupRows,
} from '../../../src-main/supervisor/process-table.ts';

describe('the process table', () => {
  it('reads pid, group, start time and command of both systems’ ps', () => {
    const text = [
      '    1     0     1 Ss   Sun Nov 22 19:24:01 2026 /sbin/init splash',
      ' 4711     1  4711 S+   Mon Nov  2 09:05:07 2026 /opt/x/bin/python3 /opt/x/bin/vllm-mlx serve /m --port 8001',
      '  812   811   811 Z    Sun Nov 22 19:24:02 2026 [node] <defunct>',
    ].join('\n');
    expect(parseProcessTable(text)).toEqual([
      {
        pid: 1,
        ppid: 0,
        pgid: 1,
        zombie: false,
        startedAtS: Date.UTC(2026, 10, 22, 19, 24, 1) / 1000,
        command: '/sbin/init splash',
      },
      {
        pid: 4711,
        ppid: 1,
        pgid: 4711,
        zombie: false,
        startedAtS: Date.UTC(2026, 10, 2, 9, 5, 7) / 1000,
        command: '/opt/x/bin/python3 /opt/x/bin/vllm-mlx serve /m --port 8001',
      },
      expect.objectContaining({ pid: 812, zombie: true }),
    ]);
  });

  it('passes over what it does not understand', () => {
    expect(parseProcessTable('')).toEqual([]);
    expect(
      parseProcessTable('ps: illegal option\n-1 0 0 S Sun Nov 22 19:24:02 2026 x\n1 2 3 S yesterday x'),
    ).toEqual([]);
  });
});

describe('a group', () => {
  const started = 'Sun Nov 22 19:24:01 2026';
  const row = `  20     1    20 S    ${started} /x/bin/vllm-mlx serve`;

  /** As `ps` is of a machine whose other processes have command lines of 20 MB together. */
  function ps(rest: { readonly exitCode: number | null; readonly stdout: string }) {
    const asked: string[] = [];
    const run: RunTool = async (_file, args) => {
      asked.push(args.join(' '));
      if (args.includes('-ax') && !args.join(' ').includes('command'))
        return {
          exitCode: 0,
          stdout: '    1     1 Ss\n   20    20 S\n   21    20 Z+\n   22    20 R\n 20 2 S\n',
        };
      return args.includes('-p') ? rest : { exitCode: null, stdout: '' };
    };
    return { run, asked };
  }

  it('is read though the command lines of other processes are more than is read', async () => {
    const { run, asked } = ps({ exitCode: 0, stdout: row });
    expect(await readGroup(20, run)).toEqual([20, 22]);
    expect(await readGroupRows(20, run)).toEqual([expect.objectContaining({ pid: 20, pgid: 20 })]);
    expect(asked.at(-1)).toMatch(/-p 20,22$/);
    expect(await readGroup(3, run)).toEqual([]);
    expect(await readGroupRows(3, run)).toEqual([]);
  });

  it('is empty when none is left for the second look, and not known when that fails', async () => {
    expect(await readGroupRows(20, ps({ exitCode: 1, stdout: '' }).run)).toEqual([]);
    expect(await readGroupRows(20, ps({ exitCode: null, stdout: '' }).run)).toBeNull();
    const broken: RunTool = async () => ({ exitCode: null, stdout: '' });
    expect(await readGroup(20, broken)).toBeNull();
    expect(await readGroupRows(20, broken)).toBeNull();
  });
});

describe('the launch id in a process’s environment', () => {
  const id = '7b0d3a52-3d2c-4a55-9a53-0c8c2f3f8f11';
  const answering =
    (stdout: string): RunTool =>
    async () => ({ exitCode: 0, stdout });

  it('counts as a whole variable only', async () => {
    const run = answering(
      [
        `  10 server --x MLX_STACK_LAUNCH_ID=${id} HOME=/h`,
        `  11 server HOME=/h MLX_STACK_LAUNCH_ID=${id}`,
        `  12 server XMLX_STACK_LAUNCH_ID=${id}`,
        `  13 server MLX_STACK_LAUNCH_ID=${id}0`,
        '  14 server',
      ].join('\n'),
    );
    expect([...(await pidsOfLaunch(id, [10, 11, 12, 13, 14], run))]).toEqual([10, 11]);
  });

  it('is not looked for when there is nobody to look at', async () => {
    const never: RunTool = () => Promise.reject(new Error('asked'));
    expect((await pidsOfLaunch(id, [], never)).size).toBe(0);
  });
});
