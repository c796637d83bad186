/** `--demo`: fills a home with a ready stack of three tiny models, served by the stand-in engines. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { stringify } from 'yaml';

const engines = path.resolve(import.meta.dirname, '../stand-ins/bin');
/** The CLI's own default, taken when it is free. */
const usualGatewayPort = 4000;

interface DemoTier {
  readonly name: string;
  readonly model: string;
  readonly source: string;
  readonly contextTokens: number;
  readonly flags: Readonly<Record<string, string | number | boolean>>;
}

const tiers: readonly DemoTier[] = [
  {
    name: 'standard',
    model: 'Qwen3.5-8B',
    source: 'mlx-community/Qwen3.5-8B-4bit',
    contextTokens: 40_960,
    flags: { continuous_batching: true, enable_prefix_cache: true },
  },
  {
    name: 'fast',
    model: 'Qwen3.5-0.6B',
    source: 'mlx-community/Qwen3.5-0.6B-4bit',
    contextTokens: 40_960,
    flags: { continuous_batching: true },
  },
  {
    name: 'longctx',
    model: 'Llama-3.3-8B-Instruct',
    source: 'mlx-community/Llama-3.3-8B-Instruct-4bit',
    contextTokens: 131_072,
    flags: {},
  },
];

/** A stack that is already there stays as it is, with all that belongs to it. */
export async function prepareDemo(home: string): Promise<void> {
  if (existsSync(path.join(home, 'stacks', 'default.yaml'))) return;
  const [gatewayPort, ...ports] = await freePorts(tiers.length + 1, usualGatewayPort);
  const created = new Date().toISOString();
  await mkdir(path.join(home, 'stacks'), { recursive: true, mode: 0o700 });
  for (const tier of tiers) {
    await writeModel(path.join(home, 'models', path.posix.basename(tier.source)), tier.contextTokens);
  }
  await writePrivate(
    path.join(home, 'stacks', 'default.yaml'),
    stringify({
      schema_version: 1,
      name: 'default',
      hardware_profile: 'm4-pro-48',
      intent: 'balanced',
      created,
      tiers: tiers.map(({ name, model, source, flags }, index) => ({
        name,
        model,
        quant: 'int4',
        source,
        port: ports[index],
        vllm_flags: flags,
      })),
    }),
  );
  await writePrivate(
    path.join(home, 'config.yaml'),
    stringify({
      'litellm-path': path.join(engines, 'litellm'),
      'litellm-port': gatewayPort,
      'vllm-mlx-path': path.join(engines, 'vllm-mlx'),
    }),
  );
  const services = Object.fromEntries(tiers.map(({ name }) => [name, 'on']));
  await writePrivate(path.join(home, 'desired.json'), `${JSON.stringify({ version: 1, services })}\n`);
}

const writePrivate = (file: string, content: string | Buffer) => writeFile(file, content, { mode: 0o600 });

/** Shaped like an MLX model on disk, of a size that costs nothing. */
async function writeModel(folder: string, contextTokens: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files: Record<string, string | Buffer> = {
    'config.json': JSON.stringify({
      architectures: ['Qwen3ForCausalLM'],
      model_type: 'qwen3',
      hidden_size: 64,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 16,
      max_position_embeddings: contextTokens,
      vocab_size: 256,
      quantization: { group_size: 64, bits: 4 },
    }),
    'generation_config.json': JSON.stringify({ temperature: 0.7, top_p: 0.8 }),
    'tokenizer.json': JSON.stringify({ version: '1.0', model: { type: 'BPE', vocab: {}, merges: [] } }),
    'tokenizer_config.json': JSON.stringify({ tokenizer_class: 'Qwen2Tokenizer' }),
    'model.safetensors': safetensors('model.embed_tokens.weight', [256, 64]),
  };
  for (const [name, content] of Object.entries(files)) await writePrivate(path.join(folder, name), content);
}

/** Eight bytes of header length, the header, the numbers: one tensor of zeros. */
function safetensors(name: string, shape: readonly [number, number]): Buffer {
  const bytes = shape[0] * shape[1] * 2;
  const header = Buffer.from(JSON.stringify({ [name]: { dtype: 'F16', shape, data_offsets: [0, bytes] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(bytes)]);
}

/** Distinct, because all are held until the last one is known; the first is `preferred` when that is free. */
export async function freePorts(count: number, preferred: number): Promise<number[]> {
  const held: Server[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      held.push((index === 0 ? await hold(preferred) : null) ?? (await holdAny()));
    }
    return held.map(portOf);
  } finally {
    await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  }
}

async function holdAny(): Promise<Server> {
  const server = await hold(0);
  if (server === null) throw new Error('no port is free');
  return server;
}

function hold(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP port');
  return address.port;
}
