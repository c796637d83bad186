/** What the user wants to run, per service: kept in desired.json, so that it survives relaunch and reboot. */
import * as z from 'zod';
import { ok, type Problem, type Result } from '../contract/result.ts';
import { readJson, writeJson } from '../files/json-files.ts';
import type { HomeFiles } from '../files/types.ts';
import { tierNamePattern } from './stack-file.ts';

export type Desired = 'on' | 'off';

const maxDesiredBytes = 16 * 1024;
/** Tiers that left the stack keep their entry until there are more than this. */
export const maxDesiredServices = 128;

const desiredSchema = z.strictObject({
  version: z.literal(1),
  services: z
    .record(z.string().regex(tierNamePattern), z.enum(['on', 'off']))
    .refine((services) => Object.keys(services).length <= maxDesiredServices),
});

export interface DesiredStore {
  /** Reads the file. A bad one leaves everything off, and is kept as `desired.json.bad` at the next change. */
  load(): Promise<Problem | null>;
  /** `off` when nothing was ever said. */
  get(id: string): Desired;
  all(): ReadonlyMap<string, Desired>;
  /** In force at once, also when it cannot be saved: the user's stop holds on a full disk too. */
  set(changes: Readonly<Record<string, Desired>>): Promise<Result<void>>;
}

export function createDesiredStore(options: { files: HomeFiles; file: string }): DesiredStore {
  const { files, file } = options;
  let services = new Map<string, Desired>();
  let fileIsBad = false;
  let settingAside: Promise<Result<void>> | null = null;

  async function load(): Promise<Problem | null> {
    const read = await readJson(files, file, desiredSchema, maxDesiredBytes);
    fileIsBad = read.kind === 'refused';
    services = new Map(read.kind === 'value' ? Object.entries(read.value.services) : []);
    return read.kind === 'refused' ? read.problem : null;
  }

  async function keepBadFile(): Promise<Result<void>> {
    if (!fileIsBad) return ok(undefined);
    settingAside ??= files.setAside(file);
    const aside = await settingAside;
    settingAside = null;
    if (aside.ok) fileIsBad = false;
    return aside;
  }

  async function set(changes: Readonly<Record<string, Desired>>): Promise<Result<void>> {
    for (const [id, desired] of Object.entries(changes)) {
      services.delete(id);
      services.set(id, desired);
    }
    for (const oldest of services.keys()) {
      if (services.size <= maxDesiredServices) break;
      services.delete(oldest);
    }
    const kept = await keepBadFile();
    if (!kept.ok) return kept;
    return writeJson(files, file, { version: 1, services: Object.fromEntries(services) });
  }

  return { load, get: (id) => services.get(id) ?? 'off', all: () => services, set };
}
