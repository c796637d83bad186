/** Pure: takes tokens, cost and state out of OpenRouter's answers, trusting none of their fields. */

export interface AnswerUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** What OpenRouter charged; `null` when it did not say. */
  readonly costUsd: number | null;
}

export interface ChunkFacts {
  readonly usage: AnswerUsage | null;
  /** Whether the model has said all it will. */
  readonly finished: boolean;
  readonly failed: boolean;
  /** The concrete model that answered; an alias was asked for perhaps. */
  readonly model: string | null;
  /** A part of the answer is in it. */
  readonly hasContent: boolean;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** No answer has more tokens than this; larger numbers are nonsense. */
const tokensMax = 100_000_000;
const costMaxUsd = 10_000;

function countOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= tokensMax ? Math.floor(value) : 0;
}

function usageOf(value: unknown): AnswerUsage | null {
  if (typeof value !== 'object' || value === null) return null;
  const cost = fieldOf(value, 'cost');
  return {
    promptTokens: countOf(fieldOf(value, 'prompt_tokens')),
    completionTokens: countOf(fieldOf(value, 'completion_tokens')),
    costUsd: typeof cost === 'number' && cost >= 0 && cost <= costMaxUsd ? cost : null,
  };
}

const modelMaxChars = 200;

/** Of one chunk of a stream, or of a whole answer. */
export function readAnswer(value: unknown): ChunkFacts {
  const choices = fieldOf(value, 'choices');
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const reason = fieldOf(first, 'finish_reason');
  const failed = isError(fieldOf(value, 'error')) || isError(fieldOf(first, 'error'));
  const model = fieldOf(value, 'model');
  return {
    usage: usageOf(fieldOf(value, 'usage')),
    finished: typeof reason === 'string',
    failed,
    model: typeof model === 'string' && model !== '' && model.length <= modelMaxChars ? model : null,
    hasContent: first !== undefined && hasText(fieldOf(first, 'delta') ?? fieldOf(first, 'message')),
  };
}

const isError = (value: unknown) => typeof value === 'object' && value !== null;

function hasText(delta: unknown): boolean {
  const filled = (value: unknown) => (typeof value === 'string' || Array.isArray(value)) && value.length > 0;
  return (
    filled(fieldOf(delta, 'content')) ||
    filled(fieldOf(delta, 'reasoning')) ||
    filled(fieldOf(delta, 'tool_calls'))
  );
}
