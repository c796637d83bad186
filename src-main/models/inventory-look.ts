/** Looks into one folder: whether it holds a model that writes text, whether that is whole, and what it says of itself. */
import { quantOfConfig, writesText } from '../catalogue/details.ts';
import { quantOfRepo } from '../catalogue/names.ts';
import { type ModelConfig, type ModelFolderFacts, readModelFolder } from '../stack/model-folder.ts';
import { contentsOf, type FolderContents, type FolderToLookAt } from './inventory-places.ts';

export interface ModelLook {
  /** Of the folders that were offered the one to use. */
  readonly folder: string;
  readonly sizeBytes: number;
  readonly facts: ModelFolderFacts;
  readonly quant: string | null;
}

interface Remembered {
  readonly signature: string;
  readonly look: ModelLook | null;
}

export interface Looker {
  /** `null`: there is no model in it. What has not changed since the last time is not read again. */
  look(found: FolderToLookAt): Promise<ModelLook | null>;
  /** Forgets what was not looked at since the last call. */
  tidy(): void;
}

export function createLooker(): Looker {
  let before = new Map<string, Remembered>();
  let now = new Map<string, Remembered>();

  async function lookAt(found: FolderToLookAt, folder: string): Promise<ModelLook | null> {
    const contents = await contentsOf(folder, found.within);
    if (contents === null) return null;
    const known = now.get(folder) ?? before.get(folder);
    const look =
      known?.signature === contents.signature ? known.look : await readModel(found, folder, contents);
    now.set(folder, { signature: contents.signature, look });
    return look;
  }

  return {
    async look(found) {
      let first: ModelLook | null = null;
      for (const folder of [found.folder, ...found.others]) {
        const look = await lookAt(found, folder);
        if (look?.facts.state === 'complete') return look;
        first ??= look;
      }
      return first;
    },
    tidy() {
      before = now;
      now = new Map();
    },
  };
}

async function readModel(
  found: FolderToLookAt,
  folder: string,
  contents: FolderContents,
): Promise<ModelLook | null> {
  const { place, within, name } = found;
  if (!isModelLike(contents.names, place)) return null;
  const { facts, config } = await readModelFolder(folder, within);
  if (facts.state === 'absent') return null;
  /** Other apps also keep models that hear, translate or sort. */
  if (place !== 'ours' && (config === null || !writesText(config))) return null;
  return {
    folder,
    sizeBytes: contents.sizeBytes,
    facts,
    quant: (config === null ? null : (quantOfConfig(config) ?? floatOf(config))) ?? quantOfRepo(name),
  };
}

const isWeights = (name: string) => /^model.*\.safetensors$/.test(name);

/** In our own folder also what was begun; elsewhere an unfinished one is its owner's business. */
function isModelLike(names: readonly string[], place: FolderToLookAt['place']): boolean {
  const hasConfig = names.includes('config.json');
  if (place === 'ours') return hasConfig || names.some((name) => isWeights(name) || isUnfinished(name));
  return hasConfig && names.some(isWeights);
}

const isUnfinished = (name: string) => /\.(partial|incomplete)$/.test(name);

const floats: ReadonlySet<unknown> = new Set(['bfloat16', 'float16']);

/** Of weights that are not quantised; both are two bytes a number. */
function floatOf(config: ModelConfig): string | null {
  return floats.has(config['torch_dtype']) || floats.has(config['dtype']) ? 'bf16' : null;
}
