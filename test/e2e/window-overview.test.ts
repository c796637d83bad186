/** The window of the shipped bundle over a demo stack with real processes. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commandChannel } from '../../src-main/contract/bridge.ts';
import { snapshotSchema } from '../../src-main/contract/status.ts';
import { expectClean } from './clean-window.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

let preview: Preview;
let page: Page;

beforeAll(async () => {
  preview = await startPreview({ demo: true });
});
afterAll(() => preview.stop());
beforeEach(async () => {
  page = await preview.window();
  await page.getByRole('heading', { level: 1, name: 'MLX Stack is ready' }).waitFor();
});

const card = (name: string) => page.getByRole('article', { name, exact: true });
const button = (name: string) => page.getByRole('button', { name, exact: true });

async function readStatus() {
  const reply = await preview.control('ipc.invoke', { channel: commandChannel, args: ['status.read', {}] });
  if (!reply.ok) throw new Error(reply.error);
  const { value } = reply;
  if (typeof value !== 'object' || value === null || !('value' in value)) throw new Error('no snapshot');
  return snapshotSchema.parse(value.value);
}

describe('the window over a running stack', () => {
  it('shows a card for every service, ready and at its port', async () => {
    const { services } = await readStatus();
    expect(await page.getByRole('article').count()).toBe(services.length);
    for (const { name, port } of services) {
      const text = await card(name).textContent();
      expect(text).toContain('Ready');
      expect(text).toContain(String(port));
    }
    const files = await screenshotBoth(preview, page, 'window-overview');
    expect(files).toHaveLength(2);
  });

  it('has no accessibility fault, no error and nothing refused by its policy', async () => {
    await expectClean(page);
    expect(await preview.control('pageErrors.read', {})).toEqual([]);
    expect(await preview.control('blocked.read', {})).toEqual([]);
  });

  it('shows what each service was started with, and would be, without a key', async () => {
    const gateway = card('Gateway');
    await gateway.getByText('Command line', { exact: true }).click();
    await gateway.getByText('It was started with this.', { exact: false }).waitFor();
    const text = (await gateway.locator('pre').textContent()) ?? '';
    expect(text).toMatch(/litellm \\\n {2}--config .*litellm\.yaml/);
    expect(text).toContain('LITELLM_MASTER_KEY');
    const { gateway: endpoint } = preview.ready;
    if (endpoint === null) throw new Error('the demo has an endpoint');
    expect(text).not.toContain(endpoint.apiKey.slice(-4));
    await button('Copy the command line of Gateway').click();
    // The command alone: a shell may not know what to make of the remarks below it.
    const [command] = text.split('\n\n');
    await expect.poll(async () => (await preview.control('clipboard.read', {})).text).toBe(command);
    await expectClean(page);

    const fast = card('fast');
    await fast.getByText('Command line', { exact: true }).click();
    await fast.getByText('It was started with this.', { exact: false }).waitFor();
    await button('Stop fast').click();
    await fast.getByText('It would be started with this.', { exact: false }).waitFor();
    expect(await fast.locator('pre').textContent()).toContain('--served-model-name fast');
    await button('Start fast').click();
    await fast.getByText('It was started with this.', { exact: false }).waitFor();
    await button('Restart fast').waitFor();
  });

  it('stops one model and starts it again; the window follows', async () => {
    await button('Stop fast').click();
    await button('Start fast').waitFor();
    await card('fast').getByText('Off', { exact: true }).waitFor();
    await button('Start fast').click();
    await button('Restart fast').waitFor();
    await card('fast').getByText('Ready', { exact: true }).waitFor();
  });

  it('shows why a server that was killed ended, and that it is ready again', async () => {
    const before = (await readStatus()).services.find(({ id }) => id === 'standard');
    if (before?.pid === null || before === undefined) throw new Error('standard does not run');
    process.kill(before.pid, 'SIGKILL');
    const standard = card('standard');
    await standard.getByText(/Ended by SIGKILL/).waitFor();
    await standard.getByText('Ready', { exact: true }).waitFor();
    const after = (await readStatus()).services.find(({ id }) => id === 'standard');
    expect(after?.restarts).toBe(before.restarts + 1);
    expect(after?.pid).not.toBe(before.pid);
  });

  it('puts the address and the key on the clipboard, the key nowhere else', async () => {
    const { gateway } = preview.ready;
    if (gateway === null) throw new Error('the preview has no gateway');
    const { baseUrl, apiKey } = gateway;
    await button('Copy base URL').click();
    await expect.poll(() => preview.control('clipboard.read', {})).toEqual({ text: baseUrl });
    await button('Copy API key').click();
    await expect.poll(() => preview.control('clipboard.read', {})).toEqual({ text: apiKey });
    expect(await page.content()).not.toContain(apiKey);
    expect(await page.getByText(`•${apiKey.slice(-4)}`).count()).toBeGreaterThan(0);
    expect(JSON.stringify(await readStatus())).not.toContain(apiKey);
  });

  it('is gone when it is closed, while the stack runs on, and shows the present when it is opened again', async () => {
    const [shown] = await preview.control('windows.read', {});
    if (shown === undefined) throw new Error('there is no window');
    const closed = page.waitForEvent('close');
    await preview.control('window.close', { id: shown.id });
    await closed;
    expect(await preview.control('windows.read', {})).toEqual([]);
    await preview.control('app.activate', {});
    await expect.poll(() => preview.control('windows.read', {})).toHaveLength(1);
    page = await preview.window();
    await page.getByRole('heading', { level: 1, name: 'MLX Stack is ready' }).waitFor();
  });

  it('is opened by a second start of the app, which ends', async () => {
    const [shown] = await preview.control('windows.read', {});
    if (shown === undefined) throw new Error('there is no window');
    const closed = page.waitForEvent('close');
    await preview.control('window.close', { id: shown.id });
    await closed;
    expect((await preview.launchAgain()).message).toContain('already runs');
    await expect.poll(() => preview.control('windows.read', {})).toHaveLength(1);
    page = await preview.window();
    await page.getByRole('heading', { level: 1, name: 'MLX Stack is ready' }).waitFor();
  });

  it('is replaced when its page crashes', async () => {
    const [shown] = await preview.control('windows.read', {});
    if (shown === undefined) throw new Error('there is no window');
    // Not `waitForEvent`, which takes the crash for a failure.
    const closed = new Promise<void>((resolve) => page.once('close', () => resolve()));
    await preview.control('window.crash', { id: shown.id });
    await closed;
    await expect.poll(() => preview.control('windows.read', {})).toEqual([]);
    await preview.control('app.activate', {});
    await expect.poll(() => preview.control('windows.read', {})).toHaveLength(1);
    page = await preview.window();
    await page.getByRole('heading', { level: 1, name: 'MLX Stack is ready' }).waitFor();
  });
});
