/** `npm test`: prepares what the tests need, runs every project, and ends with `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ensureChromium, ensureSystemTools, sentenceOf } from './chromium.ts';
import { reportVariable, testReportSchema } from './test-reporter.ts';
import { type RunOutcome, summarise } from './test-summary.ts';

const root = path.resolve(import.meta.dirname, '../..');
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
const reporter = path.join(root, 'test/tools/test-reporter.ts');
const cores = os.availableParallelism();

/**
 * First what computes: a worker for each core. Then what has processes, windows included, in one queue: it waits more
 * than it computes, so one more of them runs than there are cores; more would only make each wait longer.
 */
const runs = [
  { projects: ['unit'], workers: cores },
  { projects: ['integration', 'e2e'], workers: Math.min(4, cores + 1) },
] as const;

async function main(args: readonly string[]): Promise<number> {
  const tools = ensureSystemTools();
  if (!tools.ok) return refuse(sentenceOf(tools.error));
  const chromium = ensureChromium({ headed: false });
  if (!chromium.ok) return refuse(sentenceOf(chromium.error));

  const reports = await mkdtemp(path.join(os.tmpdir(), 'mlx-stack-test-'));
  const outcomes: RunOutcome[] = [];
  try {
    for (const { projects, workers } of runs) {
      const concerned = projects.filter((name) => concerns(name, args));
      if (concerned.length === 0) continue;
      const file = path.join(reports, `${concerned[0]}.json`);
      const names = concerned.map((name) => `--project=${name}`);
      const exitCode = await run(['run', ...names, `--maxWorkers=${workers}`, '--passWithNoTests', ...args], {
        CHROMIUM: chromium.value,
        [reportVariable]: file,
      });
      outcomes.push({ exitCode, report: await readReport(file) });
    }
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
  const { lines, exitCode } = summarise(outcomes, isCi());
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return exitCode;
}

const isCi = () => process.env['CI'] !== undefined && !['', '0', 'false'].includes(process.env['CI']);

/** `npm test -- test/unit` need not start the other projects. */
function concerns(project: string, args: readonly string[]): boolean {
  const folders = args.flatMap(
    (arg) => /^(?:\.\/)?test\/(unit|integration|e2e)(?:\/|$)/.exec(arg)?.[1] ?? [],
  );
  return folders.length === 0 || folders.includes(project);
}

async function run(args: readonly string[], env: Record<string, string>): Promise<number | null> {
  const child = spawn(process.execPath, [vitest, ...args, '--reporter=default', `--reporter=${reporter}`], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', stop).on('SIGTERM', stop);
  await once(child, 'exit');
  process.off('SIGINT', stop).off('SIGTERM', stop);
  return child.exitCode;
}

async function readReport(file: string): Promise<RunOutcome['report']> {
  try {
    return testReportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

function refuse(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
