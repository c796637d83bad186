/** All that the app knows and does of models: those on disk, those to be had, the downloads between, and the token for them. */
import path from 'node:path';
import { createDiscovery, type Discovery } from '../catalogue/discovery.ts';
import type { CatalogueEntry } from '../catalogue/entry.ts';
import { createHub, type Fetch } from '../catalogue/hub.ts';
import { hubProblems } from '../catalogue/hub-problems.ts';
import { type Catalogue, loadCatalogue } from '../catalogue/load.ts';
import { isRepoId } from '../catalogue/repo-id.ts';
import type { ConfigStore } from '../config/config-store.ts';
import type { CommandInputs, CommandOutput } from '../contract/commands.ts';
import type { FoundModel, modelCommands } from '../contract/models.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { HomeFiles } from '../files/types.ts';
import { freeDiskBytes, type Hardware } from '../hardware/hardware.ts';
import type { Paths } from '../paths.ts';
import { intents, type MeasuredHere, type PlanMachine, type PlanRequest } from '../planner/types.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { findModel, isInside, type ModelFolderFacts, realFolder } from '../stack/model-folder.ts';
import { type ForeignPlace, type ModelPlaces, modelPlaces } from '../stack/model-places.ts';
import type { StackStore } from '../stack/stack-store.ts';
import type { StatusStore } from '../status/store.ts';
import { commonWords, modelWords } from '../words/index.ts';
import { createBrowse } from './browse.ts';
import { createChecks } from './checks.ts';
import { createDownloads, isDownloading } from './downloads.ts';
import { createEnsure } from './ensure.ts';
import { createInventory, type InventoryDeps, modelGone, shownName } from './inventory.ts';
import { createRecordReader } from './inventory-records.ts';
import { rowsOf } from './inventory-rows.ts';
import { type NewMeasured, readMeasured, saveMeasured } from './measured.ts';
import { inspectOwnModel } from './ready.ts';
import { folderNameOf } from './restore.ts';
import { createToken } from './token.ts';
import type { Downloads, DownloadsOptions } from './types.ts';

type ModelCommandName = keyof typeof modelCommands;
export type ModelHandlers = {
  readonly [N in ModelCommandName]: (input: CommandInputs[N]) => Promise<Result<CommandOutput<N>>>;
};

export interface ModelsDeps {
  readonly paths: Paths;
  readonly files: HomeFiles;
  readonly config: Pick<ConfigStore, 'state' | 'addTo' | 'removeFrom' | 'onChange'>;
  readonly stack: Pick<StackStore, 'state' | 'onChange'>;
  readonly hardware: Pick<Hardware, 'memory' | 'profile'>;
  readonly secrets: SecretStore;
  readonly registerSecret: (value: string) => void;
  readonly status: Pick<StatusStore, 'update'>;
  /** Of Hugging Face, as `chooseHub` gives it. */
  readonly hubAddress: string;
  readonly fetch: Fetch;
  /** The entries that come with the app. */
  readonly catalogueFolder: string;
  /** The file of the thread that verifies downloads. */
  readonly hasherFile: string | URL;
  readonly userHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Services that have a model in use. */
  readonly running: InventoryDeps['running'];
  /** `null` when the user thought better of it. */
  readonly askForFolder: () => Promise<string | null>;
  readonly reveal: (folder: string) => void;
  /** A model came or went: a tier may run from another folder now. */
  readonly onModelsChanged: () => void;
  readonly note: (found: Problem) => void;
  readonly onBug: DownloadsOptions['onBug'];
  readonly downloadLimits?: DownloadsOptions['limits'];
  readonly now?: () => number;
}

/** What this Mac is, as plans need it and as it is shown. */
export interface KnownMachine extends PlanMachine {
  readonly gpuCores: number;
  readonly isEstimate: boolean;
}

export interface Models {
  readonly handlers: ModelHandlers;
  readonly downloads: Downloads;
  /** Takes up what an earlier run left. */
  open(): Promise<void>;
  /** The Mac woke up, or the network came back. */
  wake(): void;
  /** Where models of other apps lie, for `findModels`. */
  elsewhere(): readonly ForeignPlace[];
  machine(): Promise<Result<KnownMachine>>;
  catalogue(): Promise<readonly CatalogueEntry[]>;
  measured(): Promise<readonly MeasuredHere[]>;
  /** In the place of what was measured of that model before. */
  keepMeasured(figure: NewMeasured): Promise<Result<void>>;
  /** Repositories and folders whose model is whole on this Mac. */
  installedRepos(): Promise<ReadonlySet<string>>;
  /** Of a repository, or of a folder by its path; `null` where it is not whole on this Mac. */
  find(source: string): Promise<ModelFolderFacts | null>;
  /** As the planner takes it, with what the repository itself says. */
  describe(repo: string): Promise<Result<CatalogueEntry>>;
  /** Whole on this Mac once it resolves well. Aborted, it pauses what it began. */
  ensureDownloaded(repo: string, signal: AbortSignal): Promise<Result<ModelFolderFacts>>;
  close(): Promise<void>;
}

/** A few times a second is enough for a bar that moves. */
export const publishEveryMs = 250;

export function createModels(deps: ModelsDeps): Models {
  const { config, stack, paths, files, fetch, hubAddress } = deps;
  const now = deps.now ?? Date.now;
  let inventoryRevision = 0;
  let publishedAt = Number.NEGATIVE_INFINITY;
  let publishTimer: NodeJS.Timeout | null = null;
  let isClosed = false;
  const noted = new Set<string>();

  const settings = () => config.state().value.config;
  const tiers = () => stack.state().value?.stack.tiers ?? [];
  const places = (): ModelPlaces => {
    const { modelDir, modelFolders } = settings();
    return modelPlaces({ env: deps.env, userHome: deps.userHome, modelDir, modelFolders });
  };

  function noteOnce(found: Problem): void {
    if (noted.has(found.message)) return;
    noted.add(found.message);
    deps.note(found);
  }

  let loading: Promise<Catalogue> | null = null;
  let entries: readonly CatalogueEntry[] = [];
  async function catalogue(): Promise<readonly CatalogueEntry[]> {
    loading ??= loadCatalogue(deps.catalogueFolder);
    const loaded = await loading;
    entries = loaded.entries;
    for (const found of loaded.problems) noteOnce(found);
    return entries;
  }

  const nameOf = (repo: string): string =>
    entries.find(({ sources }) => sources.some((source) => source.repo === repo))?.name ??
    path.basename(repo);

  function publish(): void {
    publishTimer = null;
    if (isClosed) return;
    publishedAt = now();
    /** Lines that were made before the catalogue was read have the names of folders. */
    const lines = downloads.list().map((line) => ({ ...line, name: nameOf(line.repo) }));
    deps.status.update({
      models: { downloads: lines, checks: checks.list(), inventoryRevision, token: token.status() },
    });
  }

  function publishSoon(): void {
    if (publishTimer !== null || isClosed) return;
    const waitMs = Math.max(0, Math.min(publishEveryMs, publishedAt + publishEveryMs - now()));
    if (waitMs === 0) publish();
    else publishTimer = setTimeout(publish, waitMs).unref();
  }

  function inventoryChanged(): void {
    inventoryRevision += 1;
    publishSoon();
  }

  const token = createToken({
    secrets: deps.secrets,
    registerSecret: deps.registerSecret,
    address: hubAddress,
    fetch,
    onChange: publishSoon,
  });
  const downloads: Downloads = createDownloads({
    address: hubAddress,
    fetch,
    token: token.read,
    modelDir: () => settings().modelDir,
    hasherFile: deps.hasherFile,
    freeDiskBytes,
    nameOf,
    onChange() {
      ensure.changed();
      publishSoon();
    },
    onInstalled() {
      ensure.changed();
      inventoryChanged();
      deps.onModelsChanged();
    },
    onBug: deps.onBug,
    ...(deps.downloadLimits === undefined ? {} : { limits: deps.downloadLimits }),
  });
  const checks = createChecks({
    address: hubAddress,
    fetch,
    token: token.read,
    hasherFile: deps.hasherFile,
    onChange: publishSoon,
    onVerified() {
      inventoryChanged();
      deps.onModelsChanged();
    },
    onBug: deps.onBug,
  });
  const inventory = createInventory({
    places,
    tiers,
    running: deps.running,
    entries: () => entries,
    recordOf: createRecordReader(files, paths.downloaded),
    ownFolder: paths.models,
  });

  async function find(source: string): Promise<ModelFolderFacts | null> {
    if (!path.isAbsolute(source) && !isRepoId(source)) return null;
    const { modelDir, elsewhere } = places();
    const facts = await findModel({ source, model: path.basename(source) }, modelDir, elsewhere);
    if (facts.state !== 'complete') return null;
    /** Whole by its own index, but not as it was downloaded. */
    const isDamaged = (await inspectOwnModel(facts.folder)).state === 'damaged';
    return isDamaged ? null : facts;
  }

  const ensure = createEnsure({ downloads, find });

  async function installedRepos(): Promise<ReadonlySet<string>> {
    await catalogue();
    const whole = (await inventory.list()).filter(({ state }) => state !== 'incomplete');
    return new Set(whole.flatMap(({ repo, folder }) => (repo === null ? [folder] : [repo, folder])));
  }

  async function machine(): Promise<Result<KnownMachine>> {
    const [profile, memory] = await Promise.all([deps.hardware.profile(), deps.hardware.memory()]);
    if (!profile.ok) return profile;
    const { chip, gpuCores, bandwidthGbps, isEstimate, profileId } = profile.value;
    return ok({ chip, gpuCores, bandwidthGbps, isEstimate, profileId, ...memory });
  }

  async function measured(): Promise<readonly MeasuredHere[]> {
    const known = await machine();
    if (!known.ok) return [];
    const { figures, problem: unread } = await readMeasured(files, paths.benchmarks, known.value.profileId, {
      entries: await catalogue(),
      named: tiers(),
    });
    if (unread !== null) noteOnce(unread);
    return figures;
  }

  async function keepMeasured(figure: NewMeasured): Promise<Result<void>> {
    const known = await machine();
    if (!known.ok) return known;
    return await saveMeasured(files, paths.benchmarks, known.value.profileId, figure);
  }

  async function request(): Promise<PlanRequest | null> {
    const known = await machine();
    if (!known.ok) return null;
    const intent = stack.state().value?.stack.intent ?? null;
    return {
      machine: known.value,
      intent: intents.find((each) => each === intent) ?? 'balanced',
      ranking: settings().ranking,
      budgetPct: settings().memoryBudgetPct,
      quant: settings().defaultQuant,
      models: await catalogue(),
      measured: await measured(),
    };
  }

  let discovering: Promise<Discovery> | null = null;
  const discovery = (): Promise<Discovery> => {
    discovering ??= catalogue().then((shipped) =>
      createDiscovery({
        hub: createHub({ address: hubAddress, fetch, token: token.read }),
        files,
        cacheFile: paths.discovered,
        shipped,
        nowMs: now,
      }),
    );
    return discovering;
  };
  const browse = createBrowse({ discovery, entries: catalogue, request, installed: installedRepos });

  async function download(repo: string): Promise<Result<Record<string, never>>> {
    if (!isRepoId(repo)) return fail(hubProblems.badName);
    await catalogue();
    const present = await find(repo);
    const own = (await realFolder(settings().modelDir)) ?? settings().modelDir;
    if (present !== null && !isInside(present.folder, own)) return fail(alreadyHere(repo, present.folder));
    return nothing(await downloads.download(repo));
  }

  /** A folder of ours; what lies with other apps is never written to. */
  async function ownModel(
    key: string,
  ): Promise<Result<{ readonly model: FoundModel; readonly repo: string }>> {
    await catalogue();
    const model = await inventory.find(key);
    if (model === null) return fail(modelGone);
    if (model.place !== 'ours') return fail(othersModel);
    /** Where nobody knows where it comes from, its name is tried: what does not come from there does not match. */
    const repo = model.repo ?? `${usualOwner}/${path.basename(model.folder)}`;
    return isRepoId(repo) ? ok({ model, repo }) : fail(originUnknown);
  }

  async function verify(key: string): Promise<Result<Record<string, never>>> {
    const found = await ownModel(key);
    if (!found.ok) return found;
    const { model, repo } = found.value;
    const line = downloads.list().find((each) => each.repo === repo);
    if (line?.state === 'paused' || line?.state === 'failed') return fail(isHalfHere);
    if (line !== undefined && line.state !== 'done') return fail(isDownloading);
    checks.begin({ key, name: model.name, folder: model.folder, repo });
    return ok({});
  }

  async function downloadAgain(key: string, isAnew = false): Promise<Result<Record<string, never>>> {
    const found = await ownModel(key);
    if (!found.ok) return found;
    const { model, repo } = found.value;
    const folderName = path.basename(model.folder);
    if (folderName !== folderNameOf(repo)) return fail(otherName(folderName, repo));
    await checks.end(key);
    return nothing(await downloads.replace(repo, isAnew));
  }

  async function addFolder(): Promise<Result<Record<string, never>>> {
    const chosen = await deps.askForFolder();
    if (chosen === null) return ok({});
    const real = await realFolder(chosen);
    if (real === null) return fail(notAFolder);
    const { modelDir, elsewhere } = places();
    for (const root of [modelDir, ...elsewhere.map((place) => place.root)]) {
      if ((await realFolder(root)) === real) return fail(folderKnown(real));
    }
    return nothing(await config.addTo('model-folders', real));
  }

  async function removeFolder(folder: string): Promise<Result<Record<string, never>>> {
    if (!settings().modelFolders.includes(folder)) return fail(folderUnknown);
    await catalogue();
    const real = (await realFolder(folder)) ?? folder;
    const used = (await inventory.list()).filter(
      (model) => model.place === 'added' && isInside(model.folder, real) && model.tiers.length > 0,
    );
    const users = [...new Set(used.flatMap((model) => model.tiers))];
    if (users.length > 0) return fail(folderInUse(users));
    return nothing(await config.removeFrom('model-folders', folder));
  }

  const handlers: ModelHandlers = {
    'models.list': async () => {
      await catalogue();
      const { modelDir, modelFolders } = settings();
      const [models, free] = await Promise.all([inventory.list(), freeDiskBytes(modelDir)]);
      return ok({ models: rowsOf(models), folders: [...modelFolders], freeDiskBytes: free });
    },
    'models.browse': async ({ refresh }) => ok(await browse.list(refresh)),
    'models.lookUp': ({ text }) => browse.lookUp(text),
    'models.details': ({ repo }) => browse.details(repo),
    'models.download': ({ repo }) => download(repo),
    'models.pauseDownload': async ({ repo }) => nothing(await downloads.pause(repo)),
    'models.resumeDownload': async ({ repo }) => nothing(await downloads.resume(repo)),
    'models.cancelDownload': async ({ repo }) => nothing(await downloads.cancel(repo)),
    'models.verify': ({ key }) => verify(key),
    'models.cancelVerify': async ({ key }) => {
      await checks.end(key);
      return ok({});
    },
    'models.downloadAgain': ({ key, isAnew }) => downloadAgain(key, isAnew),
    'models.delete': async ({ key }) => {
      /** Before: what it found right would be written into a folder that has gone. */
      await checks.end(key);
      const removed = await inventory.remove(key);
      if (!removed.ok) return removed;
      const { repo } = removed.value;
      const line = downloads.list().find((each) => each.repo === repo);
      if (line?.state === 'done') await downloads.cancel(line.repo);
      inventoryChanged();
      deps.onModelsChanged();
      return ok({});
    },
    'models.reveal': async ({ key }) => {
      const model = await inventory.find(key);
      if (model === null) return fail(modelGone);
      deps.reveal(model.folder);
      return ok({});
    },
    'models.addFolder': addFolder,
    'models.removeFolder': ({ folder }) => removeFolder(folder),
    'models.setToken': ({ token: value }) => token.set(value),
    'models.removeToken': () => token.remove(),
  };

  let lastPlaces = '';
  function configChanged(): void {
    const present = JSON.stringify(places());
    if (present === lastPlaces) return;
    lastPlaces = present;
    inventoryChanged();
  }
  const stopListening = [config.onChange(configChanged), stack.onChange(inventoryChanged)];

  return {
    handlers,
    downloads,
    async open() {
      lastPlaces = JSON.stringify(places());
      publishSoon();
      await Promise.all([inventory.sweep(), token.load()]);
      await downloads.restore();
      /** Its names are wanted for what is shown only; most starts have nothing to show. */
      if (downloads.list().length > 0) await catalogue();
      publishSoon();
    },
    wake: downloads.wake,
    elsewhere: () => places().elsewhere,
    machine,
    catalogue,
    measured,
    keepMeasured,
    installedRepos,
    find,
    describe: browse.describe,
    ensureDownloaded: ensure.ensure,
    async close() {
      isClosed = true;
      if (publishTimer !== null) clearTimeout(publishTimer);
      for (const stop of stopListening) stop();
      token.close();
      ensure.close();
      await checks.close();
      await downloads.close();
    },
  };
}

/** The commands before and after there is a room to answer them. */
export function modelHandlers(room: () => Pick<Models, 'handlers'> | null, notYet: Problem): ModelHandlers {
  const later =
    <N extends ModelCommandName>(name: N) =>
    async (input: CommandInputs[N]): Promise<Result<CommandOutput<N>>> => {
      const present = room();
      return present === null ? fail(notYet) : await present.handlers[name](input);
    };
  return {
    'models.list': later('models.list'),
    'models.browse': later('models.browse'),
    'models.lookUp': later('models.lookUp'),
    'models.details': later('models.details'),
    'models.download': later('models.download'),
    'models.pauseDownload': later('models.pauseDownload'),
    'models.resumeDownload': later('models.resumeDownload'),
    'models.cancelDownload': later('models.cancelDownload'),
    'models.verify': later('models.verify'),
    'models.cancelVerify': later('models.cancelVerify'),
    'models.downloadAgain': later('models.downloadAgain'),
    'models.delete': later('models.delete'),
    'models.reveal': later('models.reveal'),
    'models.addFolder': later('models.addFolder'),
    'models.removeFolder': later('models.removeFolder'),
    'models.setToken': later('models.setToken'),
    'models.removeToken': later('models.removeToken'),
  };
}

const nothing = <T>(result: Result<T>): Result<Record<string, never>> => (result.ok ? ok({}) : result);

/** Whose models are meant where only a name is known. */
const usualOwner = 'mlx-community';

const othersModel = problem('not-our-model', modelWords.belongsToOtherApp, modelWords.usedAsItIs);
const originUnknown = problem('model-origin-unknown', modelWords.originUnknown, modelWords.renameOrDownload);
const isHalfHere = problem('model-half-here', modelWords.isHalfHere, modelWords.resumeOrCancel);
const otherName = (folderName: string, repo: string) =>
  problem(
    'model-folder-name',
    modelWords.folderHasOtherName(shownName(folderName), repo, folderNameOf(repo)),
    modelWords.renameInFinder,
  );
const alreadyHere = (repo: string, folder: string) =>
  problem('model-already-here', modelWords.alreadyHere(repo, folder), modelWords.usedFromThere);
const notAFolder = problem('not-a-folder', modelWords.notAFolder, commonWords.chooseAnother);
const folderKnown = (folder: string) => problem('folder-known', modelWords.folderKnown(folder));
const folderUnknown = problem('folder-unknown', modelWords.folderUnknown);
const folderInUse = (tiers: readonly string[]) =>
  problem('model-in-use', modelWords.folderInUse(tiers), modelWords.chooseAnotherModelThere);
