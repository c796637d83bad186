/** Stand-in for `uv`: the three commands that make an environment, with its options, files, words and exit codes; no network inside. */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf, type OptionSpec, parseCommandLine, type Refusal } from '../engines/command-line.ts';
import { writeEngine } from '../engines/write-engine.ts';
import { findRelease, hashesOf, type Release, releases } from './registry.ts';
import { readUvSwitches, type UvStep } from './switches.ts';

const version = '0.12.16';
const pythonVersion = '3.12.12';
const heldLookMs = 20;
const switches = readUvSwitches(process.env['UV_STANDIN']);
const say = (line: string) => process.stderr.write(`${line}\n`);

const flag = (...names: string[]): OptionSpec => ({ names, type: 'flag' });
const text = (...names: string[]): OptionSpec => ({ names, type: 'text' });
/** Of all commands. */
const general = [
  flag('--quiet', '-q'),
  flag('--no-config'),
  flag('--no-progress'),
  flag('--offline'),
  text('--color'),
  text('--cache-dir'),
  flag('--managed-python'),
];
const indexes = [
  text('--default-index'),
  text('--index'),
  text('--index-url', '-i'),
  text('--extra-index-url'),
];
const commandOptions: Readonly<Record<UvStep, readonly OptionSpec[]>> = {
  venv: [
    ...general,
    text('--python', '-p'),
    flag('--no-project'),
    flag('--seed'),
    flag('--clear'),
    flag('--relocatable'),
  ],
  compile: [
    ...general,
    ...indexes,
    flag('--generate-hashes'),
    text('--only-binary'),
    flag('--no-build'),
    text('--exclude-newer'),
    text('--python', '-p'),
    text('--python-version'),
    flag('--no-header'),
    flag('--no-annotate'),
    text('--output-file', '-o'),
    text('--constraints', '-c'),
  ],
  sync: [
    ...general,
    ...indexes,
    flag('--require-hashes'),
    text('--only-binary'),
    flag('--no-build'),
    text('--python', '-p'),
    flag('--compile-bytecode'),
    flag('--strict'),
  ],
};
const usages: Readonly<Record<UvStep, string>> = {
  venv: 'uv venv [OPTIONS] [PATH]',
  compile: 'uv pip compile [OPTIONS] <SRC_FILE|--group <GROUP>>',
  sync: 'uv pip sync [OPTIONS] <SRC_FILE|--group <GROUP>>',
};

function end(exitCode: number, ...lines: string[]): never {
  for (const line of lines) say(line);
  process.exit(exitCode);
}

/** As clap says it. */
function usageError(refusal: Refusal, usage: string): never {
  const what = () => {
    switch (refusal.kind) {
      case 'unknown':
        return `unexpected argument '${refusal.given[0]}' found`;
      case 'value-missing':
        return `a value is required for '${nameOf(refusal.option)} <VALUE>' but none was supplied`;
      case 'value-unexpected':
        return `unexpected value '${refusal.given}' for '${nameOf(refusal.option)}' found; no more were expected`;
      case 'value-bad':
      case 'choice-bad':
        return `invalid value '${refusal.given}' for '${nameOf(refusal.option)} <VALUE>'`;
      case 'ambiguous':
        return `unexpected argument '${refusal.given}' found`;
    }
  };
  return end(2, `error: ${what()}`, '', `Usage: ${usage}`, '', "For more information, try '--help'.");
}

function record(): void {
  if (switches.record === undefined) return;
  const { UV_STANDIN: _, ...env } = process.env;
  const entry = {
    argv: process.argv.slice(2),
    env,
    cwd: process.cwd(),
    cwdEntries: readdirSync(process.cwd()),
  };
  appendFileSync(switches.record, `${JSON.stringify(entry)}\n`);
}

/** Whatever names another index leads there, and there is none. */
function refuseForeignIndex(values: ReadonlyMap<string, unknown>): void {
  const fromEnv = ['UV_INDEX', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'UV_EXTRA_INDEX_URL', 'UV_FIND_LINKS'];
  const home = process.env['HOME'] ?? '/nonexistent';
  const settings = [path.join(process.cwd(), 'uv.toml'), path.join(home, '.config', 'uv', 'uv.toml')];
  const readsSettings = process.env['UV_NO_CONFIG'] === undefined && !values.has('--no-config');
  const foreign =
    fromEnv.find((name) => process.env[name] !== undefined) ??
    indexes.map(nameOf).find((name) => values.has(name)) ??
    (readsSettings ? settings.find((file) => existsSync(file)) : undefined);
  if (foreign !== undefined) end(2, `error: Failed to fetch from the index named by ${foreign}`);
}

async function misbehave(step: UvStep): Promise<void> {
  const { fault, hangAt } = switches;
  if (hangAt === step) {
    if (switches.ignoreTerm) process.on('SIGTERM', () => {});
    if (switches.grandchild) spawn('/bin/sleep', ['600'], { stdio: ['ignore', 'inherit', 'inherit'] });
    await sleep(600_000);
  }
  if (fault?.at !== step) return;
  switch (fault.kind) {
    case 'no-network':
      return end(
        2,
        'error: Request failed after 3 retries',
        '  Caused by: Failed to fetch: `https://index.invalid/simple/litellm/`',
        '  Caused by: error sending request for url (https://index.invalid/simple/litellm/)',
        '  Caused by: client error (Connect)',
        '  Caused by: dns error: failed to lookup address information: nodename nor servname provided, or not known',
      );
    case 'no-solution':
      return end(
        1,
        '  × No solution found when resolving dependencies:',
        '  ╰─▶ Because mlx==0.30.1 has no wheels with a matching platform tag and vllm-mlx',
        '      depends on mlx>=0.29, we can conclude that your requirements are unsatisfiable.',
      );
    case 'disk-full':
      return end(
        2,
        'error: Failed to install: torch-2.10.0.whl',
        '  Caused by: No space left on device (os error 28)',
      );
    case 'hash-mismatch':
      return hashMismatch('torch', '2.10.0', hashesOf('torch', '2.10.0')[0] ?? '');
    case 'panic':
      return end(101, "thread 'main2' panicked at crates/uv/src/lib.rs:1:1:", 'explicit panic');
    case 'killed':
      process.kill(process.pid, 'SIGKILL');
      await sleep(600_000);
      return;
    case 'old':
      return usageError({ kind: 'unknown', given: ['--no-annotate'] }, usages[step]);
  }
}

function hashMismatch(name: string, wanted: string, expected: string): never {
  return end(
    1,
    `  × Failed to download \`${name}==${wanted}\``,
    `  ╰─▶ Hash mismatch for \`${name}==${wanted}\``,
    '',
    '      Expected:',
    `        sha256:${expected}`,
    '',
    '      Computed:',
    `        sha256:${'0'.repeat(64)}`,
  );
}

const textOf = (values: ReadonlyMap<string, unknown>, name: string): string | null => {
  const value = values.get(name);
  return typeof value === 'string' ? value : null;
};

/** A Python of uv's own, fetched once. */
function managedPython(wanted: string): string {
  if (!pythonVersion.startsWith(wanted)) {
    end(2, `error: No interpreter found for Python ${wanted} in managed installations`);
  }
  if (process.env['UV_PYTHON_PREFERENCE'] !== 'only-managed') return '/usr/bin/python3';
  const folder =
    process.env['UV_PYTHON_INSTALL_DIR'] ?? path.join(process.env['HOME'] ?? '', '.local/share/uv/python');
  const key = `cpython-${pythonVersion}-macos-aarch64-none`;
  const python = path.join(folder, key, 'bin', 'python3.12');
  if (existsSync(python)) return python;
  say(`Downloading ${key} (17.6MiB)`);
  mkdirSync(path.dirname(python), { recursive: true });
  writeFileSync(python, '#!/bin/sh\necho "the stand-in has no Python" >&2\nexit 1\n', { mode: 0o755 });
  say(` Downloaded ${key}`);
  return python;
}

async function venv(values: ReadonlyMap<string, unknown>, folder: string): Promise<void> {
  await misbehave('venv');
  const python = managedPython(textOf(values, '--python') ?? '3.12');
  if (existsSync(folder) && readdirSync(folder).length > 0 && !values.has('--clear')) {
    end(
      2,
      'error: Failed to create virtual environment',
      `  Caused by: A directory already exists at: ${folder}`,
    );
  }
  say(`Using CPython ${pythonVersion}`);
  say(`Creating virtual environment at: ${folder}`);
  const sitePackages = path.join(folder, 'lib', 'python3.12', 'site-packages');
  mkdirSync(path.join(folder, 'bin'), { recursive: true });
  mkdirSync(sitePackages, { recursive: true });
  symlinkSync(python, path.join(folder, 'bin', 'python'));
  for (const name of ['python3', 'python3.12']) symlinkSync('python', path.join(folder, 'bin', name));
  writeFileSync(path.join(folder, 'bin', 'activate'), '# to be sourced\n');
  writeFileSync(path.join(sitePackages, '_virtualenv.pth'), 'import _virtualenv');
  writeFileSync(path.join(sitePackages, '_virtualenv.py'), '"""Patches that are applied at runtime."""\n');
  writeFileSync(
    path.join(folder, 'pyvenv.cfg'),
    `home = ${path.dirname(python)}\nimplementation = CPython\nuv = ${version}\nversion_info = ${pythonVersion}\n`,
  );
  say(`Activate with: source ${folder}/bin/activate`);
}

/** The environment of `--python`. */
function environmentOf(values: ReadonlyMap<string, unknown>): string {
  const python = textOf(values, '--python') ?? '';
  if (!path.isAbsolute(python) || !existsSync(python)) {
    end(2, `error: No interpreter found at path \`${python}\``);
  }
  return path.dirname(path.dirname(python));
}

function noSolution(why: string): never {
  return end(
    1,
    '  × No solution found when resolving dependencies:',
    `  ╰─▶ Because ${why}, we can conclude that your requirements are unsatisfiable.`,
  );
}

function resolve(line: string, excludeNewer: string | null): readonly Release[] {
  const [, name = '', extras = '', wanted = ''] =
    /^([a-z0-9-]+)(?:\[([a-z,]+)\])?==(\S+)$/.exec(line.trim()) ?? [];
  if (name === '')
    end(2, `error: Couldn't parse requirement in \`requirements.in\` at position 0`, `  Caused by: ${line}`);
  const chosen = switches.resolveAs?.[name] ?? wanted;
  const isTooNew = (one: Release) =>
    excludeNewer !== null && Date.parse(one.uploaded) >= Date.parse(excludeNewer);
  const find = (each: string, exact: string) => {
    const release = findRelease(each, exact);
    if (release === undefined || isTooNew(release)) {
      const there = releases.some((one) => one.name === each);
      const what = there
        ? `there is no version of ${each}==${exact}`
        : `${each} was not found in the package registry`;
      return noSolution(`${what} and you require ${each}==${exact}`);
    }
    return release;
  };
  const top = find(name, chosen);
  const found = new Map<string, Release>([[top.name, top]]);
  const queue = [...top.needs, ...extras.split(',').flatMap((extra) => top.extras?.[extra] ?? [])];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [each = '', exact = ''] = next.split('==');
    const other = find(each, switches.resolveAs?.[each] ?? exact);
    if (found.has(each)) continue;
    found.set(each, other);
    queue.push(...other.needs);
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function compile(values: ReadonlyMap<string, unknown>, source: string): Promise<void> {
  refuseForeignIndex(values);
  environmentOf(values);
  await misbehave('compile');
  if (!existsSync(source)) end(2, `error: File not found: \`${source}\``);
  const lines = readFileSync(source, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const excludeNewer = textOf(values, '--exclude-newer');
  if (excludeNewer !== null && Number.isNaN(Date.parse(excludeNewer))) {
    end(2, `error: invalid value '${excludeNewer}' for '--exclude-newer <EXCLUDE_NEWER>'`);
  }
  const packages = lines.flatMap((line) => resolve(line, excludeNewer));
  const withHashes = values.has('--generate-hashes');
  const lock = packages
    .map(({ name, version: exact }) =>
      [
        `${name}==${exact}`,
        ...(withHashes ? hashesOf(name, exact).map((hash) => `    --hash=sha256:${hash}`) : []),
      ].join(' \\\n'),
    )
    .join('\n');
  const output = textOf(values, '--output-file');
  if (output !== null) writeFileSync(output, `${lock}\n`);
  process.stdout.write(`${lock}\n`);
  say(`Resolved ${packages.length} packages in 412ms`);
}

interface Pin {
  readonly name: string;
  readonly version: string;
  readonly hashes: readonly string[];
}

function readPins(source: string, requireHashes: boolean): readonly Pin[] {
  if (!existsSync(source)) end(2, `error: File not found: \`${source}\``);
  const joined = readFileSync(source, 'utf8').replaceAll('\\\n', ' ');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', exact = '', rest = ''] = /^([a-z0-9-]+)==(\S+)(.*)$/.exec(line.trim()) ?? [];
      const hashes = [...rest.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(([, hash = '']) => hash);
      if (name === '') end(2, `error: Couldn't parse requirement in \`${source}\``);
      if (requireHashes && hashes.length === 0) {
        end(
          2,
          `error: In \`--require-hashes\` mode, all requirements must have a hash, but none were provided for: ${name}==${exact}`,
        );
      }
      return { name, version: exact, hashes };
    });
}

async function sync(values: ReadonlyMap<string, unknown>, source: string): Promise<void> {
  refuseForeignIndex(values);
  const environment = environmentOf(values);
  const pins = readPins(source, values.has('--require-hashes'));
  const cache = process.env['UV_CACHE_DIR'] ?? path.join(process.env['HOME'] ?? '', '.cache', 'uv');
  mkdirSync(path.join(cache, 'wheels'), { recursive: true });
  say(`Resolved ${pins.length} packages in 9ms`);
  const wheelOf = ({ name, version: exact }: Pin) => path.join(cache, 'wheels', `${name}-${exact}.whl`);
  const wanted = pins.filter((pin) => !existsSync(wheelOf(pin)));
  for (const pin of wanted) {
    const size = findRelease(pin.name, pin.version)?.sizeMib ?? 0;
    if (size > 1) say(`Downloading ${pin.name} (${size.toFixed(1)}MiB)`);
  }
  while (switches.heldBy !== undefined && existsSync(switches.heldBy)) await sleep(heldLookMs);
  for (const [index, pin] of wanted.entries()) {
    if (index === Math.floor(wanted.length / 2) && switches.fault?.kind !== 'killed') await misbehave('sync');
    await sleep(switches.packageMs ?? 0);
    const known = findRelease(pin.name, pin.version);
    if (known === undefined)
      end(
        1,
        `  × Failed to download \`${pin.name}==${pin.version}\``,
        '  ╰─▶ HTTP status client error (404 Not Found)',
      );
    const genuine = hashesOf(pin.name, pin.version);
    if (!pin.hashes.some((hash) => genuine.includes(hash)))
      hashMismatch(pin.name, pin.version, pin.hashes[0] ?? '');
    writeFileSync(wheelOf(pin), `${pin.name} ${pin.version}`);
    if (known.sizeMib > 1) say(` Downloaded ${pin.name}`);
  }
  if (wanted.length === 0 && switches.hangAt === 'sync') await misbehave('sync');
  if (wanted.length > 0) say(`Prepared ${wanted.length} packages in 1.42s`);
  const sitePackages = path.join(environment, 'lib', 'python3.12', 'site-packages');
  const installed = pins.filter(({ name }) => !switches.omit?.includes(name));
  for (const [index, pin] of installed.entries()) {
    if (index === Math.floor(installed.length / 2) && switches.fault?.kind === 'killed')
      await misbehave('sync');
    await sleep(switches.packageMs ?? 0);
    install(environment, sitePackages, pin);
  }
  for (const [name, content] of Object.entries(switches.files ?? {})) {
    writeFileSync(path.join(sitePackages, name), content);
  }
  say(`Installed ${installed.length} packages in 96ms`);
  for (const { name, version: exact } of installed) say(` + ${name}==${exact}`);
}

const distutilsHook =
  "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack');";

function install(environment: string, sitePackages: string, { name, version: pinned }: Pin): void {
  const exact = switches.installAs?.[name] ?? pinned;
  const module = name.replaceAll('-', '_');
  mkdirSync(path.join(sitePackages, module), { recursive: true });
  writeFileSync(path.join(sitePackages, module, '__init__.py'), '');
  const info = path.join(sitePackages, `${module}-${exact}.dist-info`);
  mkdirSync(info, { recursive: true });
  writeFileSync(path.join(info, 'METADATA'), `Metadata-Version: 2.4\nName: ${name}\nVersion: ${exact}\n`);
  writeFileSync(path.join(info, 'INSTALLER'), 'uv');
  const files = [`${module}/__init__.py`, `${module}-${exact}.dist-info/METADATA`];
  if (name === 'setuptools') {
    writeFileSync(path.join(sitePackages, 'distutils-precedence.pth'), distutilsHook);
    files.push('_distutils_hack/__init__.py', 'distutils-precedence.pth');
  }
  writeFileSync(path.join(info, 'RECORD'), files.map((file) => `${file},,\n`).join(''));
  if (name === 'vllm-mlx' || name === 'litellm') installEngine(environment, name, exact);
}

/** Options that came after 0.4.1. */
const laterOptions = [
  '--memory-budget-gb',
  '--prefix-trie-cache',
  '--prefix-trie-cache-size',
  '--prefix-trie-cache-memory-mb',
  '--mllm-draft-model',
  '--mllm-draft-kind',
  '--mllm-draft-block-size',
  '--default-mllm-draft',
  '--embedding-max-length',
  '--embedding-overflow-policy',
];

function installEngine(environment: string, name: 'vllm-mlx' | 'litellm', exact: string): void {
  const dir = path.join(environment, 'bin');
  const { fault, without = [] } = switches.engine ?? {};
  if (fault !== undefined) {
    const body =
      fault === 'hang'
        ? 'exec /bin/sleep 600'
        : 'echo "ImportError: dlopen(mlx.so): Library not loaded: @rpath/libmlx.dylib" >&2; exit 1';
    writeFileSync(path.join(dir, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return;
  }
  if (name === 'litellm') {
    writeEngine({ dir, name, switches: {}, hasMetadata: false });
    return;
  }
  const lacks = exact.startsWith('0.4.') ? [...laterOptions, ...without] : without;
  writeEngine({ dir, name, switches: {}, without: lacks, hasMetadata: false });
}

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  record();
  if (argv[0] === '--version' || argv[0] === '-V') {
    process.stdout.write(`uv ${version} (3f5c2a1b9 2026-09-18)\n`);
    return;
  }
  const isPip = argv[0] === 'pip';
  const named = isPip ? argv[1] : argv[0];
  const step: UvStep | null =
    !isPip && named === 'venv' ? 'venv' : isPip && (named === 'compile' || named === 'sync') ? named : null;
  if (step === null) {
    return end(2, `error: unrecognized subcommand '${named ?? ''}'`, '', 'Usage: uv [OPTIONS] <COMMAND>');
  }
  const parsed = parseCommandLine(commandOptions[step], argv.slice(isPip ? 2 : 1), 1, {
    abbreviations: false,
  });
  if (!parsed.ok) return usageError(parsed.error, usages[step]);
  const { values, positionals } = parsed.value;
  const [file] = positionals;
  if (file === undefined) {
    if (step !== 'venv') {
      return end(
        2,
        'error: the following required arguments were not provided:',
        '  <SRC_FILE|--group <GROUP>>',
      );
    }
    return await venv(values, path.resolve('.venv'));
  }
  const resolved = path.resolve(file);
  if (step === 'venv') await venv(values, resolved);
  else if (step === 'compile') await compile(values, resolved);
  else await sync(values, resolved);
}

await main();
