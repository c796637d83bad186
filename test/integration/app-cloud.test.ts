/** The cloud through the whole app: client, gateway, relay and a stand-in for OpenRouter, all real processes. */
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { APIError } from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeEngine } from '../stand-ins/engines/write-engine.ts';
import { type OpenRouterStandIn, startOpenRouter } from '../stand-ins/openrouter/openrouter.ts';
import {
  answerTo,
  createHome,
  type HomeOptions,
  invoke,
  launch,
  type RunningApp,
  serverPids,
  snapshotOf,
  write,
} from './support/app.ts';

const canary = `sk-or-v1-${'ca'.repeat(32)}`;
const sonnet = '~anthropic/claude-sonnet-latest';
const messages = [{ role: 'user' as const, content: 'Say something.' }];

interface CloudApp {
  readonly running: RunningApp;
  readonly openRouter: OpenRouterStandIn;
  readonly client: OpenAI;
  readonly home: string;
  /** Requests for an answer that reached OpenRouter. */
  readonly sent: () => number;
  readonly config: () => string;
  readonly serverPid: (service: string) => Promise<number>;
}

/** As a CLI user comes to it: with a key in config.yaml. The cloud is on only where a test says so. */
async function startCloud(settings: string, options: HomeOptions = {}, hidden = true): Promise<CloudApp> {
  const openRouter = await startOpenRouter({ keys: [canary] });
  onTestFinished(() => openRouter.close());
  const home = await createHome(options);
  const file = path.join(home.home, 'config.yaml');
  appendFileSync(file, `# from the command line\nopenrouter-key: ${canary} # mine\n${settings}`);
  const running = await launch(home, { env: { MLX_STACK_OPENROUTER_URL: openRouter.origin }, hidden });
  await running.untilReady();
  const { baseUrl, apiKey } = await running.gateway();
  return {
    running,
    openRouter,
    client: new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0 }),
    home: home.home,
    sent: () => openRouter.seen.filter(({ target }) => target.endsWith('/chat/completions')).length,
    config: () => readFileSync(file, 'utf8'),
    async serverPid(service) {
      const pid = (await serverPids(home.home))[service];
      if (pid === undefined) throw new Error(`${service} does not run`);
      return pid;
    },
  };
}

const refusalOf = async (asked: Promise<unknown>): Promise<{ status: number | undefined; text: string }> => {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return { status: error.status, text: error.message };
  }
  throw new Error('was answered');
};

async function until(what: string, condition: () => boolean | Promise<boolean>, limitMs = 45_000) {
  const deadlineMs = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`waited for ${what}`);
    await sleep(20);
  }
}

describe('the cloud', () => {
  it('takes the key out of config.yaml, answers whole and in a stream, and counts', async () => {
    const { running, openRouter, client, config, home, sent } = await startCloud('cloud: true\n');
    expect(config()).not.toContain(canary);
    expect(config()).not.toContain('openrouter-key');
    expect(config()).toContain('# from the command line');
    const yaml = readFileSync(path.join(home, 'litellm.yaml'), 'utf8');
    expect(yaml).toContain('openrouter/~anthropic/claude-sonnet-latest');
    expect(yaml).not.toContain(canary);

    const listed = (await client.models.list()).data.map(({ id }) => id);
    expect(listed).toEqual(expect.arrayContaining(['standard', 'premium', sonnet]));
    const whole = await client.chat.completions.create({ model: 'premium', messages }).withResponse();
    expect(whole.response.headers.get('x-litellm-model-id')).toBe('cloud-premium');
    expect(whole.data.choices[0]?.message.content).toContain('w0');
    const stream = await client.chat.completions.create({ model: sonnet, messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';
    expect(text).toContain('w4');

    expect(sent()).toBe(2);
    for (const { headers, body } of openRouter.seen.filter(({ method }) => method === 'POST')) {
      expect(headers['authorization']).toBe(`Bearer ${canary}`);
      expect(body).toMatchObject({ model: sonnet, provider: { zdr: true, data_collection: 'deny' } });
      expect(JSON.stringify(headers)).not.toContain('x-mlx-stack');
    }
    await running.untilTray('what it cost', ({ text: menu }) =>
      /OpenRouter · (<\$0\.01|\$0\.0\d) today/.test(menu),
    );
    await running.untilTray('two requests', ({ text: menu }) => menu.includes('2 requests today'));
    await until(
      'the record on disk',
      () => readFileSync(path.join(home, 'usage.jsonl'), 'utf8').trim().split('\n').length === 2,
    );
  });

  it('answers “premium” with the next model when the first was renamed, not with 404', async () => {
    const { client, openRouter } = await startCloud(
      'cloud: true\ncloud-models: "~anthropic/claude-renamed-latest, ~openai/gpt-latest"\n',
    );
    const isAnswered = async () => {
      try {
        return (await client.chat.completions.create({ model: 'premium', messages })).choices.length === 1;
      } catch (error) {
        /** Until the list has come and the gateway knows of it. */
        if (error instanceof APIError) return false;
        throw error;
      }
    };
    await until('an answer', isAnswered);
    const asked = openRouter.seen.filter(({ method }) => method === 'POST').at(-1);
    expect(asked?.body).toMatchObject({ model: '~openai/gpt-latest' });
  });

  it('is off until it is turned on: a key alone sends nothing', async () => {
    const { client, sent, running, home } = await startCloud('');
    expect((await refusalOf(client.chat.completions.create({ model: 'premium', messages }))).status).toBe(
      403,
    );
    expect(sent()).toBe(0);
    await running.untilTray('the cloud off', ({ text }) => /Cloud Off/.test(text));
    appendFileSync(path.join(home, 'config.yaml'), 'cloud: true\n');
    await running.untilTray('the cloud on', ({ text }) => /Cloud OpenRouter/.test(text));
    await client.chat.completions.create({ model: 'premium', messages });
    expect(sent()).toBe(1);
  });

  it('obeys Local only with the next request, with no restart of anything', async () => {
    const { running, client, sent, serverPid } = await startCloud('cloud: true\n');
    const gateway = await serverPid('gateway');
    await client.chat.completions.create({ model: 'premium', messages });
    await running.click('Cloud', 'Local only');
    await running.untilTray('Local only', ({ text }) => /Cloud Local only/.test(text));
    const refused = await refusalOf(client.chat.completions.create({ model: 'premium', messages }));
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('Local only');
    expect((await client.chat.completions.create({ model: 'fast', messages })).choices).toHaveLength(1);
    await running.click('Cloud', 'Local only');
    await running.untilTray('the cloud', ({ text }) => /Cloud OpenRouter/.test(text));
    await client.chat.completions.create({ model: 'premium', messages });
    expect(sent()).toBe(2);
    expect(await serverPid('gateway')).toBe(gateway);
  });

  it('answers 402 at the cap, says so in the menu, and notifies once', async () => {
    const { running, openRouter, client, sent } = await startCloud('cloud: true\ncloud-daily-cap-usd: 0.5\n');
    openRouter.behaviour.costUsd = 0.3;
    const ask = () => client.chat.completions.create({ model: 'premium', messages });
    await ask();
    await ask();
    for (let times = 0; times < 3; times += 1) {
      const refused = await refusalOf(ask());
      expect(refused.status).toBe(402);
      expect(refused.text).toContain('The daily cap of $0.50 for the cloud is reached ($0.60)');
    }
    expect(sent()).toBe(2);
    await running.untilTray('the cap', ({ text }) => text.includes('Daily cap reached · $0.60 today'));
    const shown = await running.app.control('notifications.read', {});
    expect(shown.filter(({ title }) => title.includes('cap'))).toMatchObject([
      { title: 'Today’s cloud cap is reached', body: expect.stringMatching(/^\$0\.50 is spent\./) },
    ]);
  });

  it('obeys a monthly cap, lowered or raised, with the next request, with no restart of anything', async () => {
    const { running, openRouter, client, sent, serverPid } = await startCloud('cloud: true\n', {}, false);
    const gateway = await serverPid('gateway');
    openRouter.behaviour.costUsd = 0.3;
    const ask = () => client.chat.completions.create({ model: 'premium', messages });
    const setCap = (monthlyCapUsd: number | null) => answerTo(running, 'cloud.setOptions', { monthlyCapUsd });
    await ask();
    await setCap(0.2);
    const refused = await refusalOf(ask());
    expect(refused.status).toBe(402);
    expect(refused.text).toContain('The monthly cap of $0.20 for the cloud is reached ($0.30)');
    await running.untilTray('the cap', ({ text }) => text.includes('Monthly cap reached'));
    await setCap(0.5);
    await ask();
    expect((await refusalOf(ask())).status).toBe(402);
    await setCap(null);
    await ask();
    expect(sent()).toBe(3);
    expect(await serverPid('gateway')).toBe(gateway);
    const shown = await running.app.control('notifications.read', {});
    /** Of the one that a request reached; a cap below what was spent was the user’s own doing. */
    expect(shown.filter(({ title }) => title.includes('cap'))).toMatchObject([
      { title: 'This month’s cloud cap is reached', body: expect.stringMatching(/^\$0\.50 is spent\./) },
    ]);
  });

  it('is never sent what a model that is merely loading will answer; only what none will', async () => {
    const { running, client, sent, serverPid, home } = await startCloud('cloud: true\n', {
      tiers: ['standard'],
    });
    const ask = (model: string) => client.chat.completions.create({ model, messages, max_tokens: 4 });
    await ask('standard');
    expect(sent()).toBe(0);

    const loadMs = 4_000;
    writeEngine({ dir: `${home}/run/bin`, name: 'vllm-mlx', switches: { '*': { loadMs } } });
    process.kill(await serverPid('standard'), 'SIGKILL');
    /** From the first moment on, through the load, and over the moment in which it becomes ready. */
    let refused = 0;
    let isBack = false;
    await until('the model to be back', async () => {
      isBack = await ask('standard').then(
        () => true,
        () => false,
      );
      if (!isBack) refused += 1;
      return isBack;
    });
    expect(refused).toBeGreaterThan(0);
    expect(sent()).toBe(0);

    process.kill(await serverPid('standard'), 'SIGKILL');
    await running.untilTray('loading', (tray) => tray.stateOf('standard') !== 'Ready');
    await ask('premium');
    expect(sent()).toBe(1);
    await running.untilReady();

    rmSync(path.join(home, 'models', 'model-standard'), { recursive: true });
    process.kill(await serverPid('standard'), 'SIGKILL');
    await running.untilTray('a model that cannot start', (tray) => tray.stateOf('standard') === 'Failed');
    const fallback = await client.chat.completions.create({ model: 'standard', messages }).withResponse();
    expect(fallback.response.headers.get('x-litellm-model-id')).toBe('cloud-fallback');
    expect(sent()).toBe(2);
    await running.click('Cloud', 'Local only');
    await running.untilTray('Local only', ({ text }) => /Cloud Local only/.test(text));
    await refusalOf(client.chat.completions.create({ model: 'standard', messages }));
    expect(sent()).toBe(2);
  });

  it('is out of reach of a web page: no key, no cookie, whatever origin or host it claims', async () => {
    const { running, sent } = await startCloud('cloud: true\n', { tiers: ['standard'] });
    const { baseUrl } = await running.gateway();
    const { port } = new URL(baseUrl);
    const body = JSON.stringify({ model: 'premium', messages });
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: `http://127.0.0.1:${port}`, cookie: 'token=x' },
      { origin: 'null', host: `rebound.evil.example:${port}` },
      { 'content-type': 'text/plain' },
    ]) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const request = http.request({
          host: '127.0.0.1',
          port,
          method: 'POST',
          path: '/v1/chat/completions',
          headers: { 'content-type': 'application/json', 'content-length': body.length, ...headers },
        });
        request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
        request.end(body);
      });
      expect(status).toBe(401);
    }
    expect(sent()).toBe(0);
  });

  it('leaves a key in the file that is none, and says so without quoting it', async () => {
    const home = await createHome({ tiers: ['standard'], desired: 'off' });
    const file = path.join(home.home, 'config.yaml');
    write(
      home.home,
      'config.yaml',
      `${readFileSync(file, 'utf8')}openrouter-key: sk-or-v1-cut-${'ab'.repeat(8)}\n`,
    );
    const before = readFileSync(file, 'utf8');
    const running = await launch(home);
    await running.untilTray('the app', ({ headline }) => headline === 'MLX Stack is off');
    expect(readFileSync(file, 'utf8')).toBe(before);
    const { text } = await running.tray();
    expect(text).not.toContain('abababab');
    expect(text).not.toContain('Cloud');
  });
});

describe.skipIf(process.platform !== 'linux')('without any Keychain (only on Linux)', () => {
  it('the app serves what is on this Mac, and says what that means', async () => {
    const home = await createHome({ tiers: ['standard'] });
    const running = await launch(home, {
      keychain: 'system',
      env: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path.join(home.home, 'no-bus')}` },
      hidden: false,
    });
    await running.untilTray('a served model', (tray) => tray.stateOf('standard') === 'Ready');
    await until(
      'the state of the key',
      async () => (await snapshotOf(running)).cloud.key.state === 'unavailable',
    );
    const { notices, cloud } = await snapshotOf(running);
    expect(cloud.key.problem?.code).toBe('keychain-unavailable');
    expect(cloud.condition).toBe('no-key');
    expect(notices.some(({ message }) => message.includes('another one each time'))).toBe(true);
    expect(await invoke(running, 'keychain.askAgain', { account: 'openrouter' })).toMatchObject({
      ok: false,
      error: { code: 'keychain-unavailable' },
    });
  });
});
