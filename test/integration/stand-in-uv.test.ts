/** The stand-in uv by itself: it refuses what the real one refuses, and says it in the same way. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UvSwitches } from '../stand-ins/uv/switches.ts';
import { writeUv } from '../stand-ins/uv/write-uv.ts';
import { temporaryFolder } from './support/rig.ts';

function setUp(switches: UvSwitches = {}) {
  const root = temporaryFolder();
  const uv = writeUv(path.join(root, 'bin'), switches);
  const cwd = path.join(root, 'cwd');
  mkdirSync(cwd);
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync(uv, [...args], {
      cwd,
      encoding: 'utf8',
      env: { HOME: root, PATH: '/usr/bin:/bin', UV_PYTHON_PREFERENCE: 'only-managed', ...env },
    });
    return { status, stdout, stderr };
  };
  const venv = path.join(root, 'venv');
  const python = path.join(venv, 'bin', 'python');
  const lock = path.join(root, 'lock.txt');
  const requirements = path.join(root, 'requirements.in');
  const compile = (line: string, ...more: string[]) => {
    writeFileSync(requirements, `${line}\n`);
    return run([
      'pip',
      'compile',
      '--generate-hashes',
      '--python',
      python,
      '-o',
      lock,
      ...more,
      requirements,
    ]);
  };
  const sync = (...more: string[]) =>
    run(['pip', 'sync', '--require-hashes', '--python', python, ...more, lock]);
  return { root, run, venv, python, lock, compile, sync };
}

describe('the stand-in uv', () => {
  it('makes an environment, a lock and an installation', () => {
    const { root, run, venv, lock, compile, sync } = setUp();
    expect(run(['--version']).stdout).toMatch(/^uv 0\.12\.16 \(/);
    expect(run(['venv', '--python', '3.12', venv])).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining(`Creating virtual environment at: ${venv}`),
    });
    expect(compile('litellm[proxy]==1.109.0')).toMatchObject({
      status: 0,
      stderr: 'Resolved 7 packages in 412ms\n',
    });
    expect(readFileSync(lock, 'utf8')).toMatch(/^fastapi==0\.130\.0 \\\n {4}--hash=sha256:[0-9a-f]{64} \\\n/);
    const synced = sync();
    expect(synced).toMatchObject({ status: 0, stdout: '' });
    expect(synced.stderr).toContain('Downloading litellm (9.6MiB)\n Downloaded litellm\n');
    expect(synced.stderr).toMatch(
      /Prepared 7 packages in .*\nInstalled 7 packages in .*\n \+ fastapi==0\.130\.0\n/,
    );
    expect(readdirSync(path.join(venv, 'lib/python3.12/site-packages'))).toContain(
      'litellm-1.109.0.dist-info',
    );
    expect(existsSync(path.join(venv, 'bin/litellm'))).toBe(true);
    expect(existsSync(path.join(root, '.local/share/uv/python'))).toBe(true);
    expect(sync().stderr).not.toContain('Prepared');
  });

  it.each([
    [['venv', '--pyhton', '3.12', 'x'], "unexpected argument '--pyhton' found"],
    [['pip', 'sync', '--generate-hashes', 'x'], "unexpected argument '--generate-hashes' found"],
    [['pip', 'compile', '--require-hashes', 'x'], "unexpected argument '--require-hashes' found"],
    [['pip', 'sync'], 'required arguments were not provided'],
    [['pip', 'freeze'], "unrecognized subcommand 'freeze'"],
    [['tool', 'install', 'x'], "unrecognized subcommand 'tool'"],
    [['pip', 'sync', '--python', '/nowhere/python', 'x'], 'No interpreter found at path'],
    [['venv', '--python', '2.7', 'x'], 'No interpreter found for Python 2.7'],
  ])('refuses %j with exit code 2', (args, words) => {
    expect(setUp().run(args)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(words),
    });
  });

  it('finds no version that is not there, or not yet', () => {
    const { run, venv, compile, lock } = setUp();
    run(['venv', venv]);
    for (const outcome of [
      compile('litellm==9.9'),
      compile('vllm-mlx==0.6.1', '--exclude-newer', '2026-11-18T00:00:00Z'),
    ]) {
      expect(outcome).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('× No solution found when resolving dependencies:'),
      });
    }
    expect(existsSync(lock)).toBe(false);
    expect(compile('vllm-mlx==0.6.1').status).toBe(0);
  });

  it('installs nothing whose hash lacks or is another', () => {
    const { run, venv, compile, sync, lock } = setUp();
    run(['venv', venv]);
    compile('litellm==1.109.0');
    const good = readFileSync(lock, 'utf8');
    writeFileSync(lock, 'litellm==1.109.0\n');
    expect(sync()).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('all requirements must have a hash'),
    });
    writeFileSync(lock, good.replaceAll(/sha256:[0-9a-f]{8}/g, 'sha256:00000000'));
    expect(sync()).toMatchObject({ status: 1, stderr: expect.stringContaining('Hash mismatch for') });
    expect(existsSync(path.join(venv, 'bin/litellm'))).toBe(false);
  });

  it('follows the user’s settings where it is not told otherwise', () => {
    const { root, run, venv, compile, lock, python } = setUp();
    run(['venv', venv]);
    mkdirSync(path.join(root, '.config/uv'), { recursive: true });
    writeFileSync(path.join(root, '.config/uv/uv.toml'), 'index-url = "http://other.invalid"\n');
    expect(compile('litellm==1.109.0')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('uv.toml'),
    });
    const args = ['pip', 'compile', '--python', python, '-o', lock, path.join(root, 'requirements.in')];
    expect(run(args, { UV_NO_CONFIG: '1' }).status).toBe(0);
    expect(run(args, { UV_NO_CONFIG: '1', UV_INDEX_URL: 'http://other.invalid' }).status).toBe(2);
  });

  it('refuses a misspelt fault', () => {
    const root = temporaryFolder();
    const uv = writeUv(root);
    writeFileSync(uv, readFileSync(uv, 'utf8').replace('"{}"', '"{\\"hangat\\":1}"'));
    const { status, stderr } = spawnSync(uv, ['--version'], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('unknown switch');
  });
});
