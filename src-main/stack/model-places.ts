/** Where models may lie on this Mac: in the app's own folder, and in those of other apps, which are used in place. Pure. */
import path from 'node:path';

export type ForeignKind = 'hugging-face' | 'lm-studio' | 'added';

export interface ForeignPlace {
  readonly kind: ForeignKind;
  /** Absolute. Nothing in it is ever changed. */
  readonly root: string;
}

export interface ModelPlaces {
  readonly modelDir: string;
  /** In the order in which they are asked. */
  readonly elsewhere: readonly ForeignPlace[];
}

export interface PlaceFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userHome: string;
  readonly modelDir: string;
  /** What the user added. */
  readonly modelFolders: readonly string[];
}

export function modelPlaces({ env, userHome, modelDir, modelFolders }: PlaceFacts): ModelPlaces {
  const found: readonly ForeignPlace[] = [
    { kind: 'hugging-face', root: huggingFaceHub(env, userHome) },
    { kind: 'lm-studio', root: path.join(userHome, '.lmstudio', 'models') },
    { kind: 'lm-studio', root: path.join(userHome, '.cache', 'lm-studio', 'models') },
    ...modelFolders.map((root) => ({ kind: 'added' as const, root })),
  ];
  /** Not compared with the app's own folder: whoever chose that of LM Studio has models in it in both layouts. */
  const roots = new Set<string>();
  const elsewhere = found.filter(({ root }) => {
    const isNew = !roots.has(path.resolve(root));
    roots.add(path.resolve(root));
    return isNew;
  });
  return { modelDir, elsewhere };
}

/** huggingface_hub's own order, the retired name of its variable included; a relative path would depend on who asks. */
function huggingFaceHub(env: PlaceFacts['env'], userHome: string): string {
  const folder = (name: string): string | null => {
    const value = env[name] ?? '';
    const expanded = value === '~' || value.startsWith('~/') ? path.join(userHome, value.slice(1)) : value;
    return path.isAbsolute(expanded) && !expanded.includes('\0') ? path.normalize(expanded) : null;
  };
  const cache = folder('XDG_CACHE_HOME') ?? path.join(userHome, '.cache');
  return (
    folder('HF_HUB_CACHE') ??
    folder('HUGGINGFACE_HUB_CACHE') ??
    path.join(folder('HF_HOME') ?? path.join(cache, 'huggingface'), 'hub')
  );
}

const hubPrefix = 'models--';
const separator = '--';

/** `models--org--name`, as huggingface_hub names the folder of a repository. */
export const hubFolderName = (repo: string): string => hubPrefix + repo.split('/').join(separator);

/** `null`: not such a folder, or of a repository without an organisation. No organisation has `--` in its name. */
export function repoOfHubFolder(name: string): string | null {
  if (!name.startsWith(hubPrefix)) return null;
  const rest = name.slice(hubPrefix.length);
  const at = rest.indexOf(separator);
  if (at <= 0 || at + separator.length >= rest.length) return null;
  return `${rest.slice(0, at)}/${rest.slice(at + separator.length)}`;
}
