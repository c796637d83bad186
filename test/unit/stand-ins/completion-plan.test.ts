/** What the vllm-mlx stand-in generates, who may generate, and how its fault switches are read. */
import { describe, expect, it } from 'vitest';
import {
  createAnswerIds,
  createChunkWriter,
  tokensOf,
  wholeAnswer,
} from '../../stand-ins/engines/completion-answer.ts';
import {
  type CompletionPlan,
  type PlanRules,
  planCompletion,
} from '../../stand-ins/engines/completion-plan.ts';
import { createGenerationSlots } from '../../stand-ins/engines/generation-slots.ts';
import { readLitellmSwitches, readVllmMlxSwitches } from '../../stand-ins/engines/switches.ts';

const RULES: PlanRules = {
  maxTokens: 1000,
  maxRequestTokens: 2000,
  parsesTools: true,
  reasons: false,
  thinkingTokenBudget: null,
};
const user = (content: unknown) => ({ role: 'user', content });
const WEATHER = [{ type: 'function', function: { name: 'get_weather', parameters: {} } }];

function plan(body: object, rules: Partial<PlanRules> = {}): CompletionPlan {
  const planned = planCompletion('chat', { model: 'fast', ...body }, { ...RULES, ...rules });
  if (!planned.ok) throw new Error(planned.error);
  return planned.value;
}

describe('completion plan', () => {
  it('is the same for the same prompt and another for another', () => {
    const text = (content: string) => plan({ messages: [user(content)] }).content.join('');
    expect(text('hello')).toBe(text('hello'));
    expect(text('hello')).toMatch(/^Answer 1 to "hello": /);
    expect(text('hello').slice(20)).not.toBe(text('goodbye').slice(20));
  });

  it('counts the turns and reads content parts', () => {
    const messages = [user('a'), { role: 'assistant', content: 'b' }, user([{ type: 'text', text: 'c' }])];
    expect(plan({ messages }).content.join('')).toMatch(/^Answer 2 to "c"/);
  });

  it('honours max_tokens and says so', () => {
    const cut = plan({ messages: [user('hello')], max_tokens: 3 });
    expect(cut.content).toHaveLength(3);
    expect(cut.finishReason).toBe('length');
    expect(plan({ messages: [user('hello')] }).finishReason).toBe('stop');
  });

  it('spends a small budget on reasoning first, as reasoning models do', () => {
    const one = plan({ messages: [user('hello')], max_tokens: 1 }, { reasons: true });
    expect(one.reasoning).toHaveLength(1);
    expect(one.content).toHaveLength(0);
    const off = {
      messages: [user('hello')],
      max_tokens: 1,
      chat_template_kwargs: { enable_thinking: false },
    };
    expect(plan(off, { reasons: true }).content).toHaveLength(1);
    const budget = plan({ messages: [user('hello')] }, { reasons: true, thinkingTokenBudget: 2 });
    expect(budget.reasoning).toHaveLength(2);
    expect(budget.content.length).toBeGreaterThan(2);
  });

  it('calls get_weather with a location when it is offered and asked about', () => {
    const asked = plan({ messages: [user('What is the weather in New York today?')], tools: WEATHER });
    expect(asked.toolCall).toEqual({ name: 'get_weather', arguments: '{"location":"New York"}' });
    expect(asked.finishReason).toBe('tool_calls');
    expect(plan({ messages: [user('weather?')], tools: WEATHER, tool_choice: 'none' }).toolCall).toBeNull();
    expect(plan({ messages: [user('weather?')] }).toolCall).toBeNull();
    const after = [user('weather?'), { role: 'tool', content: '20 degrees' }];
    expect(plan({ messages: after, tools: WEATHER }).toolCall).toBeNull();
  });

  it("lets the model's own notation through as text without a parser", () => {
    const raw = plan({ messages: [user('weather?')], tools: WEATHER }, { parsesTools: false });
    expect(raw.toolCall).toBeNull();
    expect(raw.content.join('')).toContain('<tool_call>{"name": "get_weather"');
  });

  it.each([
    [null, 'must be a JSON object'],
    [{ messages: [] }, 'model: Field required'],
    [{ model: 'fast' }, 'messages: Field required'],
    [{ model: 'fast', messages: [] }, 'must not be empty'],
    [{ model: 'fast', messages: [{ content: 'x' }] }, 'needs a role'],
    [{ model: 'fast', messages: [user('x')], max_tokens: 0 }, 'at least 1'],
    [{ model: 'fast', messages: [user('x')], max_tokens: 2001 }, 'exceeds the server limit of 2000'],
  ])('refuses %j', (body, message) => {
    const planned = planCompletion('chat', body, RULES);
    expect(planned.ok).toBe(false);
    if (!planned.ok) expect(planned.error).toContain(message);
  });

  it('gives a client the same tool call whole and in pieces', () => {
    const asked = plan({ messages: [user('weather in Rome')], tools: WEATHER, stream: true });
    const ids = createAnswerIds('chat');
    const writer = createChunkWriter(asked, ids);
    const chunks = tokensOf(asked).map((token) => JSON.stringify(writer.token(token.part, token.text)));
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.filter((chunk) => chunk.includes('"name":"get_weather"'))).toHaveLength(1);
    expect(JSON.stringify(wholeAnswer(asked, ids))).toContain('{\\"location\\":\\"Rome\\"}');
  });
});

describe('generation slots', () => {
  const present = new AbortController().signal;

  it('refuses a second request in fail-fast mode', async () => {
    const slots = createGenerationSlots(1, 'refuse');
    expect(await slots.enter(present)).toBe('entered');
    expect(await slots.enter(present)).toBe('busy');
    slots.leave();
    expect(await slots.enter(present)).toBe('entered');
  });

  it('lets them wait in order, and forgets one whose client left', async () => {
    const slots = createGenerationSlots(1, 'wait');
    await slots.enter(present);
    const leaver = new AbortController();
    const second = slots.enter(leaver.signal);
    const third = slots.enter(present);
    expect(slots.waiting()).toBe(2);
    leaver.abort();
    expect(await second).toBe('gone');
    slots.leave();
    expect(await third).toBe('entered');
    expect([slots.running(), slots.waiting()]).toEqual([1, 0]);
  });
});

describe('fault switches', () => {
  it("lays a model's own switches over those for all", () => {
    const text = JSON.stringify({ '*': { loadMs: 5, health: '500' }, fast: { health: 'hang' } });
    expect(readVllmMlxSwitches('V', text, 'fast')).toEqual({
      ok: true,
      value: { loadMs: 5, health: 'hang' },
    });
    expect(readVllmMlxSwitches('V', text, 'other')).toEqual({
      ok: true,
      value: { loadMs: 5, health: '500' },
    });
  });

  it.each([
    ['{', 'V is not JSON.'],
    ['{"*":{"lodeMs":1}}', 'V is not understood at *'],
    ['{"*":{"health":"bad"}}', 'V is not understood at *.health'],
    ['{"*":{"loadMs":-1}}', 'V is not understood at *.loadMs'],
    ['{"*":{"controlFile":"relative"}}', 'V is not understood at *.controlFile'],
  ])('refuses %s', (text, message) => {
    const read = readVllmMlxSwitches('V', text, 'fast');
    expect(read.ok).toBe(false);
    if (!read.ok) expect(read.error).toContain(message);
  });

  it('reads nested switches as strictly', () => {
    expect(readLitellmSwitches('L', '{"flood":{"mbPerSecond":null,"seconds":1}}')).toEqual({
      ok: true,
      value: { flood: { mbPerSecond: null, seconds: 1 } },
    });
    expect(readLitellmSwitches('L', '{"flood":{"speed":1}}')).toEqual({
      ok: false,
      error: 'L is not understood at flood.',
    });
    expect(readLitellmSwitches('L', '[]')).toEqual({
      ok: false,
      error: 'L is not understood: it must be an object.',
    });
  });
});
