/** The model list, in the shape of `GET /api/v1/models` (OpenAPI description of August 2026). */

export interface ListedModel {
  readonly id: string;
  readonly name: string;
  readonly contextLength: number;
  readonly maxCompletionTokens: number | null;
  /** Dollars per token, as strings, as they come. */
  readonly prompt: string;
  readonly completion: string;
}

const models: readonly ListedModel[] = [
  [
    '~anthropic/claude-sonnet-latest',
    'Anthropic: Claude Sonnet (latest)',
    1_000_000,
    64_000,
    '0.000003',
    '0.000015',
  ],
  [
    '~anthropic/claude-opus-latest',
    'Anthropic: Claude Opus (latest)',
    1_000_000,
    64_000,
    '0.000005',
    '0.000025',
  ],
  [
    '~anthropic/claude-haiku-latest',
    'Anthropic: Claude Haiku (latest)',
    200_000,
    64_000,
    '0.000001',
    '0.000005',
  ],
  ['~openai/gpt-latest', 'OpenAI: GPT (latest)', 400_000, 128_000, '0.0000025', '0.000015'],
  ['~openai/gpt-mini-latest', 'OpenAI: GPT mini (latest)', 400_000, 128_000, '0.00000025', '0.000002'],
  ['~google/gemini-pro-latest', 'Google: Gemini Pro (latest)', 1_048_576, 65_536, '0.000002', '0.000012'],
  [
    '~google/gemini-flash-latest',
    'Google: Gemini Flash (latest)',
    1_048_576,
    65_536,
    '0.0000003',
    '0.0000025',
  ],
  ['~moonshotai/kimi-latest', 'MoonshotAI: Kimi (latest)', 262_144, null, '0.0000006', '0.0000025'],
  ['anthropic/claude-sonnet-5', 'Anthropic: Claude Sonnet 5', 1_000_000, 64_000, '0.000003', '0.000015'],
  ['openai/gpt-5.4', 'OpenAI: GPT-5.4', 400_000, 128_000, '0.0000025', '0.000015'],
  ['openrouter/auto', 'Auto Router', 2_000_000, null, '-1', '-1'],
].map(([id, name, contextLength, maxCompletionTokens, prompt, completion]) => ({
  id: String(id),
  name: String(name),
  contextLength: Number(contextLength),
  maxCompletionTokens: maxCompletionTokens === null ? null : Number(maxCompletionTokens),
  prompt: String(prompt),
  completion: String(completion),
}));

const concrete: Readonly<Record<string, string>> = {
  '~anthropic/claude-sonnet-latest': 'anthropic/claude-sonnet-5',
  '~anthropic/claude-opus-latest': 'anthropic/claude-opus-5',
  '~openai/gpt-latest': 'openai/gpt-5.6-sol',
};

export const findListed = (id: string): ListedModel | undefined => models.find((model) => model.id === id);

/** An alias answers under the name of the model behind it. */
export const answersAs = (id: string): string => concrete[id] ?? id.replace(/^~/, '');

export function listModels(): object {
  return {
    data: models.map((model) => ({
      id: model.id,
      canonical_slug: answersAs(model.id),
      name: model.name,
      created: 1_755_000_000,
      description: `${model.name}, as the stand-in has it.`,
      context_length: model.contextLength,
      architecture: {
        input_modalities: ['text'],
        output_modalities: ['text'],
        tokenizer: 'Other',
        instruct_type: null,
      },
      pricing: { prompt: model.prompt, completion: model.completion, request: '0', image: '0' },
      top_provider: {
        context_length: model.contextLength,
        max_completion_tokens: model.maxCompletionTokens,
        is_moderated: false,
      },
      supported_parameters: ['max_tokens', 'temperature', 'tools'],
      per_request_limits: null,
      expiration_date: null,
    })),
  };
}
