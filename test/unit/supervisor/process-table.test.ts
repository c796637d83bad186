import { describe, expect, it } from 'vitest';
import type { RunTool } from '../../../src-main/supervisor/child.ts';
import { parseProcessTable, pidsOfLaunch } from '../../../src-main/supervisor/process-table.ts';

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
