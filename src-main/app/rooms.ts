/** The rooms of phase two that need more than a line to be made. */

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { chooseHub } from '../catalogue/hub.ts';
import { createCloudControl } from '../cloud/cloud-control.ts';
import type { LocalModel } from '../cloud/fallback.ts';
import { chooseUpstream } from '../cloud/upstream-choice.ts';
import { createUsage } from '../cloud/usage.ts';
import type { Config } from '../config/config-keys.ts';
import type { ConfigStore } from '../config/config-store.ts';
import {
  type AffectedService,
  createSettingsControl,
  type ProgramKey,
  type SettingsControl,
} from '../config/settings-control.ts';
import type { createHomeFiles } from '../files/home-files.ts';
import { createModels, type Models } from '../models/room.ts';
import { createKeysControl } from '../secrets/keys-control.ts';
import { askForPath } from '../shell/dialogs.ts';
import { openSignInPage } from '../shell/guards.ts';
import { appFolder, isPackaged } from '../shell/lifecycle.ts';
import { revealFile } from '../shell/places.ts';
import type { EngineName, ExecutableFinder } from '../stack/executables.ts';
import type { StackStore } from '../stack/stack-store.ts';
import { type AlertKind, type Alerts, createAlerts } from '../status/alerts.ts';
import type { ServiceView } from '../supervisor/supervisor.ts';
import { appWords, shellWords } from '../words/index.ts';
import type { Parts, Shell } from './parts.ts';

/** Alerts of the kinds the user wants told, while no window shows the same. */
export function createWantedAlerts(
  config: ConfigStore,
  show: Shell['alert'],
  isWindowOpen: () => boolean,
): Alerts {
  const wanted: Readonly<Record<AlertKind, (present: Config) => boolean>> = {
    failure: (present) => present.notifyFailures,
    recovery: (present) => present.notifyRecovery,
    disk: (present) => present.notifyDisk,
  };
  return createAlerts({
    show,
    isWanted: (kind) => !isWindowOpen() && wanted[kind](config.state().value.config),
    now: Date.now,
  });
}

interface CloudParts {
  readonly files: ReturnType<typeof createHomeFiles>;
  readonly config: ConfigStore;
  readonly announceCloud: Shell['announceCloud'];
  readonly localModels: () => readonly LocalModel[];
  /** The gateway may have to be started anew. */
  readonly refreshStack: () => void;
}

/** Keys, relay and figures. What the Keychain refuses costs the cloud, never the local models. */
export function createCloud(
  parts: Parts,
  { files, config, announceCloud, localModels, refreshStack }: CloudParts,
) {
  const { secrets, gatewayKey, registerSecret, note, status, appLog } = parts;
  const { upstream, problem: refused } = chooseUpstream(process.env, isPackaged());
  if (refused !== null) note(refused);
  const cloud = createCloudControl({
    config,
    secrets,
    usage: createUsage({ files, file: parts.paths.usage, onProblem: note }),
    upstream,
    registerSecret,
    localModels,
    openInBrowser: (url) => openSignInPage(url, upstream.origin),
    publish: (present) => status.update({ cloud: present }),
    onFactsChange: refreshStack,
    notify: announceCloud,
    note,
    log: (line) => appLog.info(line),
  });
  const keys = createKeysControl({
    secrets,
    gatewayKey,
    config,
    registerSecret,
    note,
    onChange() {
      cloud.refresh();
      refreshStack();
    },
  });
  return { cloud, keys };
}

/** What is on disk, to be had and downloaded. */
export function createModelRoom(
  { paths, status, secrets, registerSecret, note, appLog }: Parts,
  deps: Pick<
    Parameters<typeof createModels>[0],
    'files' | 'config' | 'stack' | 'hardware' | 'userHome' | 'running' | 'onModelsChanged'
  >,
): Models {
  const { address, problem: refused } = chooseHub(process.env, isPackaged());
  if (refused !== null) note(refused);
  return createModels({
    ...deps,
    paths,
    status,
    secrets,
    registerSecret,
    note,
    onBug: (error) => appLog.error('A download ended unexpectedly', error),
    hubAddress: address,
    fetch,
    catalogueFolder: path.join(appFolder(), 'assets', 'catalogue'),
    hasherFile: path.join(appFolder(), 'dist', 'hasher', 'hasher.cjs'),
    env: process.env,
    askForFolder: () =>
      askForPath({
        kind: 'folder',
        message: appWords.chooseModelFolder,
        startAt: deps.userHome,
      }),
    reveal: revealFile,
  });
}

export function modelInUse({ spec, machine }: ServiceView): { name: string; folder: string }[] {
  if (machine.launchId === null) return [];
  return spec.requirements.flatMap((required) =>
    required.kind === 'model-folder' ? [{ name: spec.id, folder: required.path }] : [],
  );
}

export function localModelOf({ spec, machine }: ServiceView): LocalModel[] {
  if (spec.kind !== 'tier') return [];
  const { state, desired, readySince } = machine;
  const readyForMs = readySince === null ? null : performance.now() - readySince.monotonicMs;
  return [{ state, desired, readyForMs }];
}

const engineOf = { 'vllm-mlx-path': 'vllm-mlx', 'litellm-path': 'litellm' } as const satisfies Record<
  Exclude<ProgramKey, 'uv-path'>,
  EngineName
>;

/** Settings of config.yaml, with what each of them restarts. */
export function createSettings(
  { paths }: Parts,
  {
    stack,
    executables,
    ...deps
  }: Pick<
    Parameters<typeof createSettingsControl>[0],
    'config' | 'userHome' | 'refresh' | 'services' | 'publish'
  > & { readonly stack: StackStore; readonly executables: ExecutableFinder },
): SettingsControl {
  return createSettingsControl({
    ...deps,
    home: paths.home,
    file: paths.config,
    tiers: () => stack.state().value?.stack.tiers ?? [],
    isFolder: async (folder) => (await stat(folder).catch(() => null))?.isDirectory() ?? false,
    async checkProgram(key, file) {
      const found =
        key === 'uv-path'
          ? await executables.findTool('uv', [], file)
          : await executables.find(engineOf[key], file);
      return 'missing' in found ? found.missing : null;
    },
    choosePath: ({ key, kind, startAt }) => askForPath({ kind, message: shellWords.dialog[key], startAt }),
  });
}

export const affectedService = ({ spec, machine }: ServiceView): AffectedService => ({
  id: spec.id,
  name: spec.name,
  fingerprint: spec.fingerprint,
  isRunning: machine.launchId !== null,
});
