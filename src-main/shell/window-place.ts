/** Where the window was left, kept in home; used again only where it can still be reached. Pure but for the file. */
import * as z from 'zod';
import { readJson, writeJson } from '../files/json-files.ts';
import type { HomeFiles } from '../files/types.ts';
import type { Area } from './icon-place.ts';

const coordinate = z.number().int().min(-100_000).max(100_000);
const length = z.number().int().min(1).max(100_000);
const placeSchema = z.strictObject({
  version: z.literal(1),
  x: coordinate,
  y: coordinate,
  width: length,
  height: length,
});
const maxPlaceBytes = 4 * 1024;

/** So much of the title bar must be on a screen that the window can be dragged by it. */
const grip = { width: 120, height: 24 } as const;
export const minSize = { width: 720, height: 480 } as const;

/** The saved place on today's screens: as it was, made smaller to fit, or `null` when it cannot be reached any more. */
export function reachablePlace(saved: Area, workAreas: readonly Area[]): Area | null {
  const area = workAreas.find((each) => {
    const left = Math.max(saved.x, each.x);
    const right = Math.min(saved.x + saved.width, each.x + each.width);
    const gripInside = saved.y >= each.y - grip.height / 2 && saved.y + grip.height <= each.y + each.height;
    return right - left >= grip.width && gripInside;
  });
  if (area === undefined) return null;
  return {
    x: saved.x,
    y: Math.max(saved.y, area.y),
    width: Math.max(minSize.width, Math.min(saved.width, area.width)),
    height: Math.max(minSize.height, Math.min(saved.height, area.height)),
  };
}

export interface WindowPlaceStore {
  /** The last one known; `null` before `load` or when there is none. */
  last(): Area | null;
  load(): Promise<void>;
  save(place: Area): void;
  /** Resolves when what was saved is written: the app may end then. */
  settle(): Promise<void>;
}

/** A place that cannot be read or written is no loss worth a word. */
export function createWindowPlaceStore({
  files,
  file,
}: {
  files: HomeFiles;
  file: string;
}): WindowPlaceStore {
  let last: Area | null = null;
  let written: Promise<unknown> = Promise.resolve();
  return {
    last: () => last,
    async load() {
      const read = await readJson(files, file, placeSchema, maxPlaceBytes);
      if (read.kind !== 'value' || last !== null) return;
      const { version: _version, ...place } = read.value;
      last = place;
    },
    save(place) {
      const { x, y, width, height } = place;
      last = { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
      written = Promise.all([written, writeJson(files, file, { version: 1, ...last })]);
    },
    async settle() {
      await written;
    },
  };
}
