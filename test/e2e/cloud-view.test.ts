/** The Cloud view over the shipped bundle: every failure with its sentence and remedy, every setting in force at once. */
import OpenAI from 'openai';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenRouterStandIn, startOpenRouter } from '../stand-ins/openrouter/openrouter.ts';
import type { OpenRouterFault } from '../stand-ins/openrouter/types.ts';
import { expectClean } from './clean-window.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

const key = `sk-or-v1-${'ab12'.repeat(16)}`;
const messages = [{ role: 'user' as const, content: 'Say something.' }];

let openRouter: OpenRouterStandIn;
let preview: Preview;
let page: Page;

beforeAll(async () => {
  openRouter = await startOpenRouter({ keys: [key] });
  preview = await startPreview({ demo: true, openrouter: openRouter.origin });
  page = await preview.window();
  await button('Cloud').click();
});
afterAll(async () => {
  await preview.stop();
  await openRouter.close();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const title = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

async function paste(text: string): Promise<void> {
  await page.locator('#cloud-key').fill(text);
  await page.keyboard.press('Enter');
  expect(await page.locator('#cloud-key').inputValue()).toBe('');
}

/** Begins a sign-in; the address that the browser would come back to. */
async function begin(): Promise<string> {
  const before = (await preview.control('opened.read', {})).length;
  await button('Sign in with OpenRouter').click();
  await page.getByText('Waiting for your browser').waitFor();
  await expect.poll(async () => (await preview.control('opened.read', {})).length).toBe(before + 1);
  const [opened] = (await preview.control('opened.read', {})).slice(-1);
  return new URL(opened?.target ?? '').searchParams.get('callback_url') ?? '';
}

async function ask(model = 'premium'): Promise<string> {
  const { baseUrl = '', apiKey = '' } = preview.ready.gateway ?? {};
  const client = new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0 });
  try {
    const answer = await client.chat.completions.create({ model, messages });
    return `${answer.model}: ${answer.choices[0]?.message.content}`;
  } catch (error) {
    return String(error);
  }
}

describe('before there is a key', () => {
  it('explains itself, and says of each bad key what is wrong with it', async () => {
    await title('The cloud is not set up');
    await expectClean(page);
    await screenshotBoth(preview, page, 'cloud-without-key');
    await paste('hello');
    await page.getByText('OpenRouter’s keys begin with “sk-or-v1-”.').waitFor();
    await paste(key.slice(0, 40));
    await page.getByText('it may have been cut while copying').waitFor();
    await paste(`sk-or-v1-${'00'.repeat(32)}`);
    await page.getByText('OpenRouter does not know this key. The key was not stored.').waitFor();
    await title('The cloud is not set up');
  });

  it('takes a key by ⌘V, and ⌘A selects it to be deleted', async () => {
    const field = page.locator('#cloud-key');
    await preview.control('clipboard.write', { text: 'sk-or-v1-pasted' });
    await field.focus();
    await page.keyboard.press('Meta+V');
    await expect.poll(() => field.inputValue()).toBe('sk-or-v1-pasted');
    await page.keyboard.press('Meta+A');
    /** The caret stands at the end before as well: only the beginning says that all is selected. */
    await expect
      .poll(() => field.evaluate((input) => input instanceof HTMLInputElement && input.selectionStart))
      .toBe(0);
    await page.keyboard.press('Delete');
    await expect.poll(() => field.inputValue()).toBe('');
  });

  const faults: readonly (readonly [string, OpenRouterFault, string])[] = [
    ['402', { kind: 'status', status: 402 }, 'Add credit or raise the key’s limit'],
    ['403', { kind: 'status', status: 403 }, 'Use an ordinary key of your own account'],
    ['429', { kind: 'status', status: 429, retryAfter: '7' }, 'Try again in 7 s.'],
    ['500', { kind: 'status', status: 500 }, 'OpenRouter failed (500).'],
    ['a cut connection', { kind: 'cut' }, 'The connection to OpenRouter broke off.'],
    ['a log-in page of a network', { kind: 'html' }, 'A network with a log-in page does this'],
    ['no answer', { kind: 'silent' }, 'OpenRouter did not answer in time.'],
  ];
  it.each(faults)('has a sentence and a remedy for %s', async (_what, fault, sentence) => {
    openRouter.behaviour.fault = fault;
    await paste(key);
    await page.getByText(sentence).waitFor();
    openRouter.behaviour.fault = { kind: 'none' };
  });

  it('says that it is offline, to who pastes and to who comes back from the browser, and works again after', async () => {
    const port = Number(new URL(openRouter.origin).port);
    const callback = await begin();
    await openRouter.close();
    await paste(key);
    await page.getByText('OpenRouter cannot be reached. The key was not stored.').waitFor();
    await fetch(`${callback}?code=whatever`);
    await page.getByText('OpenRouter cannot be reached.', { exact: true }).waitFor();
    expect(await page.getByText('Check the Internet connection, then try again.').count()).toBe(2);
    openRouter = await startOpenRouter({ keys: [key], port });
  });

  const exchanges: readonly (readonly [string, OpenRouterFault, string])[] = [
    ['401', { kind: 'status', status: 401 }, 'OpenRouter did not accept the sign-in'],
    ['402', { kind: 'status', status: 402 }, 'Add credit or raise the key’s limit'],
    ['403', { kind: 'status', status: 403 }, 'OpenRouter did not accept the sign-in'],
    ['429', { kind: 'status', status: 429, retryAfter: '8' }, 'Try again in 8 s.'],
  ];
  it.each(exchanges)(
    'has a sentence and a remedy for %s on the way back from the browser',
    async (_what, fault, sentence) => {
      const callback = await begin();
      openRouter.behaviour.fault = fault;
      await fetch(`${callback}?code=whatever`);
      await page.getByText(sentence).waitFor();
      openRouter.behaviour.fault = { kind: 'none' };
    },
  );

  it('waits for the browser, is declined, is cancelled, and is offered again', async () => {
    openRouter.behaviour.signIn = 'decline';
    await begin();
    const [opened] = (await preview.control('opened.read', {})).slice(-1);
    await fetch(opened?.target ?? '');
    await page.getByText('OpenRouter was not allowed to make a key for MLX Stack.').waitFor();
    openRouter.behaviour.signIn = 'approve';
    await button('Sign in with OpenRouter').click();
    await page.getByText('Waiting for your browser').waitFor();
    await button('Cancel the sign-in').click();
    await button('Sign in with OpenRouter').waitFor();
  });
});

describe('with a key', () => {
  it('shows the account, is still off, and is turned on by the person', async () => {
    await paste(key);
    await page.getByText('ends in ab12').waitFor();
    await page.getByText('no limit of its own').waitFor();
    await title('The cloud is off');
    await expect.poll(() => ask(), { timeout: 60_000 }).toContain('The cloud is turned off');
    await button('Turn Cloud On').click();
    await title('The cloud is on');
    openRouter.behaviour.thinkMs = 1_000;
    expect(await ask()).toContain('w0');
    openRouter.behaviour.thinkMs = 0;
    const row = page.getByRole('row', { name: /claude-sonnet-latest/ });
    await expect.poll(() => row.innerText()).toMatch(/\s1\s[1-9]\d*\s<\$0\.01\s1\s[1-9]\d*\s<\$0\.01$/);
    const waited = /first byte after (\d+\.\d\ss) today, \1 this month \(mean\)/.exec(await row.innerText());
    expect(Number.parseFloat(waited?.[1] ?? '')).toBeGreaterThanOrEqual(1);
    const days = page.locator('.plot-day');
    expect(await days.count()).toBe(30);
    const heights = await days
      .locator('.plot-bar')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('height'))));
    expect(heights.slice(0, -1).every((height) => height === 0)).toBe(true);
    expect(heights.at(-1)).toBeGreaterThan(0);
    await page.getByRole('img', { name: '<$0.01 in all' }).waitFor();
  });

  it('keeps everything on the Mac with Local only, from the next request on', async () => {
    await page.getByRole('switch', { name: 'Local only' }).click();
    await title('Local only');
    expect(await ask()).toContain('Local only');
    await page.getByRole('switch', { name: 'Local only' }).click();
    await title('The cloud is on');
    expect(await ask()).toContain('w0');
  });

  it('takes a cap, refuses what is none, and obeys it with the next request', async () => {
    const cap = page.getByLabel('Daily cap');
    await cap.fill('much');
    await cap.press('Enter');
    await page.getByText('Enter dollars, such as 2 or 0.50').waitFor();
    openRouter.behaviour.costUsd = 0.5;
    await cap.fill('0.25');
    await cap.press('Enter');
    expect(await ask()).toContain('w0');
    await title('Today’s cap is reached');
    expect(await ask()).toContain('The daily cap of $0.25');
    await expectClean(page);
    await screenshotBoth(preview, page, 'cloud-capped');
    await page.getByLabel('Daily cap').fill('');
    await page.getByLabel('Daily cap').press('Enter');
    await title('The cloud is on');
    openRouter.behaviour.costUsd = null;
    expect(await ask()).toContain('w0');
  });

  it('sends the privacy that was chosen, with the next request', async () => {
    await page.getByLabel('Any provider').click();
    const sent = () => openRouter.seen.at(-1)?.body;
    await expect
      .poll(async () => ((await ask()) ? sent() : null))
      .not.toMatchObject({ provider: { zdr: true } });
    await page.getByLabel('Zero retention').click();
    await expect.poll(async () => ((await ask()) ? sent() : null)).toMatchObject({ provider: { zdr: true } });
  });

  it('offers the models that are chosen from the live list', async () => {
    await page.getByText('Add a model').click();
    await page.getByRole('searchbox').fill('gpt 5.4');
    const found = page.getByRole('listitem').filter({ has: button('Add OpenAI: GPT-5.4') });
    expect(await found.innerText()).toMatch(/\$2\.50 in, \$15(\.00)? out per million tokens.*400K context/s);
    await button('Add OpenAI: GPT-5.4').click();
    await button('Make Premium: OpenAI: GPT-5.4').click();
    await expect.poll(() => ask(), { timeout: 60_000 }).toContain('openai/gpt-5.4:');
    await button('Remove Anthropic: Claude Opus (latest)').click();
    await expect.poll(() => ask('~anthropic/claude-opus-latest'), { timeout: 60_000 }).toContain('Error');
    await expectClean(page);
    await screenshotBoth(preview, page, 'cloud-models');
  });

  it('says when OpenRouter no longer takes the key, and forgets it again when it answers', async () => {
    openRouter.behaviour.fault = { kind: 'status', status: 401 };
    await ask();
    await page.getByText('OpenRouter does not know this key.').waitFor();
    openRouter.behaviour.fault = { kind: 'none' };
    await ask();
    await page.getByText('OpenRouter does not know this key.').waitFor({ state: 'detached' });
  });

  it('has a row in the menu, whose last item opens this view', async () => {
    await button('Overview').click();
    const row = async () =>
      (await preview.control('tray.read', {}))?.rows.find(({ id }) => id === 'cloud')?.sublabel;
    await expect.poll(row).toMatch(/^OpenRouter · \$\d+\.\d\d today$/);
    await preview.control('menu.click', { path: ['Cloud', 'Open Cloud…'] });
    await title('The cloud is on');
    const [shown] = await preview.control('windows.read', {});
    if (shown === undefined) throw new Error('there is no window');
    const closed = page.waitForEvent('close');
    await preview.control('window.close', { id: shown.id });
    await closed;
    await preview.control('menu.click', { path: ['Cloud', 'Open Cloud…'] });
    page = await preview.window();
    await title('The cloud is on');
  });

  it('asks before the key is removed, and can be left with Escape', async () => {
    await button('Remove Key…').click();
    await page.keyboard.press('Escape');
    await button('Remove Key…').waitFor();
    await button('Remove Key…').click();
    await button('Remove Key').click();
    await title('The cloud is not set up');
  });

  it('is off with the next key, until the person turns it on again; one by sign-in has a limit, which is shown', async () => {
    const before = (await preview.control('opened.read', {})).length;
    await button('Sign in with OpenRouter').click();
    await expect.poll(async () => (await preview.control('opened.read', {})).length).toBe(before + 1);
    const [opened] = (await preview.control('opened.read', {})).slice(-1);
    await fetch(opened?.target ?? '');
    await title('The cloud is off');
    await page.getByText(/^\$20\.00 of \$20\.00/).waitFor();
    await expect.poll(() => ask(), { timeout: 60_000 }).toContain('The cloud is turned off');
    expect(await preview.control('pageErrors.read', {})).toEqual([]);
    expect(await preview.control('blocked.read', {})).toEqual([]);
  });
});
