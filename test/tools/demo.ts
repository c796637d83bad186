/** `--demo`: fills a home with a ready stack of three tiny models, served by the stand-in engines. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { stringify } from 'yaml';
import { drawPort } from './port-lane.ts';

const engines = path.resolve(import.meta.dirname, '../stand-ins/bin');
/** Where to begin to look for free ports. */
export interface DemoPorts {
  readonly gateway: number;
  readonly tiers: number;
}
/** The CLI's own. */
export const usualPorts: DemoPorts = { gateway: 4000, tiers: 8000 };
/** Several at a time on one machine, below those that the tests of single servers draw; the gateway, then the tiers. */
export function scatteredPorts(): DemoPorts {
  const gateway = drawPort(10_000, 20_000, 10);
  return { gateway, tiers: gateway + 5 };
}

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
export async function prepareDemo(home: string, begin: DemoPorts = usualPorts): Promise<void> {
  if (existsSync(path.join(home, 'stacks', 'default.yaml'))) return;
  const [gatewayPort = begin.gateway] = await freePorts(1, begin.gateway);
  const ports = await freePorts(tiers.length, begin.tiers);
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

const portSearchLimit = 200;

/** The first ones from `begin` on that nobody listens on at this moment. */
export async function freePorts(count: number, begin: number): Promise<number[]> {
  const found: number[] = [];
  for (let port = begin; port < begin + portSearchLimit && found.length < count; port += 1) {
    if (await isFree(port)) found.push(port);
  }
  if (found.length < count) throw new Error(`no ${count} free ports from ${begin} on`);
  return found;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
