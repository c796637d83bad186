/** The setup behind a fake bridge: each of its screens in every situation, by mouse and by keyboard, light and dark. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { fail, ok, problem } from '../../src-main/contract/result.ts';
import type { Snapshot } from '../../src-main/contract/status.ts';
import { pointerNotice } from '../../src-main/shell/mac-notices.ts';
import { expectClean } from './clean-window.ts';
import { useFakeBridge } from './fake-bridge.ts';
import type { OpenedWindow, OpenOptions } from './renderer-fixture.ts';
import {
  answered,
  cannotPlan,
  chosenEngines,
  fastTier,
  fresh,
  longPlan,
  olderEngines,
  plan,
  roomierPlan,
  setupSnapshots,
  standardTier,
  stocked,
  swappedPlan,
} from './setup-fixture.ts';

const open = useFakeBridge();

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

async function openPlan(options: OpenOptions = {}, snapshot: Snapshot = setupSnapshots.fresh) {
  const window = await open(snapshot, options);
  await button(window.page, 'Continue').click();
  await title(window.page, 'The plan for this Mac');
  return window;
}

const isInView = (locator: Locator) =>
  locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });

const small = { viewport: { width: 720, height: 480 } } as const;
const planCalls = async (window: OpenedWindow) =>
  (await window.given()).filter(({ name }) => name === 'setup.plan').map(({ input }) => input);

describe('every screen is clean in a small window', () => {
  it('your Mac, also with a chip that is guessed', async () => {
    const { page } = await open(setupSnapshots.fresh, { ...small, answers: { 'setup.plan': ok(longPlan) } });
    await page.getByText('MLX Stack does not know this chip yet').waitFor();
    await page.getByText('about 400 GB/s').waitFor();
    await expectClean(page);
  });

  it('the plan, with all of it unfolded', async () => {
    const { page } = await openPlan(small);
    await page.getByText('Also worth knowing').click();
    await button(page, 'Change Model of standard').click();
    await button(page, 'Add a Model…').click();
    await button(page, 'Add Gemma 4 12B').waitFor();
    await expectClean(page);
  });

  it('the plan with long names, a problem, and no uv', async () => {
    const { page } = await openPlan(
      { ...small, answers: { 'setup.plan': ok(longPlan) } },
      setupSnapshots.missingUv,
    );
    await expectClean(page);
  });

  it.each(['installingUv', 'working', 'answering', 'done', 'failed'] as const)('%s', async (name) => {
    const { page } = await open(setupSnapshots[name], small);
    await expectClean(page);
  });
});

describe('your Mac', () => {
  it('is told with what it can run, each figure with its basis', async () => {
    const window = await open(setupSnapshots.fresh);
    const { page } = window;
    await page.getByRole('heading', { name: 'Apple M2 Max' }).waitFor();
    const text = (await page.locator('main').innerText()).replaceAll('\n', ' ');
    for (const figure of ['64 GB', '48 GB', '400 GB/s', '38', '412.3 GB', '13–22', 'estimate'])
      expect(text).toContain(figure);
    expect(await planCalls(window)).toEqual([{ intent: 'balanced', budgetPct: null, tiers: null }]);
  });

  it('says why there is no plan, and tries again', async () => {
    const window = await open(setupSnapshots.fresh, { answers: { 'setup.plan': cannotPlan } });
    const { page } = window;
    await page.getByText('this one has an Intel chip').waitFor();
    expect(await button(page, 'Continue').count()).toBe(0);
    await expectClean(page);
    await window.setAnswer('setup.plan', ok(plan));
    await button(page, 'Try Again').click();
    await button(page, 'Continue').waitFor();
  });

  it('is planned anew for agents', async () => {
    const window = await open(setupSnapshots.fresh);
    await window.page.getByLabel('Agents').check();
    expect((await planCalls(window)).at(-1)).toEqual({
      intent: 'agent-fleet',
      budgetPct: null,
      tiers: null,
    });
  });

  it('is come to again from a stack in force, and left again', async () => {
    const { page } = await open(stocked);
    await button(page, 'Models').click();
    await button(page, 'Set Up Again…').click();
    await title(page, 'Set up MLX Stack again');
    await button(page, 'Not Now').click();
    await title(page, 'MLX Stack is ready');
  });
});

describe('the plan', () => {
  it('swaps a model, says in numbers what hinders it, and begins when there is room', async () => {
    const window = await openPlan();
    const { page } = window;
    await window.setAnswer('setup.plan', ok(swappedPlan));
    await button(page, 'Change Model of standard').click();
    await button(page, 'Use Qwen3.6 35B-A3B as standard').click();
    await page.getByText('28.6 GB needed, more than 25.6 GB (40% of 64 GB)').waitFor();
    await page.getByText('remove one, or give models 45% of the memory').waitFor();
    const begin = button(page, 'Download 18.8 GB and Set Up');
    expect(await begin.getAttribute('aria-disabled')).toBe('true');
    await begin.click({ force: true });
    await window.setAnswer('setup.plan', ok(roomierPlan));
    const slider = page.getByRole('slider', { name: 'Memory that models may have' });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('28.6 GB used of 28.8 GB (45% of 64 GB)').waitFor();
    expect(await slider.getAttribute('aria-valuetext')).toBe('28.8 GB (45% of 64 GB)');
    await begin.click();
    expect((await window.given()).filter(({ name }) => name === 'setup.begin')).toEqual([
      {
        name: 'setup.begin',
        input: {
          intent: 'balanced',
          budgetPct: 45,
          tiers: [
            { name: 'standard', repo: 'mlx-community/Qwen3.6-35B-A3B-4bit', contextTokens: null },
            { name: 'fast', repo: fastTier.repo, contextTokens: 32_768 },
          ],
        },
      },
    ]);
  });

  it('changes context and name, removes, adds, and goes back to the recommendation', async () => {
    const window = await openPlan();
    const { page } = window;
    const tiers = async () => {
      const last = (await planCalls(window)).at(-1);
      return typeof last === 'object' && last !== null && 'tiers' in last ? last.tiers : undefined;
    };
    await page.getByLabel('Context of standard').selectOption({ label: '32K, about 50 pages' });
    const name = page.getByLabel('Name of model 2');
    await name.fill('standard');
    await name.press('Enter');
    await page.getByText('Another model has this name.').waitFor();
    await name.fill('quick');
    await name.press('Enter');
    expect(await tiers()).toEqual([
      { name: 'standard', repo: standardTier.repo, contextTokens: 32_768 },
      { name: 'quick', repo: fastTier.repo, contextTokens: 32_768 },
    ]);
    await button(page, 'Remove standard').click();
    await button(page, 'Add a Model…').click();
    await page.getByRole('searchbox').fill('gemma');
    await button(page, 'Add Gemma 4 12B').click();
    expect(await tiers()).toEqual([
      { name: 'quick', repo: fastTier.repo, contextTokens: 32_768 },
      { name: 'standard', repo: 'mlx-community/gemma-4-12b-it-4bit', contextTokens: null },
    ]);
    await button(page, 'Back to the Recommendation').click();
    expect(await tiers()).toBeNull();
  });

  it('asks once for where the slider rests', async () => {
    const window = await openPlan();
    const { page } = window;
    await page.getByRole('slider').focus();
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('ArrowRight');
    await page.getByText('60% of 64 GB').waitFor();
    await expect.poll(async () => (await planCalls(window)).at(-1)).toMatchObject({ budgetPct: 60 });
    expect((await planCalls(window)).length).toBeLessThanOrEqual(4);
  });

  it('is remembered while the cloud is looked at', async () => {
    const window = await openPlan();
    const { page } = window;
    await page.getByLabel('Context of standard').selectOption({ label: '4K, about 6 pages' });
    await page.getByRole('main').getByRole('button', { name: 'Cloud' }).click();
    await title(page, 'The cloud is not set up');
    await button(page, 'Overview').click();
    await title(page, 'The plan for this Mac');
    await button(page, 'Back to the Recommendation').waitFor();
  });

  it('shows uv’s own command before it installs it, and how the engines are', async () => {
    const window = await openPlan({}, setupSnapshots.missingUv);
    const { page } = window;
    await page.getByText('curl -LsSf https://astral.sh/uv/install.sh | sh').waitFor();
    await page.getByText('LiteLLM 1.82.7 carried code that steals passwords.').waitFor();
    const begin = button(page, 'Download 18.8 GB and Set Up');
    expect(await begin.getAttribute('aria-disabled')).toBe('true');
    await button(page, 'Install uv first.').click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Install uv');
    await expect.poll(() => isInView(button(page, 'Install uv'))).toBe(true);
    await button(page, 'Install uv').click();
    expect((await window.given()).at(-1)).toEqual({ name: 'engines.installUv', input: {} });
    await window.send({ revision: 2, engines: setupSnapshots.installingUv.engines });
    await page.getByRole('progressbar', { name: 'Progress: Installing uv' }).waitFor();
    await window.send({ revision: 3, engines: setupSnapshots.fresh.engines });
    expect(await begin.getAttribute('aria-disabled')).toBeNull();
  });

  it('installs its own engine unless the user keeps the one that was found, whose version it shows', async () => {
    const window = await openPlan({}, setupSnapshots.older);
    const { page } = window;
    await page
      .getByText('0.2.9 will be installed; 0.2.6, found in /Users/ada/.local/bin', { exact: true })
      .waitFor();
    // Ours takes its place: nothing is wrong.
    expect(await page.getByText('while MLX Stack is made for').count()).toBe(0);
    await page.getByText('1.82.0, installed', { exact: true }).waitFor();
    await expectClean(page);
    await button(page, 'Use the One Found: vllm-mlx').click();
    expect((await window.given()).at(-1)).toEqual({
      name: 'engines.useFound',
      input: { name: 'vllm-mlx' },
    });
    await window.send({ revision: 2, engines: chosenEngines });
    await page
      .getByText('0.2.6, chosen, in /Users/ada/.local/bin; 0.2.9 is recommended', { exact: true })
      .waitFor();
    await button(page, 'Install 0.2.9 Instead: vllm-mlx').click();
    expect((await window.given()).at(-1)).toEqual({
      name: 'settings.reset',
      input: { key: 'vllm-mlx-path' },
    });
  });

  it('needs uv for an engine that was only found, and not for one that was chosen', async () => {
    const uv = setupSnapshots.missingUv.engines.uv;
    const window = await openPlan({}, fresh({ engines: { ...olderEngines, uv } }));
    await button(window.page, 'Install uv first.').waitFor();
    await window.send({ revision: 2, engines: { ...chosenEngines, uv } });
    await button(window.page, 'Install uv first.').waitFor({ state: 'detached' });
  });

  it('shows a refusal to begin like every refusal', async () => {
    const refusal = fail(problem('not-now', 'Another setup is under way.', 'Wait for it.'));
    const { page } = await openPlan({ answers: { 'setup.begin': refusal } });
    await button(page, 'Download 18.8 GB and Set Up').click();
    await page.getByRole('alert').getByText('Another setup is under way. Wait for it.').waitFor();
  });

  it('is reached, changed and begun by keyboard alone', async () => {
    const window = await open(setupSnapshots.fresh);
    const { page } = window;
    await button(page, 'Continue').waitFor();
    const press = async (key: string, times = 1): Promise<void> => {
      for (let count = 0; count < times; count += 1) await page.keyboard.press(key);
    };
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses += 1) {
        await press('Tab');
        const focused = await page.evaluate(() => {
          const element = document.activeElement;
          return (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim();
        });
        if (focused === name) return;
      }
      throw new Error(`The Tab key does not reach ${name}`);
    };
    await tabTo('Continue');
    await press('Enter');
    await title(page, 'The plan for this Mac');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('The plan for this Mac');
    await tabTo('Change Model of fast');
    await press('Enter');
    await page.waitForFunction(() =>
      document.activeElement?.getAttribute('aria-label')?.startsWith('Use Qwen3.6'),
    );
    await press('Enter');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Change Model of fast');
    await tabTo('Download 18.8 GB and Set Up');
    await press('Space');
    await expect.poll(async () => (await window.given()).at(-1)?.name).toBe('setup.begin');
  });
});

describe('the progress', () => {
  it('is that of the status, from the first moment on, and is announced by steps', async () => {
    const window = await open(setupSnapshots.fresh);
    const { page } = window;
    await window.send({
      revision: 2,
      setup: setupSnapshots.working.setup,
      models: setupSnapshots.working.models,
    });
    await title(page, 'Setting up your Mac');
    await page.getByText('6.3 of 16.2 GB · 84 MB/s · about 2 min left').waitFor();
    const bar = page.getByRole('progressbar', { name: 'Download of Qwen3.8 27B' });
    expect(await bar.getAttribute('aria-valuenow')).toBe('38');
    await button(page, 'Pause: Qwen3.8 27B').click();
    expect((await window.given()).at(-1)).toEqual({
      name: 'models.pauseDownload',
      input: { repo: standardTier.repo },
    });
    await window.send({ revision: 3, setup: setupSnapshots.answering.setup });
    await page.getByText('Hello! I am running entirely').waitFor();
    expect(await page.locator('[aria-live]').textContent()).toBe(
      'Download the models: done. Write the stack: done. Start the models: done',
    );
    await window.send({ revision: 4, setup: answered });
    await title(page, 'Your Mac answers');
    await page.getByText('19 tokens per second, measured just now').waitFor();
    await button(page, 'Copy base URL').click();
    await button(page, 'Done').click();
    expect((await window.given()).slice(-2)).toEqual([
      { name: 'endpoint.copyAddress', input: {} },
      { name: 'setup.finish', input: {} },
    ]);
  });

  it('ends with a request to be pasted, whose key nobody sees, and the question of the next login', async () => {
    const snapshot = setupSnapshots.done;
    const window = await open(snapshot, small);
    const { page } = window;
    const sample = page.getByRole('region', { name: 'Try it from the Terminal' });
    const text = (await sample.locator('pre').textContent()) ?? '';
    expect(text).toContain(`curl ${snapshot.gateway.baseUrl}/chat/completions`);
    expect(text).toContain('"model":"standard"');
    expect(text.split('\n')[0]).toMatch(/^MLX_STACK_KEY='•+'$/);
    if (snapshot.gateway.keyLast4 !== '') expect(text).not.toContain(snapshot.gateway.keyLast4);
    await button(page, 'Copy the request with curl').click();
    await expect
      .poll(async () => (await window.given()).at(-1))
      .toEqual({
        name: 'endpoint.copySample',
        input: { tier: 'standard' },
      });

    expect(
      (await window.given()).some(({ name }) => name === 'login.set'),
      'only by a click',
    ).toBe(false);
    const login = { state: 'off', problem: null } as const;
    await window.send({ revision: snapshot.revision + 1, mac: { ...snapshot.mac, login } });
    await page.getByRole('switch', { name: 'Start at login' }).click();
    await expect
      .poll(async () => (await window.given()).at(-1))
      .toEqual({
        name: 'login.set',
        input: { enabled: true },
      });
    await window.send({
      revision: snapshot.revision + 2,
      mac: {
        ...snapshot.mac,
        login: {
          state: 'unavailable',
          problem: problem('not-installed', 'Only an installed app can start at login.', 'Move it first.'),
        },
      },
    });
    await page.getByText('Only an installed app can start at login. Move it first.').waitFor();
    expect(await page.getByRole('switch').count()).toBe(0);
    await expectClean(page);
    await button(page, 'Done').click();
    expect((await window.given()).at(-1)).toEqual({ name: 'setup.finish', input: {} });
  });

  it('asks for the next login where it is seen without scrolling, below a long answer and a notice too', async () => {
    const { setup, mac } = setupSnapshots.done;
    const answer = setup.answer && { ...setup.answer, text: `${setup.answer.text} `.repeat(6) };
    const { page } = await open({
      ...setupSnapshots.done,
      notices: [pointerNotice],
      setup: { ...setup, answer },
      mac: { ...mac, login: { state: 'off', problem: null } },
    });
    const question = page.getByRole('region', { name: 'Have it ready after the next login?' });
    await question.getByRole('switch', { name: 'Start at login' }).waitFor();
    expect(await isInView(question)).toBe(true);
  });

  it('asks before it is cancelled', async () => {
    const window = await open(setupSnapshots.working);
    const { page } = window;
    await button(page, 'Cancel Setup…').click();
    await page.getByText('What was downloaded so far stays').waitFor();
    await page.keyboard.press('Escape');
    await button(page, 'Cancel Setup…').click();
    await button(page, 'Cancel Setup').click();
    expect((await window.given()).at(-1)).toEqual({ name: 'setup.cancel', input: {} });
  });

  it('tells why it has stopped, goes on, or lets the plan be changed', async () => {
    const window = await open(setupSnapshots.failed);
    const { page } = window;
    await page.getByRole('alert').getByText('12.5 GB are still to be downloaded').waitFor();
    await page.getByLabel('Access token').fill('hf_secret');
    await page.keyboard.press('Enter');
    expect(await page.getByLabel('Access token').inputValue()).toBe('');
    await button(page, 'Try Again to set up').click();
    await button(page, 'Change the Plan').click();
    expect((await window.given()).slice(-3)).toEqual([
      { name: 'models.setToken', input: { token: 'hf_secret' } },
      { name: 'setup.retry', input: {} },
      { name: 'setup.finish', input: {} },
    ]);
  });
});
