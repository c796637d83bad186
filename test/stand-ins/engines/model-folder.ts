/** Finds a model as vllm-mlx does, on disk only: a folder, or a Hugging Face id in the hub's cache. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isRecord, parseJson, recordOf, textOf } from './values.ts';

export interface LoadedModel {
  readonly folder: string;
  readonly weightsBytes: number;
  readonly multimodal: boolean;
}

export type ModelLookup =
  | { readonly kind: 'found'; readonly model: LoadedModel }
  | { readonly kind: 'absent' }
  /** There, and yet unusable: what Python says of it. */
  | { readonly kind: 'broken'; readonly error: string };

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function hubFolders(model: string, env: NodeJS.ProcessEnv): readonly string[] {
  const hub =
    env['HF_HUB_CACHE'] ??
    (env['HF_HOME'] ? path.join(env['HF_HOME'], 'hub') : path.join(os.homedir(), '.cache/huggingface/hub'));
  const snapshots = path.join(hub, `models--${model.replaceAll('/', '--')}`, 'snapshots');
  return listFolder(snapshots).map((commit) => path.join(snapshots, commit));
}

function inspectFolder(folder: string): ModelLookup {
  const names = listFolder(folder);
  const weights = names.filter((name) => /^model.*\.safetensors$/.test(name));
  if (!names.includes('config.json') || weights.length === 0) return { kind: 'absent' };
  const config = parseJson(readFileSync(path.join(folder, 'config.json'), 'utf8'));
  if (!config || !isRecord(config.value)) {
    return {
      kind: 'broken',
      error: 'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
    };
  }
  if (names.includes('model.safetensors.index.json')) {
    const index = parseJson(readFileSync(path.join(folder, 'model.safetensors.index.json'), 'utf8'));
    const shards = new Set(Object.values(recordOf(recordOf(index?.value)['weight_map'])).map(textOf));
    const missing = [...shards].filter((shard) => shard !== undefined && !names.includes(shard));
    if (missing.length > 0) {
      return { kind: 'broken', error: `ValueError: Missing parameters of ${missing.sort().join(', ')}.` };
    }
  }
  const weightsBytes = weights.reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  return { kind: 'found', model: { folder, weightsBytes, multimodal: 'vision_config' in config.value } };
}

export function findModel(model: string, env: NodeJS.ProcessEnv): ModelLookup {
  const isFolder = statSync(model, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const folders = isFolder ? [model] : hubFolders(model, env);
  const lookups = folders.map((folder) => inspectFolder(folder));
  return (
    lookups.find((lookup) => lookup.kind === 'found') ??
    lookups.find((lookup) => lookup.kind === 'broken') ?? { kind: 'absent' }
  );
}
