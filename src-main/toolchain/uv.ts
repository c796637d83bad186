/** uv as we use it: where it is, the environment it runs in, and the exact arguments. */
import os from 'node:os';
import path from 'node:path';
import type { UserEnvironment } from '../stack/child-environment.ts';
import type { RunTool } from '../supervisor/child.ts';

/** The official one-liner (docs of uv, "Standalone installer"), told to leave the user's shell profiles alone. */
export const uvInstallCommand = 'curl -LsSf https://astral.sh/uv/install.sh | env UV_NO_MODIFY_PATH=1 sh';

/** The installer's own place first; then Homebrew, Cargo and MacPorts. */
export const uvFolders = (userHome: string): readonly string[] => [
  path.join(userHome, '.local', 'bin'),
  '/opt/homebrew/bin',
  '/usr/local/bin',
  path.join(userHome, '.cargo', 'bin'),
  '/opt/local/bin',
];

/** Who and where the user is, and how this Mac reaches the internet. */
const inherited = [
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const;

export const systemPath = '/usr/bin:/bin:/usr/sbin:/sbin';

export function inheritedEnvironment(user: UserEnvironment): Record<string, string> {
  return Object.fromEntries(
    inherited.flatMap((name): [string, string][] => {
      const value = user[name];
      return value === undefined || value.includes('\0') ? [] : [[name, value]];
    }),
  );
}

export interface UvFolders {
  /**
   * Ours, not the user's: what other installations left in a shared one is not taken over, `uv cache clean` does not
   * cost us a download that was half done, and it can be emptied with the versions it was for. On APFS the
   * environments are clones of it, so that it takes no room of its own.
   */
  readonly cache: string;
  /** Ours, too: a Python that the user or Homebrew removes or updates would break the environments made from it. */
  readonly pythons: string;
}

/**
 * Nothing of the user's own settings for uv and pip is in it: an index named there could hand out other packages under
 * the same names. uv.toml and pyproject.toml are not read either.
 */
export function uvEnvironment(user: UserEnvironment, folders: UvFolders): Record<string, string> {
  return {
    ...inheritedEnvironment(user),
    PATH: systemPath,
    NO_COLOR: '1',
    UV_NO_CONFIG: '1',
    UV_CACHE_DIR: folders.cache,
    UV_PYTHON_INSTALL_DIR: folders.pythons,
    UV_PYTHON_INSTALL_BIN: '0',
    UV_PYTHON_PREFERENCE: 'only-managed',
    UV_PYTHON_DOWNLOADS: 'automatic',
    UV_KEYRING_PROVIDER: 'disabled',
  };
}

const pythonOf = (environment: string) => path.join(environment, 'bin', 'python');

export const venvArguments = (python: string, environment: string): string[] => [
  'venv',
  '--python',
  python,
  '--no-project',
  environment,
];

/** Wheels only: building a package runs what it brings. */
export const compileArguments = (options: {
  readonly environment: string;
  readonly requirements: string;
  readonly lock: string;
  readonly excludeNewer: string;
}): string[] => [
  'pip',
  'compile',
  '--generate-hashes',
  '--only-binary',
  ':all:',
  '--exclude-newer',
  options.excludeNewer,
  '--python',
  pythonOf(options.environment),
  '--no-header',
  '--no-annotate',
  '--output-file',
  options.lock,
  options.requirements,
];

export const syncArguments = (environment: string, lock: string): string[] => [
  'pip',
  'sync',
  '--require-hashes',
  '--only-binary',
  ':all:',
  '--python',
  pythonOf(environment),
  lock,
];

const versionLimitMs = 10_000;
const maxVersionOutputBytes = 16 * 1024;

/** `uv 0.12.16 (…)`; `null` where it does not say. */
export async function readUvVersion(run: RunTool, uv: string): Promise<string | null> {
  const { exitCode, stdout } = await run(uv, ['--version'], {
    timeoutMs: versionLimitMs,
    maxOutputBytes: maxVersionOutputBytes,
    env: { HOME: os.homedir(), UV_NO_CONFIG: '1' },
  });
  return exitCode === 0 ? (/^uv (\d[\w.+-]{0,63})/.exec(stdout)?.[1] ?? null) : null;
}
