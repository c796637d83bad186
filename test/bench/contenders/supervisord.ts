/** supervisord: the one that is installed, or Debian's package unpacked into the bench's own folder. */
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BenchServer } from '../servers.ts';
import type { Stage } from '../stage.ts';
import type { Peer, PeerState } from './peer.ts';

const run = promisify(execFile);
const toolLimitMs = 120_000;

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export async function findSupervisord(stage: Stage): Promise<PeerState> {
  const missing = (reason: string): PeerState => ({ kind: 'missing', name: 'supervisord', reason });
  const installed = onPath('supervisord');
  if (installed !== null) return await check({ file: installed, args: [], env: {} }, stage);
  if (onPath('apt-get') === null || process.getuid?.() !== 0) {
    return missing('it is not installed, and only root on Debian can fetch it');
  }
  try {
    return await check(await unpack(stage.makeFolder('supervisor-package')), stage);
  } catch (error) {
    return missing(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}

function onPath(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return path.join(folder, name);
    } catch {
      // Not in this one.
    }
  }
  return null;
}

/** Not installed: the package would start a service of its own. */
async function unpack(folder: string): Promise<Program> {
  const options = { cwd: folder, timeout: toolLimitMs };
  await run('apt-get', ['-q', '-q', 'download', 'supervisor'], options).catch(async () => {
    await run('apt-get', ['-q', '-q', 'update'], options);
    await run('apt-get', ['-q', '-q', 'download', 'supervisor'], options);
  });
  await run('/bin/sh', ['-c', 'dpkg-deb -x supervisor_*.deb .'], options);
  return {
    file: 'python3',
    args: [path.join(folder, 'usr/bin/supervisord')],
    env: { PYTHONPATH: path.join(folder, 'usr/lib/python3/dist-packages') },
  };
}

async function check(program: Program, stage: Stage): Promise<PeerState> {
  const { stdout } = await run(program.file, [...program.args, '--version'], {
    timeout: toolLimitMs,
    env: { ...process.env, ...program.env },
  });
  return { kind: 'present', name: 'supervisord', peer: createSupervisord(program, stdout.trim(), stage) };
}

function createSupervisord(program: Program, version: string, stage: Stage): Peer {
  return {
    name: 'supervisord',
    version,
    async start(servers, folder) {
      const file = path.join(folder, 'supervisord.conf');
      await writeFile(file, configOf(servers, folder));
      const child = spawn(program.file, [...program.args, '--nodaemon', '--configuration', file], {
        cwd: folder,
        detached: true,
        stdio: 'ignore',
        env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: stage.folder, ...program.env },
      });
      const exited = new Promise<void>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', () => resolve());
      });
      exited.catch(() => {});
      const end = async () => {
        child.kill('SIGTERM');
        await exited;
      };
      stage.defer(end);
      if (child.pid === undefined) await exited;
      return { daemonPid: child.pid ?? -1, end };
    },
    async describe(server, folder) {
      const log = await readFile(path.join(folder, 'supervisord.log'), 'utf8');
      const present = log.slice(Math.max(0, log.lastIndexOf('supervisord started')));
      const lines = present.split('\n').filter((line) => line.includes(server.id));
      const spawned = lines.filter((line) => line.includes('spawned:')).length;
      const last = lines.findLast((line) => /entered (\w+) state/.test(line)) ?? '';
      return `${/entered (\w+) state/.exec(last)?.[1] ?? 'starting'}, ${spawned} starts`;
    },
  };
}

/** Its defaults, but for its places and the word that a death by signal is to be followed by a restart. */
function configOf(servers: readonly BenchServer[], folder: string): string {
  const user = process.getuid?.() === 0 ? ['user=root'] : [];
  const main = [
    '[supervisord]',
    'nodaemon=true',
    `logfile=${folder}/supervisord.log`,
    `pidfile=${folder}/supervisord.pid`,
    `childlogdir=${folder}`,
    ...user,
  ];
  const programs = servers.flatMap(({ id, executable, args, env, cwd }) => [
    '',
    `[program:${id}]`,
    `command=${[executable, ...args].join(' ')}`,
    `directory=${cwd}`,
    `environment=${Object.entries(env)
      .map(([name, value]) => `${name}="${value}"`)
      .join(',')}`,
    'autorestart=true',
  ]);
  return [...main, ...programs, ''].join('\n');
}
