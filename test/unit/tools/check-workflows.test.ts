import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkWorkflow, checkWorkflows } from '../../tools/check-workflows.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const text = readFileSync(path.join(root, '.github/workflows/ci.yml'), 'utf8');

describe('the linter of workflows', () => {
  it('finds nothing in ours', async () => {
    expect(await checkWorkflows(root)).toEqual([]);
  });

  it.each([
    ['an unknown key', 'runs-on: macos-15', 'run-on: macos-15', /Unexpected value 'run-on'/],
    ['a wrong type', 'timeout-minutes: 60', 'timeout-minutes: many', /Unexpected value 'many'/],
    ['a broken expression', 'github.ref }}', 'github.ref( }}', /Unexpected symbol/],
    ['an unknown function', 'if: failure()', 'if: failur()', /Unrecognized function: 'failur'/],
    ['an unknown context', 'secrets.CSC_LINK', 'secret.CSC_LINK', /Unrecognized named-value: 'secret'/],
    ['a job that is not there', 'needs: [linux, macos]', 'needs: [windows]', /unknown job 'windows'/],
    ['an action that can be moved', /actions\/checkout@\w+/, 'actions/checkout@v5', /not pinned/],
    ['a script that is not there', 'npm run check', 'npm run czech', /no script czech/],
    [
      'a test that is not there',
      'test/macos/electron.test.ts',
      'test/macos/gone.test.ts',
      /no test\/macos\/gone/,
    ],
  ])('finds %s', async (_what, good, bad, expected) => {
    const changed = text.replace(good, bad);
    expect(changed).not.toBe(text);
    expect((await checkWorkflow('ci.yml', changed, root)).join('\n')).toMatch(expected);
  });
});
