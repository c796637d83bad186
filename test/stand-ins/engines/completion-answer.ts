/** The bodies of chat and text completions, whole and in chunks, as the OpenAI protocol has them. */
import { randomBytes } from 'node:crypto';
import type { CompletionPlan } from './completion-plan.ts';
import { countTokens } from './generated-text.ts';

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export function usageOf(plan: CompletionPlan, completionTokens: number): Usage {
  return {
    prompt_tokens: plan.promptTokens,
    completion_tokens: completionTokens,
    total_tokens: plan.promptTokens + completionTokens,
  };
}

export type Token = { readonly part: 'reasoning' | 'content' | 'tool'; readonly text: string };

const TOOL_PIECE_CHARACTERS = 4;

/** Everything the plan will emit, in order; each is one token. */
export function tokensOf(plan: CompletionPlan): readonly Token[] {
  const pieces = plan.toolCall?.arguments.match(new RegExp(`[^]{1,${TOOL_PIECE_CHARACTERS}}`, 'g')) ?? [];
  return [
    ...plan.reasoning.map((text): Token => ({ part: 'reasoning', text })),
    ...plan.content.map((text): Token => ({ part: 'content', text })),
    ...pieces.map((text): Token => ({ part: 'tool', text })),
  ];
}

export interface AnswerIds {
  readonly id: string;
  readonly toolCallId: string;
  readonly created: number;
}

export function createAnswerIds(kind: CompletionPlan['kind']): AnswerIds {
  const unique = () => randomBytes(4).toString('hex');
  return {
    id: `${kind === 'chat' ? 'chatcmpl' : 'cmpl'}-${unique()}`,
    toolCallId: `call_${unique()}`,
    created: Math.floor(Date.now() / 1000),
  };
}

export function wholeAnswer(plan: CompletionPlan, ids: AnswerIds): unknown {
  const completionTokens =
    plan.reasoning.length + plan.content.length + (plan.toolCall ? countTokens(plan.toolCall.arguments) : 0);
  const shared = { id: ids.id, created: ids.created, model: plan.model };
  const usage = usageOf(plan, completionTokens);
  if (plan.kind === 'text') {
    return {
      ...shared,
      object: 'text_completion',
      choices: [{ index: 0, text: plan.content.join(''), finish_reason: plan.finishReason, logprobs: null }],
      usage,
    };
  }
  const content = plan.content.join('');
  return {
    ...shared,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: content === '' ? null : content,
          ...(plan.reasoning.length > 0 ? { reasoning_content: plan.reasoning.join('') } : {}),
          ...(plan.toolCall
            ? {
                tool_calls: [
                  {
                    id: ids.toolCallId,
                    type: 'function',
                    function: { name: plan.toolCall.name, arguments: plan.toolCall.arguments },
                  },
                ],
              }
            : {}),
        },
        finish_reason: plan.finishReason,
      },
    ],
    usage,
  };
}

export interface ChunkWriter {
  readonly opening: () => readonly unknown[];
  readonly token: (part: Token['part'], text: string) => unknown;
  readonly closing: (usage: Usage) => readonly unknown[];
}

export function createChunkWriter(plan: CompletionPlan, ids: AnswerIds): ChunkWriter {
  const object = plan.kind === 'chat' ? 'chat.completion.chunk' : 'text_completion';
  const shared = { id: ids.id, object, created: ids.created, model: plan.model };
  const chunk = (choice: object) => ({ ...shared, choices: [{ index: 0, ...choice }] });
  const delta = (fields: object, finishReason: string | null = null) =>
    chunk({ delta: fields, finish_reason: finishReason });
  const usageChunk = (usage: Usage) => (plan.includeUsage ? [{ ...shared, choices: [], usage }] : []);
  if (plan.kind === 'text') {
    return {
      opening: () => [],
      token: (_part, text) => chunk({ text, finish_reason: null, logprobs: null }),
      closing: (usage) => [
        chunk({ text: '', finish_reason: plan.finishReason, logprobs: null }),
        ...usageChunk(usage),
      ],
    };
  }
  let toolCallOpen = false;
  return {
    opening: () => [delta({ role: 'assistant', content: '' })],
    token: (part, text) => {
      switch (part) {
        case 'reasoning':
          return delta({ reasoning_content: text });
        case 'content':
          return delta({ content: text });
        case 'tool': {
          const identity = toolCallOpen ? {} : { id: ids.toolCallId, type: 'function' };
          const named = toolCallOpen ? {} : { name: plan.toolCall?.name ?? '' };
          toolCallOpen = true;
          return delta({ tool_calls: [{ index: 0, ...identity, function: { ...named, arguments: text } }] });
        }
      }
    },
    closing: (usage) => [delta({}, plan.finishReason), ...usageChunk(usage)],
  };
}
