/** The folders with models on this Mac: ours and those of other apps, with size, state and the tiers that use them. Only ours are ever deleted. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { CatalogueEntry } from '../catalogue/entry.ts';
import { baseNameOf } from '../catalogue/names.ts';
import { isRepoId } from '../catalogue/repo-id.ts';
import type { FoundModel } from '../contract/models.ts';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import { findModels, isInside, realFolder } from '../stack/model-folder.ts';
import type { ModelPlaces } from '../stack/model-places.ts';
import type { Tier } from '../stack/stack-types.ts';
import { commonWords, modelWords } from '../words/index.ts';
import { createLooker, type ModelLook } from './inventory-look.ts';
import { type FolderToLookAt, foldersToLookAt } from './inventory-places.ts';
import { removeModelFolder, sweepDeleted } from './inventory-remove.ts';

/** What was recorded when a folder was downloaded. */
export interface DownloadRecord {
  /** `null`: the record is damaged. */
  readonly repo: string | null;
  /** Every file is there in the size that was verified; `null`: recorded without the files. */
  readonly isWhole: boolean | null;
  /** Where it is not whole. */
  readonly lacks: string | null;
}

export interface InventoryDeps {
  readonly places: () => ModelPlaces;
  readonly tiers: () => readonly Tier[];
  /** Services that have a model in use, whatever the stack file says by now. */
  readonly running: () => readonly { readonly name: string; readonly folder: string }[];
  readonly entries: () => readonly CatalogueEntry[];
  /** `null`: nobody knows where the folder comes from. */
  readonly recordOf: (folder: string) => Promise<DownloadRecord | null>;
  /** The folder of models in home, where everything is the app's. */
  readonly ownFolder: string;
}

export interface Inventory {
  list(): Promise<readonly FoundModel[]>;
  /** By the key of a list; the folder may have gone since. */
  find(key: string): Promise<FoundModel | null>;
  /** Refused while a tier uses it, and for everything that is not ours. */
  remove(key: string): Promise<Result<FoundModel>>;
  /** Ends what an earlier run began to delete. */
  sweep(): Promise<void>;
}

/** Folders that are looked into at a time. */
const looksAtOnce = 8;
const nameMaxChars = 120;

export function createInventory(deps: InventoryDeps): Inventory {
  const looker = createLooker();
  /** One that has not begun: who asks while another runs may ask because of what that one did not see. */
  let waiting: Promise<readonly FoundModel[]> | null = null;
  /** Scans follow each other: they share what is remembered. */
  let last: Promise<unknown> = Promise.resolve();

  function scanAnew(onBegin: () => void = () => {}): Promise<readonly FoundModel[]> {
    const scan = last.then(() => {
      onBegin();
      return scanNow();
    });
    last = scan.catch(() => undefined);
    return scan;
  }

  function list(): Promise<readonly FoundModel[]> {
    waiting ??= scanAnew(() => {
      waiting = null;
    });
    return waiting;
  }

  async function scanNow(): Promise<readonly FoundModel[]> {
    const places = deps.places();
    const users = await usersByFolder(places);
    const folders = withUsed(await foldersToLookAt(places), users);
    const models: FoundModel[] = [];
    for (let from = 0; from < folders.length; from += looksAtOnce) {
      const some = folders.slice(from, from + looksAtOnce);
      const looked = await Promise.all(some.map((found) => describe(found, users)));
      models.push(...looked.flat());
    }
    looker.tidy();
    return models.sort(
      (a, b) => placeOrder.indexOf(a.place) - placeOrder.indexOf(b.place) || compare(a.name, b.name),
    );
  }

  /** Tiers by the folder that they run from, without links. */
  async function usersByFolder({ modelDir, elsewhere }: ModelPlaces): Promise<Map<string, string[]>> {
    const tiers = deps.tiers();
    const wanted = await findModels(tiers, modelDir, elsewhere);
    const uses = [
      ...Object.entries(wanted).map(([name, { folder }]) => ({ name, folder })),
      ...deps.running(),
    ];
    const users = new Map<string, string[]>();
    for (const { name, folder } of uses) {
      const real = await realFolder(folder);
      if (real === null) continue;
      const names = users.get(real) ?? [];
      if (!names.includes(name)) names.push(name);
      users.set(real, names);
    }
    return users;
  }

  async function describe(
    found: FolderToLookAt,
    users: ReadonlyMap<string, readonly string[]>,
  ): Promise<FoundModel[]> {
    const look = await looker.look(found);
    if (look === null) return [];
    const record = found.place === 'ours' ? await deps.recordOf(look.folder) : null;
    const tiers = [...(users.get(look.folder) ?? [])];
    const repo = repoOf(found, record, deps.entries()) ?? sourceOf(tiers);
    const isOurs = found.place === 'ours' && (record !== null || isInside(look.folder, await ownFolder()));
    return [
      {
        key: keyOf(look.folder),
        name: nameFor(found.name, repo, deps.entries()),
        repo,
        place: found.place,
        folder: look.folder,
        sizeBytes: look.sizeBytes,
        quant: look.quant,
        contextTokens: look.facts.contextTokens,
        ...stateOf(look, record),
        tiers,
        isDeletable: isOurs && tiers.length === 0,
      },
    ];
  }

  /** Whoever runs from it says what it is. */
  const sourceOf = (names: readonly string[]) =>
    deps.tiers().find(({ name, source }) => names.includes(name) && isRepoId(source))?.source ?? null;
  const ownFolder = async () => (await realFolder(deps.ownFolder)) ?? deps.ownFolder;
  const found = async (key: string) => (await scanAnew()).find((model) => model.key === key) ?? null;

  return {
    list,
    find: found,
    async remove(key) {
      const model = await found(key);
      if (model === null) return fail(modelGone);
      if (model.tiers.length > 0) return fail(inUse(model));
      if (!model.isDeletable) return fail(notOurs);
      const removed = await removeModelFolder(deps.places().modelDir, model.folder);
      return removed.ok ? ok(model) : removed;
    },
    sweep: () => sweepDeleted(deps.places().modelDir),
  };
}

const placeOrder: readonly FoundModel['place'][] = ['ours', 'hugging-face', 'lm-studio', 'added'];
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** Good for this folder, and says nothing of it. */
const keyOf = (folder: string) => createHash('sha256').update(folder).digest('base64url');

/** A stack file may name a folder that lies in none of the places. */
function withUsed(folders: FolderToLookAt[], users: ReadonlyMap<string, unknown>): FolderToLookAt[] {
  const known = new Set(folders.flatMap(({ folder, others }) => [folder, ...others]));
  const others = [...users.keys()].filter((folder) => !known.has(folder));
  return [
    ...folders,
    ...others.map((folder) => ({
      folder,
      within: folder,
      others: [],
      place: 'added' as const,
      repo: null,
      name: path.basename(folder),
    })),
  ];
}

function stateOf({ facts }: ModelLook, record: DownloadRecord | null): Pick<FoundModel, 'state' | 'lacks'> {
  if (facts.state !== 'complete')
    return { state: 'incomplete', lacks: facts.lacks ?? commonWords.filesMissing };
  if (record?.isWhole === false) {
    return { state: 'incomplete', lacks: record.lacks ?? modelWords.notAsDownloaded };
  }
  return { state: record?.isWhole === true ? 'ready' : 'unverified', lacks: null };
}

/** What was recorded, or what the place says, or the one repository of the catalogue whose name the folder has. */
function repoOf(
  { place, repo, name }: FolderToLookAt,
  record: DownloadRecord | null,
  entries: readonly CatalogueEntry[],
): string | null {
  const recorded = record?.repo ?? null;
  if (recorded !== null) return recorded;
  if (repo !== null) return isRepoId(repo) ? repo : null;
  if (place !== 'ours' && place !== 'added') return null;
  const alike = entries.flatMap(({ sources }) =>
    sources.filter((source) => source.repo.split('/')[1] === name).map((source) => source.repo),
  );
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

function nameFor(folderName: string, repo: string | null, entries: readonly CatalogueEntry[]): string {
  const entry = entries.find(({ sources }) => sources.some((source) => source.repo === repo));
  return entry?.name ?? shownName(baseNameOf(repo ?? folderName));
}

/** A folder may be called anything: what would break or turn a line around is not shown, and nobody reads 4 KB. */
export function shownName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '�').trim();
  const characters = [...plain];
  if (characters.length === 0) return modelWords.noName;
  return characters.length <= nameMaxChars ? plain : `${characters.slice(0, nameMaxChars).join('')}…`;
}

export const modelGone = problem('model-gone', modelWords.modelGone);

const inUse = ({ name, tiers }: FoundModel) =>
  problem('model-in-use', modelWords.inUse(name, tiers), modelWords.removeFromStackFirst);

const notOurs = problem('not-our-model', modelWords.notOurs, modelWords.deleteWithItsAppOrFinder);
