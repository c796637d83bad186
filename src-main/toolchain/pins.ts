/** What an installation brings and what must never run: the shipped `engines.yaml`. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { type EngineName, engineNames } from '../contract/engines.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { errnoOf } from '../files/file-problems.ts';
import { parseYamlMapping } from '../files/yaml-text.ts';
import type { FoundExecutable, Objection } from '../stack/executables.ts';
import { toolchainWords } from '../words/index.ts';
import { versionsOf } from './site-packages.ts';
import { compareVersions, maxVersionLength, normalName, parseVersion } from './versions.ts';

/** Folders are called after it. */
const version = z
  .string()
  .regex(/^\d/)
  .refine((text) => parseVersion(text) !== null);
const packageName = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);

const pinSchema = z.strictObject({
  version,
  extras: z.array(packageName),
  /** Free disk space below which it is not begun. */
  'needs-gb': z.number().positive(),
});
const pinsSchema = z.strictObject({
  schema: z.literal(1),
  python: z.string().regex(/^3\.\d{1,2}$/),
  'exclude-newer': z.iso.datetime(),
  engines: z.strictObject({ 'vllm-mlx': pinSchema, litellm: pinSchema }),
  denied: z.array(
    z.union([
      z.strictObject({ package: packageName, version, reason: z.string() }),
      z.strictObject({ package: packageName, below: version, reason: z.string() }),
    ]),
  ),
});
export type Pins = z.infer<typeof pinsSchema>;

export async function loadPins(file: string): Promise<Result<Pins>> {
  try {
    return parsePins(await readFile(file, 'utf8'));
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return fail(damaged(toolchainWords.pinsMissing));
  }
}

export function parsePins(text: string): Result<Pins> {
  const mapping = parseYamlMapping(text, 'engines.yaml');
  if (!mapping.ok) return fail(damaged(mapping.error[0]?.problem.message ?? toolchainWords.pinsNotYaml));
  const parsed = pinsSchema.safeParse(mapping.value.value);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
    return fail(damaged(toolchainWords.pinsUnexpected(where)));
  }
  const denied = engineNames.find((name) => whyDenied(parsed.data, name, parsed.data.engines[name].version));
  return denied === undefined ? ok(parsed.data) : fail(damaged(toolchainWords.pinsDenied(denied)));
}

const damaged = (message: string): Problem =>
  problem('pins-unreadable', message, toolchainWords.installAppAgain);

/** As pip and uv read it: `litellm[proxy]==1.109.0`. */
export function requirementOf(name: EngineName, pins: Pins): string {
  const { extras, version: pinned } = pins.engines[name];
  return `${name}${extras.length === 0 ? '' : `[${extras.join(',')}]`}==${pinned}`;
}

/**
 * Why this version must not run, or `null`. A version of a listed package that cannot be read is denied too: what it
 * hides is not known.
 */
export function whyDenied(pins: Pins, name: string, found: string): string | null {
  const rules = pins.denied.filter((rule) => rule.package === normalName(name));
  const parsed = parseVersion(found);
  for (const rule of rules) {
    if (parsed === null) return toolchainWords.versionUnreadable;
    const limit = parseVersion('version' in rule ? rule.version : rule.below);
    if (limit === null) continue;
    const isDenied =
      'version' in rule
        ? compareVersions({ ...parsed, local: [] }, limit) === 0
        : compareVersions(parsed, limit) < 0;
    if (isDenied) return rule.reason;
  }
  return null;
}

/**
 * For the finder of programs: why this one must not run, by the files beside it. To ask it would be to run it, so one that
 * does not show its version is refused where there are releases that must not run. Without the list only what was compared
 * with its lock is left, in `engines`. What was found by chance has met no lock at all: it waits for the user's choice.
 */
export const createVet =
  (pins: Result<Pins>, engines: string) =>
  async (name: EngineName, file: string, foundIn: FoundExecutable['foundIn']): Promise<Objection | null> => {
    if (!pins.ok) {
      const isOurs = path.resolve(file).startsWith(engines + path.sep);
      return isOurs ? null : never(toolchainWords.cannotBeCompared);
    }
    const versions = await versionsOf(file, name);
    if (versions.length === 0 && pins.value.denied.some((rule) => rule.package === name))
      return never(toolchainWords.showsNoRelease(name));
    for (const version of versions) {
      const reason = whyDenied(pins.value, name, version);
      if (reason !== null) return never(toolchainWords.mustNotRunAs(name, cut(version), reason));
    }
    if (foundIn === 'engines' || foundIn === 'config') return null;
    return { reason: whyNotChosen(name, versions, pins.value.engines[name].version), mayChoose: true };
  };

const never = (reason: string): Objection => ({ reason, mayChoose: false });
const cut = (version: string) => version.slice(0, maxVersionLength);

function whyNotChosen(name: EngineName, versions: readonly string[], pinned: string): string {
  const [version, ...more] = versions;
  if (version === undefined || more.length > 0) return toolchainWords.showsNoVersion(name, pinned);
  return version === pinned
    ? toolchainWords.notInstalledByApp(name, pinned)
    : toolchainWords.isOtherVersion(name, cut(version), pinned);
}
