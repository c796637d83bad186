/** From an empty home to a streamed answer by clicks alone, over the shipped bundle; what is met on the way is photographed. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type HuggingFace, startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { writeUv } from '../stand-ins/uv/write-uv.ts';
import { expectClean } from './clean-window.ts';
import { createEmptyHome } from './empty-home.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

/** Two engines, the models and their start on a slow, busy machine. */
const setupLimitMs = 240_000;
const testLimitMs = 420_000;
/** So slow that they go on while they are looked at, also on a busy machine. */
const looked = new AbortController();
const slow = { bytesPerSecond: 2_000, slowUntil: looked.signal };
const slowest = { bytesPerSecond: 500 };
const planned = 'mlx-community/Qwen3.5-9B-4bit';
const tiny = 'mlx-community/Qwen3-0.6B-4bit';

let root: string;
/** While it is there, no engine is. */
let heldBy: string;
let hub: HuggingFace;
let preview: Preview;
let page: Page;

beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-flow-'));
  const [home, userHome] = [path.join(root, 'home'), path.join(root, 'user')];
  heldBy = path.join(root, 'held');
  writeFileSync(heldBy, '');
  writeUv(path.join(userHome, '.local', 'bin'), { packageMs: 10, heldBy });
  hub = await startHuggingFace();
  hub.faults.set(planned, '*', slow);
  createEmptyHome(home);
  preview = await startPreview({
    home,
    huggingface: hub.address,
    env: { HOME: userHome, PATH: '/usr/bin:/bin' },
  });
  page = await preview.window();
});
afterAll(async () => {
  await preview?.stop();
  await hub?.close();
  rmSync(root, { recursive: true, force: true });
});

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const title = (name: string, timeout = 30_000) =>
  page.getByRole('heading', { level: 1, name }).waitFor({ timeout });
const photograph = (name: string) => screenshotBoth(preview, page, `setup-${name}`);

it('your Mac is shown with what it can run', async () => {
  await title('Welcome to MLX Stack');
  await page.getByRole('heading', { name: 'Apple M2 Pro' }).waitFor();
  await page.getByText('Qwen3.5 9B').first().waitFor();
  await expectClean(page);
  await photograph('1-mac');
});

it('the plan tells its reasons, and what each change comes to', async () => {
  await button('Continue').click();
  await title('The plan for this Mac');
  await page.getByText(/The best model that fits: 10\.7 GB/).waitFor();
  await expectClean(page);
  await photograph('2-plan');
  const slider = page.getByRole('slider', { name: 'Memory that models may have' });
  await slider.focus();
  for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('ArrowRight');
  await page.getByText('(60% of 32 GB)').first().waitFor();
  await button('Change Model of standard').click();
  await photograph('2-plan-alternatives');
  await page
    .getByRole('button', { name: /^Use .* as standard$/ })
    .first()
    .click();
  await page.getByText('Working it out…').waitFor({ state: 'detached' });
  await button('Back to the Recommendation').click();
  await button('Back to the Recommendation').waitFor({ state: 'detached' });
  await page.getByText('(40% of 32 GB)').first().waitFor();
});

it('one click later engines and models come, with the window closed too, and the Mac answers', {
  timeout: testLimitMs,
}, async () => {
  await page.getByRole('button', { name: /^(Download .* and )?Set Up$/ }).click();
  await title('Setting up your Mac');
  await page
    .getByText(/vllm-mlx/)
    .first()
    .waitFor();
  await photograph('3-engines');
  rmSync(heldBy);
  await page
    .getByRole('progressbar', { name: /^Download of/ })
    .first()
    .waitFor({ timeout: setupLimitMs });
  await expectClean(page);
  await photograph('3-models');

  const [shown] = await preview.control('windows.read', {});
  if (shown === undefined) throw new Error('there is no window');
  const closed = page.waitForEvent('close');
  await preview.control('window.close', { id: shown.id });
  await closed;
  page = await preview.window();
  await title('Setting up your Mac');
  await page
    .getByRole('progressbar', { name: /^Download of/ })
    .first()
    .waitFor();
  hub.faults.clear();
  looked.abort();

  await title('Your Mac answers', setupLimitMs);
  await page.getByText(/tokens per second, measured just now/).waitFor();
  await expectClean(page);
  await photograph('4-answer');
});

it('any OpenAI client is answered at the address that is copied', async () => {
  const copied = async (name: string): Promise<string> => {
    await button(name).click();
    await expect.poll(async () => (await preview.control('clipboard.read', {})).text).not.toBe('');
    const { text } = await preview.control('clipboard.read', {});
    await preview.control('clipboard.write', { text: '' });
    return text;
  };
  await preview.control('clipboard.write', { text: '' });
  const client = new OpenAI({ baseURL: await copied('Copy base URL'), apiKey: await copied('Copy API key') });
  const answer = await client.chat.completions.create({
    model: 'standard',
    messages: [{ role: 'user', content: 'Say something.' }],
  });
  expect(answer.choices[0]?.message.content?.length).toBeGreaterThan(0);
  await page.getByText('MLX_STACK_KEY=').waitFor();
  const sample = await copied('Copy the request with curl');
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', sample]);
  expect(JSON.parse(stdout)).toMatchObject({ choices: [{ message: { role: 'assistant' } }] });
  const question = page.getByRole('region', { name: 'Have it ready after the next login?' });
  await question
    .getByText(/not installed|installed|packaged|Applications/i)
    .first()
    .waitFor();
  expect(await question.getByRole('switch').count()).toBe(0);
  const stack = parse(readFileSync(path.join(preview.ready.home, 'stacks', 'default.yaml'), 'utf8'));
  expect(stack.tiers.map(({ name }: { name: string }) => name)).toContain('standard');
  await button('Done').click();
  await title('MLX Stack is ready');
  await photograph('5-overview');
});

it('the models view has all of it, and what else there is', { timeout: testLimitMs }, async () => {
  await button('Models').click();
  await button('Rename standard').waitFor();
  await expectClean(page);
  await photograph('models-stack');
  await page.getByRole('tab', { name: 'On This Mac' }).click();
  await page.getByText('used by standard').waitFor();
  await expectClean(page);
  await photograph('models-installed');

  await page.getByRole('tab', { name: 'Browse' }).click();
  await page.getByRole('searchbox').fill('qwen3 0.6b');
  await page.getByRole('listbox').getByRole('option').first().click();
  await button(/^Download .*: Qwen3 0\.6B$/).waitFor();
  await expectClean(page);
  await photograph('models-browse');
  hub.faults.set(tiny, '*', slowest);
  await button(/^Download .*: Qwen3 0\.6B$/).click();
  await page.getByRole('tab', { name: /Downloads/ }).click();
  await button('Pause: Qwen3 0.6B').click();
  await button('Resume: Qwen3 0.6B').waitFor();
  await photograph('models-downloads');
  hub.faults.clear();
  await button('Resume: Qwen3 0.6B').click();
  await button('Clear: Qwen3 0.6B').click({ timeout: setupLimitMs });

  await page.getByRole('tab', { name: 'On This Mac' }).click();
  await button('Use in the Stack: Qwen3 0.6B').click();
  await page.getByRole('combobox', { name: 'As', exact: true }).selectOption('One more model');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('tiny');
  await button('Add to the Stack').click();
  await button('Rename tiny').waitFor();
  await button('Remove tiny from the stack').click();
  await button('Remove').click();
  await button('Rename tiny').waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: 'On This Mac' }).click();
  await button('Delete Qwen3 0.6B').click();
  await photograph('models-delete');
  await button(/^Delete [\d.]+ (KB|MB|GB)$/).click();
  await button('Delete Qwen3 0.6B').waitFor({ state: 'detached' });
  expect(readdirSync(path.join(preview.ready.home, 'models')).join(' ')).not.toContain('Qwen3-0.6B');
});

it('nothing was refused by the page’s policy, and nothing thrown', async () => {
  expect(await preview.control('pageErrors.read', {})).toEqual([]);
  expect(await preview.control('blocked.read', {})).toEqual([]);
});
