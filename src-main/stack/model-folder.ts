/** Gathers what is known of a tier's model on disk: where it lies, whether it is whole, how large it is. */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from '../files/file-problems.ts';
import { isRecord } from '../files/yaml-text.ts';
import { inspectOwnModel } from '../models/ready.ts';
import { stackWords } from '../words/index.ts';
import { type KvLayout, readKvLayout, readVocabularySize } from './kv-cache.ts';
import { type ForeignPlace, hubFolderName } from './model-places.ts';
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

const maxFolderEntries = 4096;
const maxModelConfigBytes = 4 * 1024 * 1024;
/** The map of tensors to files has a line per tensor: several MB for the largest models. */
const maxShardIndexBytes = 32 * 1024 * 1024;
const maxContextTokens = 1_000_000_000;

/**
 * The model of a tier: in the folder named like the repository, or, as the CLI also allows, like the model. Where that
 * is not whole, another app's whole copy of the same repository is used.
 */
export async function findModel(
  tier: Pick<Tier, 'source' | 'model'>,
  modelDir: string,
  elsewhere: readonly ForeignPlace[] = [],
): Promise<ModelFolderFacts> {
  const [own, first] = await findOwn(tier, modelDir);
  if (own?.state === 'complete') return own;
  for (const place of elsewhere) {
    for (const { folder, within } of await foreignCandidates(tier.source, place)) {
      const facts = await inspectModelFolder(folder, within);
      if (facts.state === 'complete') return facts;
    }
  }
  return own ?? first;
}

/** What there is, and what would be if there were nothing. */
async function findOwn(
  tier: Pick<Tier, 'source' | 'model'>,
  modelDir: string,
): Promise<[ModelFolderFacts | null, ModelFolderFacts]> {
  let first: ModelFolderFacts | null = null;
  for (const folder of modelFolderCandidates(tier, modelDir)) {
    const facts = await inspectModelFolder(folder);
    first ??= facts;
    if (facts.state !== 'absent') return [facts, first];
  }
  if (first === null) throw new Error('A checked source always names a folder');
  return [null, first];
}

/** Facts for every tier of a stack, as `defineServices` wants them. */
export async function findModels(
  tiers: readonly Tier[],
  modelDir: string,
  elsewhere: readonly ForeignPlace[] = [],
): Promise<Readonly<Record<string, ModelFolderFacts>>> {
  const found = await Promise.all(
    tiers.map(async (tier) => [tier.name, await findModel(tier, modelDir, elsewhere)] as const),
  );
  return Object.fromEntries(found);
}

export interface ForeignFolder {
  readonly folder: string;
  /** Without links. What a link in `folder` leads to counts only in here. */
  readonly within: string;
}

const isSafeName = (name: string) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && name.length <= 200;

/** Where an app of that kind keeps a repository; none where it has none, or keeps it outside its own folder. */
async function foreignCandidates(source: string, place: ForeignPlace): Promise<ForeignFolder[]> {
  const parts = source.split('/');
  const [org, name] = parts;
  if (parts.length !== 2 || org === undefined || name === undefined || !parts.every(isSafeName)) return [];
  const root = await realFolder(place.root);
  if (root === null) return [];
  const snapshots = () => hubSnapshots(path.join(root, hubFolderName(source)));
  if (place.kind === 'hugging-face') return await snapshots();
  const plain = [path.join(root, org, name)];
  if (place.kind === 'added') {
    plain.push(path.join(root, name), ...(path.basename(root) === name ? [root] : []));
  }
  const inside: ForeignFolder[] = [];
  for (const folder of plain)
    if ((await realFolder(folder)) === folder) inside.push({ folder, within: folder });
  return place.kind === 'added' ? [...inside, ...(await snapshots())] : inside;
}

export const maxHubSnapshots = 32;
const maxRefBytes = 256;
const commitPattern = /^[0-9a-f]{40}$/;

/**
 * The snapshots of a repository in the cache of the Hugging Face tools: that of `main` first, then the newest. Only its
 * files may be links; `repoFolder` begins with a path without any.
 */
export async function hubSnapshots(repoFolder: string): Promise<ForeignFolder[]> {
  const parent = path.join(repoFolder, 'snapshots');
  if ((await realFolder(parent)) !== parent) return [];
  const commits = ((await listNames(parent)) ?? []).filter((name) => commitPattern.test(name));
  const main = (await readSmallText(path.join(repoFolder, 'refs', 'main'), maxRefBytes, repoFolder))?.trim();
  const dated = await Promise.all(
    [...commits.filter((commit) => commit === main), ...commits.filter((commit) => commit !== main)]
      .slice(0, maxHubSnapshots)
      .map(async (commit) => {
        const folder = path.join(parent, commit);
        const real = await realFolder(folder);
        return real === folder ? [{ commit, folder, changedMs: await changedMsOf(folder) }] : [];
      }),
  );
  return dated
    .flat()
    .sort((a, b) => Number(b.commit === main) - Number(a.commit === main) || b.changedMs - a.changedMs)
    .map(({ folder }) => ({ folder, within: repoFolder }));
}

/** Its path without links, or `null` when it is no folder. */
export async function realFolder(folder: string): Promise<string | null> {
  try {
    const real = await realpath(folder);
    return (await stat(real)).isDirectory() ? real : null;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

export const isInside = (file: string, folder: string): boolean =>
  file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);

async function changedMsOf(folder: string): Promise<number> {
  try {
    return (await stat(folder)).mtimeMs;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return 0;
  }
}

/** Never outside `modelDir`, unless the stack file names a folder itself. */
export function modelFolderCandidates(tier: Pick<Tier, 'source' | 'model'>, modelDir: string): string[] {
  if (path.isAbsolute(tier.source)) return [path.resolve(tier.source)];
  const names = [tier.source.split('/').at(-1) ?? '', tier.model];
  return [...new Set(names.filter(isSafeName))].map((name) => path.join(modelDir, name));
}

export interface ModelFolder {
  readonly facts: ModelFolderFacts;
  /** Its config.json; `null` when there is none, or it is none. */
  readonly config: ModelConfig | null;
}

export type ModelConfig = Readonly<Record<string, unknown>>;

export async function inspectModelFolder(folder: string, within?: string): Promise<ModelFolderFacts> {
  return (await readModelFolder(folder, within)).facts;
}

/** With `within`, a path without links, a file that a link leads out of there does not count. */
export async function readModelFolder(folder: string, within?: string): Promise<ModelFolder> {
  const [listed, config, lacksOfOurs] = await Promise.all([
    listWeights(folder, within),
    readModelConfig(folder, within),
    lacksAsOurs(folder),
  ]);
  if (listed === null) {
    return { facts: { folder, state: 'absent', lacks: null, weightsBytes: 0, ...nothingSaid }, config: null };
  }
  const { names, sizes } = listed;
  const weightsBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const lacks =
    lacksOfOurs ?? (await whatIsMissing(folder, names, sizes, weightsBytes, config !== null, within));
  const facts: ModelFolderFacts = {
    folder,
    state: lacks === null ? 'complete' : 'incomplete',
    lacks,
    weightsBytes,
    ...(config === null ? nothingSaid : saidBy(config)),
  };
  return { facts, config };
}

interface Listed {
  readonly names: readonly string[];
  /** Of the weight files. */
  readonly sizes: ReadonlyMap<string, number>;
}

async function listWeights(folder: string, within: string | undefined): Promise<Listed | null> {
  const names = await listNames(folder);
  if (names === null) return null;
  const weights = names.filter((name) => /^model.*\.safetensors$/.test(name));
  const sizes = await Promise.all(
    weights.map(async (name) => [name, await sizeOf(path.join(folder, name), within)] as const),
  );
  return { names, sizes: new Map(sizes) };
}

/** What we downloaded has a list of its files, which knows more than the names do. */
async function lacksAsOurs(folder: string): Promise<string | null> {
  const own = await inspectOwnModel(folder);
  switch (own.state) {
    case 'partial':
      return stackWords.downloadNotFinished;
    case 'damaged':
      return own.lacks;
    case 'foreign':
    case 'ready':
      return null;
  }
}

type Said = Pick<ModelFolderFacts, 'contextTokens' | 'kv' | 'vocabularySize'>;

const nothingSaid: Said = { contextTokens: null, kv: null, vocabularySize: null };

const saidBy = (config: ModelConfig): Said => ({
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
  within: string | undefined,
): Promise<string | null> {
  const unfinished = names.find((name) => /\.(partial|incomplete)$/.test(name));
  if (unfinished !== undefined) return stackWords.downloadNotFinished;
  if (!hasConfig) return names.includes('config.json') ? stackWords.configDamaged : stackWords.configMissing;
  if (sizes.size === 0) return stackWords.weightsMissing;
  for (const size of sizes.values()) if (size === 0) return stackWords.weightFileEmpty;
  if (!names.includes('model.safetensors.index.json'))
    return isAlone(sizes) ? null : stackWords.weightIndexMissing;
  const index = await readJsonObject(
    path.join(folder, 'model.safetensors.index.json'),
    maxShardIndexBytes,
    within,
  );
  const map = index?.['weight_map'];
  if (index === null || !isRecord(map)) return stackWords.weightIndexDamaged;
  const shards = new Set(Object.values(map));
  const missing = [...shards].filter((name) => typeof name !== 'string' || !sizes.has(name)).length;
  if (missing > 0) return stackWords.weightFilesMissing(missing, shards.size);
  const metadata = index['metadata'];
  const total = isRecord(metadata) ? metadata['total_size'] : undefined;
  /** The total counts tensors only, so whole files are never smaller. */
  return typeof total === 'number' && weightsBytes < total ? stackWords.weightFileCutOff : null;
}

/** `model-00001-of-00003.safetensors` says itself that there are more; any other needs no index. */
function isAlone(sizes: ReadonlyMap<string, number>): boolean {
  const counts = [...sizes.keys()].flatMap((name) => /-of-(\d{1,6})\.safetensors$/.exec(name)?.[1] ?? []);
  return counts.every((count) => Number(count) === sizes.size);
}

function contextOf(config: ModelConfig): number | null {
  const text = config['text_config'];
  const found = [
    config['max_position_embeddings'],
    isRecord(text) ? text['max_position_embeddings'] : undefined,
  ].find((value) => typeof value === 'number');
  const fits =
    typeof found === 'number' && Number.isSafeInteger(found) && found > 0 && found <= maxContextTokens;
  return fits ? found : null;
}

const readModelConfig = (folder: string, within?: string): Promise<ModelConfig | null> =>
  readJsonObject(path.join(folder, 'config.json'), maxModelConfigBytes, within);

/** `no-model`: there is no config.json, without which the engine loads nothing. */
export type CodeWish = 'none' | 'wanted' | 'unknown' | 'no-model';

/**
 * Whether the engine would run a program out of the folder: released versions of mlx-lm and mlx-vlm import the file that
 * `model_file` names, without asking (CVE-2026-5843, mlx-lm #1385); any value but null counts, as it does for them.
 * What `auto_map` names is imported only where it is trusted, and `--trust-remote-code` is never passed. What is JSON to
 * Python is not always JSON here (`NaN`, any size): of such a file nothing is known.
 */
export function codeWishIn(config: ModelConfig | null): Exclude<CodeWish, 'no-model'> {
  if (config === null) return 'unknown';
  const file = config['model_file'];
  return file === undefined || file === null ? 'none' : 'wanted';
}

export async function codeWishOf(folder: string): Promise<CodeWish> {
  if (await isNothing(path.join(folder, 'config.json'))) return 'no-model';
  return codeWishIn(await readModelConfig(folder));
}

const nothingThere: ReadonlySet<string | null> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

async function isNothing(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return false;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return nothingThere.has(errnoOf(error));
  }
}

/** `null` when there is no such folder, or it cannot be looked into. */
export async function listNames(folder: string): Promise<string[] | null> {
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
async function sizeOf(file: string, within: string | undefined): Promise<number> {
  try {
    if (within !== undefined && !isInside(await realpath(file), within)) return 0;
    const stats = await stat(file);
    return stats.isFile() ? stats.size : 0;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return 0;
  }
}

async function readJsonObject(
  file: string,
  maxBytes: number,
  within: string | undefined,
): Promise<Record<string, unknown> | null> {
  const text = await readSmallText(file, maxBytes, within);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** O_NONBLOCK: opening a named pipe must not wait for a writer. */
async function readSmallText(file: string, maxBytes: number, within?: string): Promise<string | null> {
  let handle: FileHandle | null = null;
  try {
    if (within !== undefined && !isInside(await realpath(file), within)) return null;
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > maxBytes) return null;
    // In one turn of the disk: `readFile` would ask for the size once more. What is cut meanwhile comes shorter.
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(stats.size), 0, stats.size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  } finally {
    await handle?.close();
  }
}
