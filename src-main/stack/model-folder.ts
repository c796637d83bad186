/** Gathers what is known of a tier's model on disk: where it lies, whether it is whole, how large it is. */
import { constants } from 'node:fs';
import { type FileHandle, open, opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from '../files/file-problems.ts';
import { isRecord } from '../files/yaml-text.ts';
import { type KvLayout, readKvLayout, readVocabularySize } from './kv-cache.ts';
import type { Tier } from './stack-types.ts';

export interface ModelFolderFacts {
  /** Absolute; where the model is, or where it would be. */
  readonly folder: string;
  readonly state: 'absent' | 'incomplete' | 'complete';
  /** What is missing or unfinished, in a few words; `null` unless incomplete. */
  readonly lacks: string | null;
  /** Sum of the weight files. */
  readonly weightsBytes: number;
  /** The longest context of the model in tokens, where its config.json says so. */
  readonly contextTokens: number | null;
  /** What a conversation takes, where its config.json says so. */
  readonly kv: KvLayout | null;
  readonly vocabularySize: number | null;
}

export const maxFolderEntries = 4096;
export const maxModelConfigBytes = 4 * 1024 * 1024;
/** The map of tensors to files has a line per tensor: several MB for the largest models. */
export const maxShardIndexBytes = 32 * 1024 * 1024;
const maxContextTokens = 1_000_000_000;

/** The model of a tier: in the folder named like the repository, or, as the CLI also allows, like the model. */
export async function findModel(
  tier: Pick<Tier, 'source' | 'model'>,
  modelDir: string,
): Promise<ModelFolderFacts> {
  let first: ModelFolderFacts | null = null;
  for (const folder of modelFolderCandidates(tier, modelDir)) {
    const facts = await inspectModelFolder(folder);
    if (facts.state !== 'absent') return facts;
    first ??= facts;
  }
  if (first === null) throw new Error('A checked source always names a folder');
  return first;
}

/** Facts for every tier of a stack, as `defineServices` wants them. */
export async function findModels(
  tiers: readonly Tier[],
  modelDir: string,
): Promise<Readonly<Record<string, ModelFolderFacts>>> {
  const found = await Promise.all(
    tiers.map(async (tier) => [tier.name, await findModel(tier, modelDir)] as const),
  );
  return Object.fromEntries(found);
}

/** Never outside `modelDir`, unless the stack file names a folder itself. */
export function modelFolderCandidates(tier: Pick<Tier, 'source' | 'model'>, modelDir: string): string[] {
  if (path.isAbsolute(tier.source)) return [path.resolve(tier.source)];
  const names = [tier.source.split('/').at(-1) ?? '', tier.model];
  const safe = names.filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && name.length <= 200);
  return [...new Set(safe)].map((name) => path.join(modelDir, name));
}

export async function inspectModelFolder(folder: string): Promise<ModelFolderFacts> {
  const names = await listNames(folder);
  if (names === null) return { folder, state: 'absent', lacks: null, weightsBytes: 0, ...nothingSaid };
  const weights = names.filter((name) => /^model.*\.safetensors$/.test(name));
  const sizes = new Map<string, number>();
  for (const name of weights) sizes.set(name, await sizeOf(path.join(folder, name)));
  const weightsBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const config = await readJsonObject(path.join(folder, 'config.json'), maxModelConfigBytes);
  const lacks = (await whatIsMissing(folder, names, sizes, weightsBytes, config !== null)) ?? null;
  return {
    folder,
    state: lacks === null ? 'complete' : 'incomplete',
    lacks,
    weightsBytes,
    ...(config === null ? nothingSaid : saidBy(config)),
  };
}

type Said = Pick<ModelFolderFacts, 'contextTokens' | 'kv' | 'vocabularySize'>;

const nothingSaid: Said = { contextTokens: null, kv: null, vocabularySize: null };

const saidBy = (config: Readonly<Record<string, unknown>>): Said => ({
  contextTokens: contextOf(config),
  kv: readKvLayout(config),
  vocabularySize: readVocabularySize(config),
});

async function whatIsMissing(
  folder: string,
  names: readonly string[],
  sizes: ReadonlyMap<string, number>,
  weightsBytes: number,
  hasConfig: boolean,
): Promise<string | null> {
  const unfinished = names.find((name) => /\.(partial|incomplete)$/.test(name));
  if (unfinished !== undefined) return 'a download is not finished';
  if (!hasConfig) return names.includes('config.json') ? 'config.json is damaged' : 'config.json is missing';
  if (sizes.size === 0) return 'the weights are missing';
  for (const size of sizes.values()) if (size === 0) return 'a weight file is empty';
  if (!names.includes('model.safetensors.index.json'))
    return isAlone(sizes) ? null : 'the index of the weight files is missing';
  const index = await readJsonObject(path.join(folder, 'model.safetensors.index.json'), maxShardIndexBytes);
  const map = index?.['weight_map'];
  if (index === null || !isRecord(map)) return 'the index of the weight files is damaged';
  const shards = new Set(Object.values(map));
  const missing = [...shards].filter((name) => typeof name !== 'string' || !sizes.has(name)).length;
  if (missing > 0) return `${missing} of ${shards.size} weight files are missing`;
  const metadata = index['metadata'];
  const total = isRecord(metadata) ? metadata['total_size'] : undefined;
  /** The total counts tensors only, so whole files are never smaller. */
  return typeof total === 'number' && weightsBytes < total ? 'a weight file is cut off' : null;
}

/** `model-00001-of-00003.safetensors` says itself that there are more; any other needs no index. */
function isAlone(sizes: ReadonlyMap<string, number>): boolean {
  const counts = [...sizes.keys()].flatMap((name) => /-of-(\d{1,6})\.safetensors$/.exec(name)?.[1] ?? []);
  return counts.every((count) => Number(count) === sizes.size);
}

function contextOf(config: Readonly<Record<string, unknown>>): number | null {
  const text = config['text_config'];
  const found = [
    config['max_position_embeddings'],
    isRecord(text) ? text['max_position_embeddings'] : undefined,
  ].find((value) => typeof value === 'number');
  const fits =
    typeof found === 'number' && Number.isSafeInteger(found) && found > 0 && found <= maxContextTokens;
  return fits ? found : null;
}

/** `null` when there is no such folder, or it cannot be looked into. */
async function listNames(folder: string): Promise<string[] | null> {
  try {
    const names: string[] = [];
    for await (const entry of await opendir(folder)) {
      names.push(entry.name);
      if (names.length >= maxFolderEntries) break;
    }
    return names.sort();
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

/** Links are followed: the cache of the Hugging Face tools keeps its files behind them. 0 for what is no file. */
async function sizeOf(file: string): Promise<number> {
  try {
    const stats = await stat(file);
    return stats.isFile() ? stats.size : 0;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return 0;
  }
}

async function readJsonObject(file: string, maxBytes: number): Promise<Record<string, unknown> | null> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > maxBytes) return null;
    const value: unknown = JSON.parse(await handle.readFile('utf8'));
    return isRecord(value) ? value : null;
  } catch (error) {
    if (errnoOf(error) === null && !(error instanceof SyntaxError)) throw error;
    return null;
  } finally {
    await handle?.close();
  }
}
