/** Agents need working tool calls: a stack planned for them has what turns the model's own notation into a call, for each of its models. */
import { readFileSync } from 'node:fs';
import OpenAI from 'openai';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { TOOL_CALL_PARSERS } from '../stand-ins/engines/vllm-mlx-options.ts';
import { write } from './support/app.ts';
import { processTable } from './support/processes.ts';
import { createSetupRig, type SetupRig, unwrapped } from './support/setup-rig.ts';

const tools = [
  {
    type: 'function' as const,
    function: {
      name: 'get_weather',
      description: 'The weather at a place.',
      parameters: {
        type: 'object',
        properties: { location: { type: 'string' } },
        required: ['location'],
      },
    },
  },
];
const question = { role: 'user' as const, content: 'What is the weather in Paris?' };

/** A client of the gateway, as an agent has it. */
function clientOf(rig: SetupRig): OpenAI {
  const { gateway } = rig.status.snapshot();
  return new OpenAI({ baseURL: gateway.baseUrl, apiKey: 'sk-the-key-of-the-gateway', maxRetries: 0 });
}

async function planFor(rig: SetupRig, intent: 'balanced' | 'agent-fleet') {
  const { tiers } = unwrapped(
    await rig.setup.handlers['setup.plan']({ intent, budgetPct: null, tiers: null }),
  );
  for (const { repo } of tiers) rig.place(repo);
  const chosen = tiers.map(({ name, repo, contextTokens }) => ({ name, repo, contextTokens }));
  unwrapped(await rig.setup.handlers['setup.begin']({ intent, budgetPct: null, tiers: chosen }));
  const { setup } = await rig.until(
    'the end',
    ({ setup: { phase } }) => phase === 'done' || phase === 'failed',
  );
  expect(setup.problem).toBeNull();
  await rig.until('all of them', ({ services }) => services.every(({ state }) => state === 'healthy'));
  return tiers.map(({ name }) => name);
}

async function commandOf(tier: string, home: string): Promise<string> {
  const rows = await processTable();
  return (
    rows.find(({ command }) => command.includes(home) && command.includes(`--served-model-name ${tier} `))
      ?.command ?? ''
  );
}

it('every tier planned for agents calls the tool, streamed and not, and goes on with what it gave', async () => {
  const rig = await createSetupRig({ memoryGb: 256 });
  const names = await planFor(rig, 'agent-fleet');
  expect(names.length).toBeGreaterThan(1);
  const client = clientOf(rig);
  for (const model of names) {
    const answer = await client.chat.completions.create({ model, messages: [question], tools });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    const [call] = choice?.message.tool_calls ?? [];
    if (call?.type !== 'function') throw new Error(`${model} called nothing: ${choice?.message.content}`);
    expect(call.function.name).toBe('get_weather');
    expect(JSON.parse(call.function.arguments)).toEqual({ location: 'Paris' });
    expect(choice?.message.content ?? '').toBe('');

    const next = await client.chat.completions.create({
      model,
      tools,
      messages: [
        question,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: call.id, content: '{"temperature_c":18}' },
      ],
    });
    expect(next.choices[0]?.finish_reason).toBe('stop');
    expect(next.choices[0]?.message.content?.length).toBeGreaterThan(0);

    const stream = await client.chat.completions.create({ model, messages: [question], tools, stream: true });
    const pieces: string[] = [];
    let text = '';
    for await (const { choices } of stream) {
      pieces.push(...(choices[0]?.delta.tool_calls ?? []).map((part) => part.function?.arguments ?? ''));
      text += choices[0]?.delta.content ?? '';
    }
    expect(JSON.parse(pieces.join(''))).toEqual({ location: 'Paris' });
    expect(text).toBe('');
  }
});

it('only because the plan asked the server for it: without that the notation arrives as text', async () => {
  const rig = await createSetupRig();
  const [model = ''] = await planFor(rig, 'agent-fleet');
  const stack = parse(readFileSync(rig.paths.stack, 'utf8'));
  const planned = stack.tiers.map((tier: { vllm_flags: object }) => tier.vllm_flags);
  for (const flags of planned) {
    expect(flags).toMatchObject({ enable_auto_tool_choice: true });
    expect(TOOL_CALL_PARSERS).toContain(flags.tool_call_parser);
  }
  expect(await commandOf(model, rig.paths.home)).toContain(
    `--enable-auto-tool-choice --tool-call-parser ${planned[0].tool_call_parser}`,
  );
  const ask = async () => {
    const answer = await clientOf(rig).chat.completions.create({ model, messages: [question], tools });
    return answer.choices[0];
  };
  expect((await ask())?.finish_reason).toBe('tool_calls');

  const before = rig.service(model).pid;
  const bare = stack.tiers.map((tier: object) => ({
    ...tier,
    vllm_flags: { enable_auto_tool_choice: false },
  }));
  write(rig.paths.home, 'stacks/default.yaml', stringify({ ...stack, tiers: bare }));
  await rig.until(
    'the restart without them',
    ({ services }) =>
      services.every(({ state }) => state === 'healthy') &&
      services.some(({ id, pid }) => id === model && pid !== before),
  );
  expect(await commandOf(model, rig.paths.home)).not.toContain('--tool-call-parser');
  const refused = await ask();
  expect(refused?.finish_reason).toBe('stop');
  expect(refused?.message.tool_calls).toBeUndefined();
  expect(refused?.message.content).toContain('<tool_call>{"name": "get_weather"');
});
