/** Lints `.github/workflows` with GitHub's own parser, and with what it cannot know: pinned actions and scripts that exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

/** A tag can be moved by whoever gets hold of the action's repository; a commit cannot. */
const pinned = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;

const stepSchema = z.looseObject({ uses: z.string().optional(), run: z.string().optional() });
const workflowSchema = z.looseObject({
  jobs: z.record(z.string(), z.looseObject({ steps: z.array(stepSchema).optional() })),
});
const manifestSchema = z.object({ scripts: z.record(z.string(), z.string()) });

/** The package is made for bundlers: it imports its schema without the attribute that Node demands. */
async function loadParser() {
  const hooks = registerHooks({
    load: (url, context, next) =>
      /\/@actions\/workflow-parser\/.*\.json$/.test(url)
        ? next(url, { ...context, importAttributes: { type: 'json' } })
        : next(url, context),
  });
  try {
    return await import('@actions/workflow-parser');
  } finally {
    hooks.deregister();
  }
}

export async function checkWorkflow(name: string, text: string, root: string): Promise<string[]> {
  const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await loadParser();
  const parsed = parseWorkflow({ name, content: text }, new NoOperationTraceWriter());
  if (parsed.value !== undefined) await convertWorkflowTemplate(parsed.context, parsed.value);
  const invalid = parsed.context.errors.getErrors().map(({ message }) => message);
  if (invalid.length > 0) return [...new Set(invalid)];
  const { jobs } = workflowSchema.parse(parse(text));
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
  return [
    ...steps.flatMap(({ uses }) => unpinned(name, uses)),
    ...steps.flatMap(({ run }) => missing(name, run ?? '', root)),
  ];
}

function unpinned(name: string, uses: string | undefined): string[] {
  if (uses === undefined || uses.startsWith('./') || pinned.test(uses)) return [];
  return [`${name}: ${uses} is not pinned to a commit`];
}

/** A script or file that was renamed would be noticed on the runner only. */
function missing(name: string, run: string, root: string): string[] {
  const { scripts } = manifestSchema.parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));
  const named = [...run.matchAll(/\bnpm run (?:--?\w+ )*([\w:-]+)/g)].map((match) => match[1] ?? '');
  const files = [...run.matchAll(/(?<![\w./-])((?:test|assets|\.ci)\/[\w./-]+)/g)].map(
    (match) => match[1] ?? '',
  );
  return [
    ...named
      .filter((script) => !(script in scripts))
      .map((script) => `${name}: there is no script ${script}`),
    ...files
      .filter((file) => !existsSync(path.join(root, file)))
      .map((file) => `${name}: there is no ${file}`),
  ];
}

export async function checkWorkflows(root: string): Promise<string[]> {
  const folder = path.join(root, '.github/workflows');
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  const checked = names.map((name) =>
    checkWorkflow(`.github/workflows/${name}`, readFileSync(path.join(folder, name), 'utf8'), root),
  );
  return (await Promise.all(checked)).flat();
}
