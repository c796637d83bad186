/** pm2, installed into the bench's own folder and removed with it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { BenchServer } from '../servers.ts';
import type { Stage } from '../stage.ts';
import type { Peer, PeerState } from './peer.ts';

const run = promisify(execFile);
const installLimitMs = 120_000;
const commandLimitMs = 30_000;
const outputLimitBytes = 16 * 1024 * 1024;

const manifestSchema = z.object({ version: z.string() });
const listSchema = z.array(
  z.object({
    name: z.string(),
    pm2_env: z.object({ status: z.string(), restart_time: z.number() }),
  }),
);

export async function installPm2(stage: Stage): Promise<PeerState> {
  const prefix = stage.makeFolder('pm2-package');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  try {
    const installing = run('npm', ['install', '--prefix', prefix, ...flags, 'pm2'], {
      cwd: prefix,
      timeout: installLimitMs,
      maxBuffer: outputLimitBytes,
    });
    /** npm takes its arguments and its environment out of the process list, where the stage would look for them. */
    stage.defer(async () => installing.child.kill('SIGKILL'));
    await installing;
  } catch (error) {
    return { kind: 'missing', name: 'pm2', reason: `npm could not install it (${firstLine(error)})` };
  }
  const folder = path.join(prefix, 'node_modules', 'pm2');
  const manifest = manifestSchema.parse(
    JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')),
  );
  return {
    kind: 'present',
    name: 'pm2',
    peer: createPm2(path.join(folder, 'bin', 'pm2'), manifest.version, stage),
  };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (
    message
      .split('\n')
      .find((line) => line.includes('npm error'))
      ?.trim() ??
    message.split('\n')[0] ??
    ''
  );
}

function createPm2(program: string, version: string, stage: Stage): Peer {
  /** Without its home in there pm2 would meet the user's own daemon. */
  const command = (folder: string, ...args: readonly string[]) =>
    run(process.execPath, [program, ...args], {
      cwd: folder,
      timeout: commandLimitMs,
      maxBuffer: outputLimitBytes,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        TMPDIR: stage.folder,
        PM2_HOME: folder,
        PM2_DISABLE_VERSION_CHECK: 'true',
      },
    });

  return {
    name: 'pm2',
    version,
    async start(servers, folder) {
      const file = path.join(folder, 'ecosystem.json');
      await writeFile(file, JSON.stringify({ apps: servers.map(appOf) }));
      let ended: Promise<void> | null = null;
      const end = () => {
        ended ??= command(folder, 'kill').then(() => {});
        return ended;
      };
      stage.defer(() => (existsSync(path.join(folder, 'pm2.pid')) ? end() : Promise.resolve()));
      await command(folder, 'start', file, '--silent');
      const daemonPid = Number(await readFile(path.join(folder, 'pm2.pid'), 'utf8'));
      return { daemonPid, end };
    },
    async describe(server, folder) {
      const { stdout } = await command(folder, 'jlist', '--silent');
      const list = listSchema.parse(JSON.parse(stdout.slice(stdout.indexOf('['))));
      const app = list.find(({ name }) => name === server.id);
      return app === undefined ? 'unknown' : `${app.pm2_env.status}, ${app.pm2_env.restart_time} restarts`;
    },
  };
}

/** Its defaults, but for what it cannot know: that the program is no Node script, and that no git is to be asked. */
const appOf = ({ id, executable, args, env, cwd }: BenchServer) => ({
  name: id,
  script: executable,
  args,
  interpreter: 'none',
  cwd,
  env,
  vizion: false,
});
