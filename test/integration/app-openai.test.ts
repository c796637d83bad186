/** The gateway as real clients use it: the `openai` package against the whole app. */
import OpenAI, { APIError } from 'openai';
import { describe, expect, it } from 'vitest';
import { runTool } from '../../src-main/supervisor/child.ts';
import { writeEngine } from '../stand-ins/engines/write-engine.ts';
import { createHome, enginesOf, launch, serverPids } from './support/app.ts';

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof APIError)) throw error;
  return error.status;
}

describe('an OpenAI client at the gateway', () => {
  it('lists, chats, streams, is refused cleanly, and is served by another model when its own is held down', async () => {
    const home = await createHome({ tiers: ['standard', 'fast'] });
    const running = await launch(home);
    await running.untilReady();
    const { baseUrl, apiKey } = await running.gateway();
    expect(baseUrl).toBe(`http://127.0.0.1:${home.gatewayPort}/v1`);
    const client = new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0 });

    const listed = await client.models.list();
    expect(listed.data.map((model) => model.id)).toEqual(expect.arrayContaining(['standard', 'fast']));

    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Say something.' },
    ];
    const chat = await client.chat.completions.create({ model: 'fast', messages, max_tokens: 12 });
    expect(chat.choices[0]?.message.content?.length).toBeGreaterThan(0);
    expect(chat.usage?.completion_tokens).toBeLessThanOrEqual(12);

    const stream = await client.chat.completions.create({
      model: 'fast',
      messages,
      max_tokens: 12,
      stream: true,
    });
    const pieces: string[] = [];
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta.content;
      if (piece) pieces.push(piece);
    }
    expect(pieces.length).toBeGreaterThan(1);

    const unknown = await client.chat.completions.create({ model: 'nonesuch', messages }).catch(statusOf);
    expect(unknown).toBe(400);
    const keyless = new OpenAI({ baseURL: baseUrl, apiKey: 'wrong', maxRetries: 0 });
    expect(await keyless.models.list().catch(statusOf)).toBe(401);

    const five = await Promise.all(
      [1, 2, 3, 4, 5].map((n) =>
        client.chat.completions.create({
          model: 'fast',
          messages: [{ role: 'user', content: `Number ${n}` }],
          max_tokens: 20,
        }),
      ),
    );
    expect(five.every((answer) => (answer.choices[0]?.message.content?.length ?? 0) > 0)).toBe(true);

    // Held down: from now on the engine of both ends at once, but only `fast` is killed.
    writeEngine({
      dir: `${home.home}/run/bin`,
      name: 'vllm-mlx',
      switches: { fast: { exitAtStartMs: 1, exitCode: 1 } },
    });
    const fast = (await enginesOf(home.home)).find(
      ({ service, role }) => service === 'fast' && role === 'server',
    );
    if (fast === undefined) throw new Error('fast does not run');
    process.kill(fast.pid, 'SIGKILL');
    await running.untilTray('a failing tier', (tray) => tray.stateOf('fast') !== 'Ready');
    const fallback = await client.chat.completions
      .create({ model: 'fast', messages, max_tokens: 12 })
      .withResponse();
    expect(fallback.response.headers.get('x-litellm-model-id')).toBe('local-standard');
    expect(fallback.data.choices[0]?.message.content?.length).toBeGreaterThan(0);
  });
});

/** `n127.0.0.1:4000`: a line for each socket on which one of these processes waits for callers. */
async function listenersOf(which: '-p' | '-g', ids: readonly number[]): Promise<string[]> {
  const { stdout } = await runTool(
    'lsof',
    ['-nP', '-a', which, ids.join(','), '-iTCP', '-sTCP:LISTEN', '-Fn'],
    { timeoutMs: 10_000 },
  );
  return stdout.split('\n').flatMap((line) => /^n(.+)$/.exec(line)?.[1] ?? []);
}

it('the app and its servers listen on 127.0.0.1 only, the servers on the ports of the stack', async () => {
  const home = await createHome({ tiers: ['standard', 'fast'] });
  const running = await launch(home);
  await running.untilReady();
  const servers = await listenersOf('-g', Object.values(await serverPids(running.home)));
  const ports = [home.gatewayPort, ...Object.values(home.tierPorts)];
  expect(servers.toSorted()).toEqual(ports.map((port) => `127.0.0.1:${port}`).toSorted());
  const own = await listenersOf('-p', [running.app.pid]);
  expect(own.filter((address) => !address.startsWith('127.0.0.1:'))).toEqual([]);
});
