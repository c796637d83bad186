/** What must hold before a process may be started; each failure names its remedy. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../contract/status.ts';
import { namesModel } from '../stack/engine-flags.ts';
import { engineMissing, engineNotChosen, engineOf } from '../stack/engine-missing.ts';
import { codeWishOf } from '../stack/model-folder.ts';
import type { ServiceSpec } from '../stack/spec.ts';
import { supervisorWords } from '../words/index.ts';
import type { RunTool } from './child.ts';
import {
  executableMissing,
  modelRunsCode,
  modelUnchecked,
  namedModelUnchecked,
  portBusy,
} from './failures.ts';
import { findPortHolder, isPortFree } from './ports.ts';

export interface PreflightOptions {
  readonly run: RunTool;
  readonly nowMs: () => number;
  /** Whether a previous launch of the same service is still being ended and may hold the port. */
  readonly previousMayHoldPort: () => boolean;
  readonly checkModel: (folder: string, source: string, atMs: number) => Promise<Failure | null>;
}

const portPollMs = 20;

/** `null`: nothing speaks against starting it. */
export async function preflight(spec: ServiceSpec, options: PreflightOptions): Promise<Failure | null> {
  if ('missing' in spec.executable) {
    const { code, message, hint } = spec.executable.missing;
    const isFound = code === engineNotChosen;
    const installs = isFound || code === engineMissing ? engineOf(spec.kind) : null;
    return executableMissing(options.nowMs(), message, hint ?? supervisorWords.setItsPath, {
      installs,
      isFound,
    });
  }
  const [unmet, busy] = await Promise.all([checkRequirements(spec, options), checkPort(spec.port, options)]);
  return unmet ?? busy;
}

/** All are looked at together, since after a crash each turn of the disk is waited for; the first that is unmet is told. */
async function checkRequirements(spec: ServiceSpec, options: PreflightOptions): Promise<Failure | null> {
  const found = await Promise.all([
    ...spec.requirements.map((requirement) => checkRequirement(requirement, options)),
    ...(spec.kind === 'tier' ? [checkNamedFolders(spec, options.nowMs())] : []),
  ]);
  return firstOf(found);
}

const firstOf = (found: readonly (Failure | null)[]): Failure | null =>
  found.find((failure) => failure !== null) ?? null;

async function checkRequirement(
  requirement: ServiceSpec['requirements'][number],
  { checkModel, nowMs }: PreflightOptions,
): Promise<Failure | null> {
  switch (requirement.kind) {
    case 'executable': {
      if (await isExecutableFile(requirement.path)) return null;
      const message = supervisorWords.notAProgram(requirement.path);
      return executableMissing(nowMs(), message, supervisorWords.correctItsPath);
    }
    case 'model-folder':
      return await checkModel(requirement.path, requirement.source, nowMs());
  }
}

/** A name of the hub: the engine would load what lies in the cache of the Hugging Face tools under it. */
const hubName = /^[\w.-]+\/[\w.-]+$/;

/** A second model that an option names, for drafts or embeddings, is loaded as the first is. */
async function checkNamedFolders(spec: ServiceSpec, atMs: number): Promise<Failure | null> {
  const { args, cwd, requirements } = spec;
  const required = new Set(requirements.flatMap((one) => (one.kind === 'model-folder' ? [one.path] : [])));
  const named = namedValues(args).filter(({ value }) => !required.has(value));
  return firstOf(await Promise.all(named.map((one) => checkNamedFolder(one, cwd, atMs))));
}

async function checkNamedFolder(
  { option, value }: NamedValue,
  cwd: string,
  atMs: number,
): Promise<Failure | null> {
  const folder = path.resolve(cwd, value);
  const wish = await codeWishOf(folder);
  if (wish === 'wanted') return modelRunsCode(atMs, folder);
  if (wish === 'unknown') return modelUnchecked(atMs, folder);
  if (option === null) return null;
  const isModel = namesModel(option.slice(2));
  const isFolder = path.isAbsolute(value) && wish === 'none';
  const isLeftOpen = isModel ? !isFolder : hubName.test(value);
  return isLeftOpen ? namedModelUnchecked(atMs, option, value) : null;
}

interface NamedValue {
  readonly option: string | null;
  readonly value: string;
}

/** As argparse reads them; an option without a value has none that could name a model. */
function namedValues(args: readonly string[]): readonly NamedValue[] {
  return args.flatMap((argument, index): NamedValue[] => {
    const before = args[index - 1];
    if (argument.startsWith('--')) {
      const [option = '', ...value] = argument.split('=');
      return value.length === 0 ? [] : [{ option, value: value.join('=') }];
    }
    const option = before?.startsWith('--') && !before.includes('=') ? before : null;
    return [{ option, value: argument }];
  });
}

async function isExecutableFile(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function checkPort(port: number, options: PreflightOptions): Promise<Failure | null> {
  for (;;) {
    const mayBeOurs = options.previousMayHoldPort();
    if (await isPortFree(port)) return null;
    if (!mayBeOurs) return portBusy(options.nowMs(), port, await findPortHolder(port, options.run));
    await sleep(portPollMs);
  }
}
