/** What `npm ci` installs is fixed, and nothing of it runs while it is installed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';

const root = path.resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

const packageSchema = z.object({
  name: z.string().optional(),
  version: z.string(),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
});
const { packages } = z
  .object({ packages: z.record(z.string(), packageSchema) })
  .parse(JSON.parse(read('package-lock.json')));
const { '': _ours, ...dependencies } = packages;
const installed = Object.entries(dependencies);

it('every package is locked to one version and its hash', () => {
  expect(installed.length).toBeGreaterThan(100);
  expect(installed.filter(([, { version }]) => !/^\d+\.\d+\.\d+/.test(version))).toEqual([]);
  expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
});

it('no script of a package runs when it is installed, also by an npm that does not know allowScripts', () => {
  expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
});

it('each script that would run is known and denied by its name', () => {
  const { allowScripts } = z
    .object({ allowScripts: z.record(z.string(), z.boolean()) })
    .parse(JSON.parse(read('package.json')));
  const withScripts = installed
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([place, { name }]) => name ?? place.split('node_modules/').at(-1) ?? place);
  expect(withScripts.length).toBeGreaterThan(0);
  expect(withScripts.filter((name) => allowScripts[name] !== false)).toEqual([]);
  expect(Object.values(allowScripts)).not.toContain(true);
});
