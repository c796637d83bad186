/** A stack without engines and uv: the menu's click leads to the Engines in the settings, where they are installed, over the shipped bundle. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { stackOf } from '../integration/support/app.ts';
import { writeModelFolder } from '../stand-ins/engines/write-engine.ts';
import { writeUv } from '../stand-ins/uv/write-uv.ts';
import { scatteredPorts } from '../tools/demo.ts';
import { expectClean } from './clean-window.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

/** Two engines and two servers on a slow, busy machine. */
const slowMs = 60_000;
let root: string;
let userHome: string;
let preview: Preview;
let page: Page;

beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-engines-'));
  userHome = path.join(root, 'user');
  const home = path.join(root, 'home');
  mkdirSync(userHome, { mode: 0o700 });
  mkdirSync(path.join(home, 'stacks'), { recursive: true, mode: 0o700 });
  const write = (file: string, text: string) => writeFileSync(path.join(home, file), text, { mode: 0o600 });
  const { gateway, tiers } = scatteredPorts();
  write('config.yaml', stringify({ 'litellm-port': gateway }));
  write('stacks/default.yaml', stringify(stackOf({ standard: tiers })));
  write('desired.json', JSON.stringify({ version: 1, services: { standard: 'on' } }));
  writeModelFolder(path.join(home, 'models', 'model-standard'));
  preview = await startPreview({ home, env: { HOME: userHome, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' } });
});
afterAll(async () => {
  await preview?.stop();
  rmSync(root, { recursive: true, force: true });
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const firstRow = async () => (await preview.control('tray.read', {}))?.rows[0]?.label;
const offers = async (label: string) =>
  (await preview.control('tray.read', {}))?.rows.some((row) => row.label === label);

it('the menu says that uv lacks, and its click leads to where it is installed', {
  timeout: slowMs,
}, async () => {
  await expect.poll(() => offers('Install vllm-mlx'), { timeout: slowMs }).toBe(true);
  await preview.control('menu.click', { path: ['Install vllm-mlx'] });
  await expect
    .poll(firstRow, { timeout: slowMs })
    .toBe('uv, which installs the engines, was not found on this Mac');
  await preview.control('menu.click', { path: ['Show Engines'] });
  page = await preview.window();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('engines-title');
  await page.getByText('curl -LsSf https://astral.sh/uv/install.sh | env UV_NO_MODIFY_PATH=1 sh').waitFor();
  await expectClean(page);
  await screenshotBoth(preview, page, 'settings-engines-no-uv');
});

it('one click there installs both once uv is found, and what waited runs', {
  timeout: 2 * slowMs,
}, async () => {
  writeUv(path.join(userHome, '.local', 'bin'), { packageMs: 10 });
  await button('Look Again').click();
  await page.getByText('0.12.16, found', { exact: true }).waitFor();
  await button('Install Both').click();
  await page.getByText('1.109.0, installed', { exact: true }).waitFor({ timeout: slowMs });
  await page.getByText('0.6.0, installed', { exact: true }).waitFor();
  await button('Look Again').waitFor();
  await screenshotBoth(preview, page, 'settings-engines');
  await button('Overview').click();
  await page.getByRole('heading', { level: 1, name: 'MLX Stack is ready' }).waitFor({ timeout: slowMs });
});

it('nothing was refused by the page’s policy, and nothing thrown', async () => {
  expect(await preview.control('pageErrors.read', {})).toEqual([]);
  expect(await preview.control('blocked.read', {})).toEqual([]);
});
