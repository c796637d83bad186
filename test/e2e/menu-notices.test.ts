/** Where macOS shows no notifications, the menu of the shipped bundle says in a line what they would have said. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { replaceFile } from '../tools/replace-file.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

const patient = { timeout: 30_000 };
let preview: Preview;
const file = (...parts: string[]) => path.join(preview.ready.home, ...parts);

beforeAll(async () => {
  preview = await startPreview({ demo: true, hidden: true });
});
afterAll(async () => {
  const errors = await preview?.control('pageErrors.read', {});
  await preview?.stop();
  expect(errors).toEqual([]);
});

async function rows() {
  const tray = await preview.control('tray.read', {});
  if (tray === null) throw new Error('there is no tray');
  return tray.rows;
}
const headline = async () => (await rows())[0]?.label;
/** The lines that stand for notifications. */
const lines = async () => (await rows()).filter(({ id }) => id.startsWith('unshown:'));
const labels = async () => (await lines()).map(({ label }) => label);
const stateOf = async (tier: string) =>
  (await rows()).find(({ id }) => id === `service:${tier}`)?.sublabel.split(' · ')[0];

async function closeWindow(): Promise<void> {
  for (const { id } of await preview.control('windows.read', {})) {
    await preview.control('window.close', { id });
  }
  expect(await preview.control('windows.read', {})).toEqual([]);
}

/** By a number that is none, which only vllm-mlx itself can tell: the tier fails at once and for good. */
function setBroken(tier: string, isBroken: boolean): void {
  const stack = file('stacks', 'default.yaml');
  const document = parseDocument(fs.readFileSync(stack, 'utf8'));
  const { tiers } = z.object({ tiers: z.array(z.object({ name: z.string() })) }).parse(document.toJS());
  const option = ['tiers', tiers.findIndex(({ name }) => name === tier), 'vllm_flags', 'max_num_seqs'];
  if (isBroken) document.setIn(option, 'many');
  else document.deleteIn(option);
  replaceFile(preview.ready.home, stack, document.toString());
}

it('of a failure that macOS refused to show: one line, which leads to the line in the log and is gone then', async () => {
  await expect.poll(headline, patient).toBe('MLX Stack is ready');
  await preview.control('notifications.deny', { deny: true });
  setBroken('fast', true);
  await expect.poll(labels, patient).toEqual(['fast needs attention']);
  expect(await preview.control('notifications.read', {})).toEqual([]);
  await preview.openMenu();
  await screenshotBoth(preview, await preview.menuBar(), 'menu-notices');
  await preview.control('menu.close', {});

  await preview.control('menu.click', { path: ['fast needs attention'] });
  const page = await preview.window();
  const decisive = page.locator('.log-row').filter({ hasText: "invalid int value: 'many'" }).first();
  await decisive.waitFor();
  await expect.poll(() => decisive.getAttribute('aria-selected')).toBe('true');
  await expect.poll(labels).toEqual([]);
});

it('of a return, where there are no notifications: one line, which leads to the Overview', async () => {
  await closeWindow();
  await preview.control('notifications.support', { support: false });
  setBroken('fast', false);
  await expect.poll(() => stateOf('fast'), patient).toBe('Ready');
  await expect.poll(labels).toEqual(['fast is running again']);
  expect((await lines())[0]?.sublabel).toMatch(/^fast does not understand its option/);

  await preview.control('menu.click', { path: ['fast is running again'] });
  const page = await preview.window();
  await page.getByRole('heading', { level: 1, name: 'MLX Stack is ready' }).waitFor();
  await expect.poll(labels).toEqual([]);
  expect(await preview.control('notifications.read', {})).toEqual([]);
});

it('opening the window by other ways is enough; with the window open there is none', async () => {
  await closeWindow();
  setBroken('standard', true);
  await expect.poll(labels, patient).toEqual(['standard needs attention']);
  await preview.window();
  await expect.poll(labels).toEqual([]);
  setBroken('standard', false);
  await expect.poll(() => stateOf('standard'), patient).toBe('Ready');
  expect(await labels()).toEqual([]);
});

it('of a kind that the user does not want there is none', async () => {
  await closeWindow();
  const config = file('config.yaml');
  replaceFile(preview.ready.home, config, `${fs.readFileSync(config, 'utf8')}notify-failures: false\n`);
  setBroken('longctx', true);
  await expect.poll(() => stateOf('longctx'), patient).toBe('Failed');
  expect(await labels()).toEqual([]);
});
