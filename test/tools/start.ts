/** `npm start`: opens the app in real Electron, or ends with one sentence where that cannot be. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const electron = path.join(root, 'node_modules/electron');
const downloadLimitMs = 180_000;

/** Where the package keeps the binary that it has downloaded; `null` while there is none. */
function findBinary(): string | null {
  const overridden = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const pathFile = path.join(electron, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron';
  const file = path.join(overridden ?? path.join(electron, 'dist'), name);
  return existsSync(file) ? file : null;
}

/** The package's own installer: a checked download. Elsewhere than on a Mac the app is of no use, so nothing is fetched. */
function download(): boolean {
  if (process.platform !== 'darwin') return false;
  process.stderr.write('Downloading Electron, once …\n');
  const { status } = spawnSync(process.execPath, [path.join(electron, 'install.js')], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: downloadLimitMs,
    killSignal: 'SIGKILL',
  });
  return status === 0;
}

function whyNot(): string {
  const instead = '“npm run preview -- --demo” shows the app in a browser instead.';
  if (process.platform !== 'darwin') return `MLX Stack itself runs on a Mac only; ${instead}`;
  return `Electron could not be downloaded (is there a connection to github.com?); ${instead}`;
}

const hasScreen =
  process.platform === 'darwin' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
const binary = hasScreen ? (findBinary() ?? (download() ? findBinary() : null)) : null;

if (binary === null) {
  process.stderr.write(`${whyNot()}\n`);
  process.exitCode = 1;
} else {
  const child = spawn(binary, [root, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Electron did not start: ${error.message}; ${whyNot()}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
