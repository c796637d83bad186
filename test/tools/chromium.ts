/** Finds a Chromium for the preview and the tests, or installs one where that is possible; also `ps` and `lsof`. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { fail, ok, type Problem, problem, type Result } from '../../src-main/contract/result.ts';

export interface ChromiumRequest {
  /** With windows on a screen: a headless shell cannot do that. */
  readonly headed: boolean;
}

const installLimitMs = 240_000;

const macChromes = ['Google Chrome', 'Chromium', 'Google Chrome for Testing'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);
const macNames = ['Chromium', 'Google Chrome for Testing'];
const headlessNames = ['chromium-headless-shell', 'chrome-headless-shell'];
const fullNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Without them text falls back to a font of another width. */
const debianFonts = ['fonts-inter', 'fonts-noto-core'];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function onPath(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/bin', '/usr/local/bin'];
  return (
    folders
      .map((folder) => path.join(folder, name))
      .find((file) => path.isAbsolute(file) && isExecutable(file)) ?? null
  );
}

function playwrightCache(): string {
  const chosen = process.env['PLAYWRIGHT_BROWSERS_PATH'];
  if (chosen) return chosen;
  return process.platform === 'darwin'
    ? path.join(os.homedir(), 'Library/Caches/ms-playwright')
    : path.join(os.homedir(), '.cache/ms-playwright');
}

/** The newest first: the folders end in a build number. */
function inPlaywrightCache(headed: boolean): string | null {
  const prefix = headed ? 'chromium-' : 'chromium_headless_shell-';
  const wanted = headed ? [...fullNames, 'chrome', ...macNames] : headlessNames.concat('headless_shell');
  for (const build of namesIn(playwrightCache())
    .filter((name) => name.startsWith(prefix))
    .sort(byNumber)) {
    const folder = path.join(playwrightCache(), build);
    const found = findBelow(folder, wanted, 5);
    if (found !== null) return found;
  }
  return null;
}
const byNumber = (a: string, b: string) => Number(b.split('-')[1]) - Number(a.split('-')[1]);

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function findBelow(folder: string, wanted: readonly string[], depth: number): string | null {
  const names = namesIn(folder);
  const here = names.find((name) => wanted.includes(name) && isExecutable(path.join(folder, name)));
  if (here !== undefined) return path.join(folder, here);
  if (depth === 0) return null;
  for (const name of names) {
    const found = findBelow(path.join(folder, name), wanted, depth - 1);
    if (found !== null) return found;
  }
  return null;
}

export function findChromium({ headed }: ChromiumRequest): Result<string | null> {
  const chosen = process.env['CHROMIUM'];
  if (chosen) {
    if (isExecutable(chosen)) return ok(chosen);
    return fail(
      problem('chromium-not-executable', `$CHROMIUM names ${chosen}, which is not an executable file.`),
    );
  }
  const names = headed ? fullNames : [...headlessNames, ...fullNames];
  for (const name of names) {
    const found = onPath(name);
    if (found !== null) return ok(found);
  }
  const cached = inPlaywrightCache(headed) ?? inPlaywrightCache(true);
  return ok(cached ?? macChromes.find(isExecutable) ?? null);
}

/** A Chromium's path; installs what is missing where that can be done without asking anybody. */
export function ensureChromium(request: ChromiumRequest): Result<string> {
  const found = findChromium(request);
  if (!found.ok) return found;
  if (found.value !== null) return ok(found.value);
  const installed = installChromium(request);
  if (!installed.ok) return installed;
  const again = findChromium(request);
  if (!again.ok) return again;
  return again.value === null ? fail(noChromium(request)) : ok(again.value);
}

function installChromium(request: ChromiumRequest): Result<void> {
  if (process.platform === 'darwin') {
    const playwright = path.resolve(import.meta.dirname, '../../node_modules/playwright-core/cli.js');
    const args = ['install', 'chromium', ...(request.headed ? [] : ['--only-shell'])];
    return runInstaller(process.execPath, [playwright, ...args], noChromium(request));
  }
  if (!isDebianRoot()) return fail(noChromium(request));
  return aptInstall(
    [request.headed ? 'chromium' : 'chromium-headless-shell', ...missingFonts()],
    noChromium(request),
  );
}

function noChromium({ headed }: ChromiumRequest): Problem {
  const name = headed ? 'Chromium' : 'headless Chromium';
  return problem(
    'no-chromium',
    `The preview and its tests need a ${name}, and there is none here that can be found or installed.`,
    `Install one (on Debian: apt-get install --no-install-recommends ${headed ? 'chromium' : 'chromium-headless-shell fonts-inter fonts-noto-core'}) or set CHROMIUM to its path.`,
  );
}

const isDebianRoot = () => onPath('apt-get') !== null && process.getuid?.() === 0;

const missingFonts = () => debianFonts.filter((name) => !hasDebianPackage(name));

function hasDebianPackage(name: string): boolean {
  const { status, stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
  return status === 0 && stdout.includes('Status: install ok installed');
}

/** `ps` and `lsof`, which the app itself runs and macOS always has. */
export function ensureSystemTools(): Result<void> {
  const missing = Object.entries({ ps: 'procps', lsof: 'lsof' }).filter(([tool]) => onPath(tool) === null);
  if (missing.length === 0) return ok(undefined);
  const tools = missing.map(([tool]) => tool).join(' and ');
  const packages = missing.map(([, name]) => name);
  const why = problem(
    'tools-missing',
    `The app asks ${tools} about processes and ports, and ${missing.length === 1 ? 'it is' : 'they are'} not installed here.`,
    `On Debian: apt-get install --no-install-recommends ${packages.join(' ')}`,
  );
  return isDebianRoot() ? aptInstall(packages, why) : fail(why);
}

function aptInstall(packages: readonly string[], why: Problem): Result<void> {
  process.stderr.write(`Installing ${packages.join(', ')}\n`);
  const updated = runInstaller('apt-get', ['-q', '-q', 'update'], why);
  if (!updated.ok) return updated;
  return runInstaller('apt-get', ['-q', '-q', '-y', '--no-install-recommends', 'install', ...packages], why);
}

/** Says what the installer said only when it failed. */
function runInstaller(file: string, args: readonly string[], why: Problem): Result<void> {
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: installLimitMs,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status === 0) return ok(undefined);
  process.stderr.write(`${stdout}${stderr}`);
  return fail(why);
}

export function sentenceOf({ message, hint }: Problem): string {
  return hint === undefined ? message : `${message} ${hint}`;
}

/** `node test/tools/chromium.ts`: prints the path, or says why there is none. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const found = ensureChromium({ headed: process.argv.includes('--headed') });
  if (found.ok) process.stdout.write(`${found.value}\n`);
  else process.stderr.write(`${sentenceOf(found.error)}\n`);
  process.exitCode = found.ok ? 0 : 1;
}
