/** Changes of a stack file that leave comments, unknown keys and everything else as they are. Pure: text in, text out. */
import { fail, ok, problem, type Result } from '../contract/result.ts';
import {
  appendYamlItem,
  removeYamlValue,
  setYamlValue,
  type YamlItem,
  type YamlScalar,
} from '../files/yaml-edit.ts';
import { parseYamlMapping, type YamlMapping, type YamlPath } from '../files/yaml-text.ts';
import { optionName } from '../stack/engine-flags.ts';
import { modelFields, type NewTier, parserFlags, tierFields } from '../stack/new-stack.ts';
import { firstProblem, maxTiers, parseStack, stackFileName, unknownTier } from '../stack/stack-file.ts';
import type { Stack } from '../stack/stack-types.ts';
import { setupWords } from '../words/index.ts';
import { tierNameProblem } from './tier-names.ts';

export type NewModel = Omit<NewTier, 'name' | 'port'>;

/** At the end of the stack. */
export function addTier(text: string, tier: NewTier): Result<string> {
  return changed(text, (stack) => {
    const wrong = tierNameProblem(
      tier.name,
      stack.tiers.map(({ name }) => name),
    );
    if (wrong !== null) return fail(wrong);
    if (stack.tiers.length >= maxTiers) return fail(tooMany);
    return ok([(mapping) => appendYamlItem(mapping, ['tiers'], tierFields(tier))]);
  });
}

export function removeTier(text: string, name: string): Result<string> {
  return changed(text, (stack) => {
    const index = indexOf(stack, name);
    if (!index.ok) return index;
    if (stack.tiers.length === 1) return fail(lastTier);
    return ok([(mapping) => removeYamlValue(mapping, ['tiers', index.value])]);
  });
}

export function renameTier(text: string, name: string, newName: string): Result<string> {
  return changed(text, (stack) => {
    const index = indexOf(stack, name);
    if (!index.ok) return index;
    if (newName === name) return ok([]);
    const wrong = tierNameProblem(
      newName,
      stack.tiers.map((tier) => tier.name),
    );
    return wrong === null ? ok([set(['tiers', index.value, 'name'], newName)]) : fail(wrong);
  });
}

/** Another model in the same place; of the same model, another context only. */
export function swapModel(text: string, name: string, model: NewModel): Result<string> {
  return changed(text, (stack) => {
    const index = indexOf(stack, name);
    if (!index.ok) return index;
    const at = (...rest: string[]): YamlPath => ['tiers', index.value, ...rest];
    const context = set(at('context'), model.contextTokens);
    const tier = stack.tiers[index.value];
    if (tier?.source === model.source) return ok(tier.context === model.contextTokens ? [] : [context]);
    const fields = modelFields(model);
    return ok([
      ...Object.entries(fields).map(([key, value]) => set(at(key), value)),
      ...(model.displayName === null ? [remove(at('display_name'))] : []),
      context,
      (mapping) => setParsers(mapping, at('vllm_flags'), parserFlags(model)),
    ]);
  });
}

type Step = (mapping: YamlMapping) => Result<string>;

const set =
  (path: YamlPath, value: YamlScalar | YamlItem): Step =>
  (mapping) =>
    setYamlValue(mapping, path, value);
const remove =
  (path: YamlPath): Step =>
  (mapping) =>
    removeYamlValue(mapping, path);

/** One edit after the other; what comes of them must be a stack. */
function changed(text: string, plan: (stack: Stack) => Result<readonly Step[]>): Result<string> {
  const before = parseStack(text);
  if (!before.ok) return fail(firstProblem(before.error));
  const steps = plan(before.value.stack);
  if (!steps.ok) return steps;
  let present = text;
  for (const step of steps.value) {
    const next = applied(present, step);
    if (!next.ok) return next;
    present = next.value;
  }
  const after = parseStack(present);
  return after.ok ? ok(present) : fail(firstProblem(after.error));
}

function applied(text: string, step: Step): Result<string> {
  const mapping = parseYamlMapping(text, stackFileName);
  return mapping.ok ? step(mapping.value) : fail(firstProblem(mapping.error));
}

const ofParsers: ReadonlySet<string> = new Set([
  'enable-auto-tool-choice',
  'tool-call-parser',
  'reasoning-parser',
]);

/** Those of the old model go, in whichever spelling; all other options stay. */
function setParsers(
  mapping: YamlMapping,
  path: YamlPath,
  parsers: Readonly<Record<string, YamlScalar>>,
): Result<string> {
  const flags = flagsAt(mapping, path);
  const wanted = Object.keys(parsers);
  if (flags === null) return wanted.length === 0 ? ok(mapping.text) : setYamlValue(mapping, path, parsers);
  const stale = flags.filter((key) => ofParsers.has(optionName(key)) && !wanted.includes(key));
  const isEmptyThen = wanted.length === 0 && stale.length === flags.length;
  const steps: Step[] = isEmptyThen
    ? [remove(path)]
    : [
        ...Object.entries(parsers).map(([key, value]) => set([...path, key], value)),
        ...stale.map((key) => remove([...path, key])),
      ];
  let text = mapping.text;
  for (const step of steps) {
    const next = applied(text, step);
    if (!next.ok) return next;
    text = next.value;
  }
  return ok(text);
}

/** The names of the options as they are written; `null` where there are none. */
function flagsAt(mapping: YamlMapping, path: YamlPath): string[] | null {
  const found = path.reduce<unknown>(
    (held, part) => (typeof held === 'object' && held !== null ? Reflect.get(held, part) : undefined),
    mapping.value,
  );
  return typeof found === 'object' && found !== null ? Object.keys(found) : null;
}

function indexOf(stack: Stack, name: string): Result<number> {
  const index = stack.tiers.findIndex((tier) => tier.name === name);
  return index === -1 ? fail(unknownTier(stack, name)) : ok(index);
}

const lastTier = problem('last-tier', setupWords.onlyModel, setupWords.addAnotherFirst);
const tooMany = problem('too-many-tiers', setupWords.tooManyTiers(maxTiers), setupWords.removeOneFirst);
