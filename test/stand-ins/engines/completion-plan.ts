/** Pure: reads a completion request and decides what will be generated for it, token by token. */
import { countTokens, generateAnswer, generateReasoning } from './generated-text.ts';
import { isRecord, type Json, listOf, numberOf, recordOf, textOf } from './values.ts';

export interface PlanRules {
  readonly maxTokens: number;
  readonly maxRequestTokens: number;
  readonly parsesTools: boolean;
  readonly reasons: boolean;
  readonly thinkingTokenBudget: number | null;
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
}

export interface CompletionPlan {
  readonly kind: 'chat' | 'text';
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly promptTokens: number;
  readonly reasoning: readonly string[];
  readonly content: readonly string[];
  readonly toolCall: ToolCall | null;
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
}

export type Planned =
  | { readonly ok: true; readonly value: CompletionPlan }
  | { readonly ok: false; readonly error: string };

const PLACE_NAMED = /\b(?:in|for|at)\s+([A-Z][\p{L}]+(?:\s+[A-Z][\p{L}]+)*)/u;
const PLACE_ASSUMED = 'Paris';
const TOOL_NAME = 'get_weather';

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => textOf(recordOf(part)['text']) ?? '')
    .join('');
}

function offeredTools(body: Json): readonly string[] {
  if (body['tool_choice'] === 'none') return [];
  return listOf(body['tools']).flatMap((tool) => textOf(recordOf(recordOf(tool)['function'])['name']) ?? []);
}

function thinkingWanted(body: Json): boolean {
  return recordOf(body['chat_template_kwargs'])['enable_thinking'] !== false;
}

function readMaxTokens(body: Json, rules: PlanRules): number | string {
  const asked = body['max_completion_tokens'] ?? body['max_tokens'];
  if (asked === undefined || asked === null) return rules.maxTokens;
  const limit = numberOf(asked);
  if (limit === undefined || !Number.isInteger(limit) || limit < 1) return 'max_tokens must be at least 1';
  if (limit > rules.maxRequestTokens) {
    return `max_tokens (${limit}) exceeds the server limit of ${rules.maxRequestTokens}`;
  }
  return limit;
}

interface Draft {
  readonly reasoning: readonly string[];
  readonly content: readonly string[];
  readonly toolCall: ToolCall | null;
}

function draftChat(body: Json, rules: PlanRules, messages: readonly Json[], prompt: string): Draft {
  const last = messages.at(-1) ?? {};
  const lastText = contentText(last['content']);
  const turn = messages.filter((message) => message['role'] === 'user').length;
  const reasons = rules.reasons && thinkingWanted(body);
  const reasoning = reasons ? generateReasoning(prompt) : [];
  const wantsTool =
    last['role'] === 'user' && /weather/i.test(lastText) && offeredTools(body).includes(TOOL_NAME);
  if (!wantsTool) {
    return { reasoning, content: generateAnswer(prompt, lastText, turn), toolCall: null };
  }
  const call = {
    name: TOOL_NAME,
    arguments: JSON.stringify({ location: PLACE_NAMED.exec(lastText)?.[1] ?? PLACE_ASSUMED }),
  };
  if (rules.parsesTools) return { reasoning, content: [], toolCall: call };
  /** Without a parser the model's own notation arrives as text. */
  const raw = `<tool_call>{"name": "${call.name}", "arguments": ${call.arguments}}</tool_call>`;
  return { reasoning, content: raw.match(/\s*\S+/g) ?? [], toolCall: null };
}

export function planCompletion(kind: 'chat' | 'text', body: unknown, rules: PlanRules): Planned {
  const refuse = (error: string): Planned => ({ ok: false, error });
  if (!isRecord(body)) return refuse('The request body must be a JSON object');
  const model = textOf(body['model']);
  if (model === undefined || model === '') return refuse('model: Field required');
  const limit = readMaxTokens(body, rules);
  if (typeof limit === 'string') return refuse(limit);

  let prompt: string;
  let draft: Draft;
  if (kind === 'chat') {
    const messages = listOf(body['messages']).filter(isRecord);
    if (!Array.isArray(body['messages'])) return refuse('messages: Field required');
    if (messages.length === 0) return refuse('messages must not be empty');
    if (
      messages.length !== body['messages'].length ||
      !messages.every((message) => textOf(message['role']))
    ) {
      return refuse('messages: every message needs a role');
    }
    prompt = messages.map((message) => `${message['role']}: ${contentText(message['content'])}`).join('\n');
    draft = draftChat(body, rules, messages, prompt);
  } else {
    const given = body['prompt'];
    prompt = typeof given === 'string' ? given : listOf(given).map(String).join('\n');
    if (prompt === '') return refuse('prompt: Field required');
    draft = { reasoning: [], content: generateAnswer(prompt, prompt, 1), toolCall: null };
  }

  const thoughtLimit = Math.min(limit, rules.thinkingTokenBudget ?? limit);
  const reasoning = draft.reasoning.slice(0, thoughtLimit);
  const left = limit - reasoning.length;
  const content = draft.content.slice(0, left);
  const toolCallTokens = draft.toolCall ? countTokens(draft.toolCall.arguments) : 0;
  const toolCall = draft.toolCall && toolCallTokens <= left ? draft.toolCall : null;
  const cut = content.length < draft.content.length || (draft.toolCall !== null && toolCall === null);
  return {
    ok: true,
    value: {
      kind,
      model,
      stream: body['stream'] === true,
      includeUsage: recordOf(body['stream_options'])['include_usage'] === true,
      promptTokens: countTokens(prompt),
      reasoning,
      content,
      toolCall,
      finishReason: cut ? 'length' : toolCall ? 'tool_calls' : 'stop',
    },
  };
}
