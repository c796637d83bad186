/** The flags of `npm run bench`, and how many rounds each row takes. An unknown flag is refused with a sentence. */
import { parseArgs } from 'node:util';
import { fail, ok, type Problem, problem, type Result } from '../../src-main/contract/result.ts';

export const rowIds = [
  'restart',
  'hang',
  'app-kill',
  'idle',
  'memory',
  'parallel-start',
  'flood',
  'log-view',
  'relay',
  'model-download',
  'quit',
  'first-paint',
  'renderer-size',
] as const;
export type RowId = (typeof rowIds)[number];

export interface Rounds {
  readonly restart: number;
  readonly appKill: number;
  readonly parallelStart: number;
  readonly quit: number;
  readonly firstPaint: number;
  /** How long nothing happens while CPU time is counted. */
  readonly idleSeconds: number;
}

export interface BenchOptions {
  readonly rows: readonly RowId[];
  readonly rounds: Rounds;
  readonly quick: boolean;
}

const full: Rounds = {
  restart: 40,
  appKill: 6,
  parallelStart: 3,
  quit: 5,
  firstPaint: 10,
  idleSeconds: 60,
};
/** Shows that everything works; its figures decide nothing. */
const quick: Rounds = {
  restart: 3,
  appKill: 2,
  parallelStart: 1,
  quit: 1,
  firstPaint: 2,
  idleSeconds: 10,
};
const maxRounds = 1000;

export const usage = `npm run bench -- [flags]
  --rows a,b    only these: ${rowIds.join(', ')}
  --rounds N    rounds of each repeated row (default: ${full.restart} restarts, ${full.quit} quits, …)
  --quick       as few rounds as show that it works`;

const isRowId = (name: string): name is RowId => rowIds.some((known) => known === name);
const refuse = (message: string) => fail(problem('bad-flag', message, usage));

export function parseBenchOptions(args: readonly string[]): Result<BenchOptions, Problem> {
  let values: { rows?: string; rounds?: string; quick?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { rows: { type: 'string' }, rounds: { type: 'string' }, quick: { type: 'boolean' } },
      strict: true,
      allowPositionals: false,
    }));
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  const names = values.rows?.split(',').map((name) => name.trim()) ?? [...rowIds];
  const unknown = names.find((name) => !isRowId(name));
  if (unknown !== undefined) return refuse(`There is no row “${unknown}”.`);
  const base = values.quick ? quick : full;
  if (values.rounds === undefined) {
    return ok({ rows: names.filter(isRowId), rounds: base, quick: values.quick ?? false });
  }
  const count = Number(values.rounds);
  if (!Number.isInteger(count) || count < 1 || count > maxRounds) {
    return refuse(`--rounds takes a whole number from 1 to ${maxRounds}.`);
  }
  const rounds = { restart: count, appKill: count, parallelStart: count, quit: count, firstPaint: count };
  return ok({ rows: names.filter(isRowId), rounds: { ...base, ...rounds }, quick: values.quick ?? false });
}
