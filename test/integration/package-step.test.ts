/** The step of the workflow that packages a tag, run as the runner does: what electron-builder gets of the project's secrets. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { temporaryFolder } from './support/rig.ts';

const root = path.resolve(import.meta.dirname, '../..');
const workflowSchema = z.object({
  jobs: z.object({
    package: z.object({
      steps: z.array(
        z.object({
          name: z.string().optional(),
          run: z.string().optional(),
          env: z.record(z.string(), z.string()).optional(),
        }),
      ),
    }),
  }),
});
const workflow = workflowSchema.parse(
  parse(readFileSync(path.join(root, '.github/workflows/ci.yml'), 'utf8')),
);
const step = workflow.jobs.package.steps.find(({ name }) => name === 'Package');

/** What `npm` is called with, and the environment that it has. A secret that the project does not have is empty. */
function runWith(secrets: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  const seen = path.join(folder, 'seen');
  const lines = ['#!/bin/sh', `{ echo "npm $*"; env; } > '${seen}'`, ''];
  writeFileSync(path.join(folder, 'npm'), lines.join('\n'), { mode: 0o755 });
  const env = Object.entries(step?.env ?? {}).map(([name, value]): [string, string] => {
    const secret = /^\$\{\{ secrets\.(\w+) \}\}$/.exec(value)?.[1];
    return [name, secret === undefined ? value : (secrets[secret] ?? '')];
  });
  // As GitHub calls it for `shell: bash`.
  execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? ''], {
    env: { PATH: `${folder}:/usr/bin:/bin`, RUNNER_TEMP: folder, ...Object.fromEntries(env) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [call, ...rest] = readFileSync(seen, 'utf8').trim().split('\n');
  const given = rest.filter((line) => /^(?:CSC|APPLE)_/.test(line)).toSorted();
  return { call, given, keyFile: path.join(folder, 'apple-api-key.p8') };
}

describe('packaging a tag', () => {
  it('without secrets leaves no variable empty: electron-builder would look for a certificate in a file without a name', () => {
    const { call, given, keyFile } = runWith({});
    expect([call, given, existsSync(keyFile)]).toEqual(['npm run dist', [], false]);
  });

  it('hands on the certificate, and Apple’s key as a file that nobody else can read', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----';
    const { call, given, keyFile } = runWith({
      CSC_LINK: 'certificate',
      CSC_KEY_PASSWORD: 'a word',
      APPLE_API_KEY: key,
      APPLE_API_KEY_ID: 'X0X0X0X0X0',
      APPLE_API_ISSUER: 'issuer',
    });
    expect(call).toBe('npm run dist');
    expect(given).toEqual([
      'APPLE_API_ISSUER=issuer',
      `APPLE_API_KEY=${keyFile}`,
      'APPLE_API_KEY_ID=X0X0X0X0X0',
      'CSC_KEY_PASSWORD=a word',
      'CSC_LINK=certificate',
    ]);
    expect(readFileSync(keyFile, 'utf8')).toBe(`${key}\n`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  });
});
