/** Opens one of the app's own places in the Finder or the user's editor; the caller names it, never a path. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { shell } from 'electron';
import type { CommandInput } from '../contract/commands.ts';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import type { Paths } from '../paths.ts';
import { shellWords } from '../words/index.ts';

export type Place = CommandInput<'place.open'>['place'];

const placePaths: Record<Place, (paths: Paths) => string> = {
  home: (paths) => paths.home,
  config: (paths) => paths.config,
  stack: (paths) => paths.stack,
  logs: (paths) => paths.logs,
  models: (paths) => paths.models,
};

/** A file that is not there yet opens as the nearest folder above it, but never above home. */
export async function openPlace(place: Place, paths: Paths): Promise<Result<Record<string, never>>> {
  let target = placePaths[place](paths);
  while (target !== paths.home && !(await exists(target))) target = path.dirname(target);
  /** The settings name this one: to open a folder that is a bundle would be to start a program. */
  if (place === 'models') {
    shell.showItemInFolder(target);
    return ok({});
  }
  const refusal = await shell.openPath(target);
  if (refusal === '') return ok({});
  /** `openPath` fails for a file type without an app; the Finder can always show it. */
  if (await exists(target)) {
    shell.showItemInFolder(target);
    return ok({});
  }
  return fail(problem('place-missing', shellWords.cannotBeOpened(target), shellWords.startAgainForFolders));
}

/** For files that the app itself knows; the window never names one. */
export const revealFile = (file: string): void => shell.showItemInFolder(file);

async function exists(target: string): Promise<boolean> {
  return stat(target).then(
    () => true,
    () => false,
  );
}
