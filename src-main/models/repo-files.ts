/** Which files of a repository are fetched, and where they may go: every path of the list is taken for hostile. Pure. */
import * as z from 'zod';
import { hubProblems } from '../catalogue/hub-problems.ts';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import { catalogueWords, modelWords } from '../words/index.ts';

export interface RepoFile {
  /** With `/` between its parts; safe to join to a folder. */
  readonly path: string;
  readonly sizeBytes: number;
  /** What its content must have: of a large file the SHA-256, of any other git's own hash. */
  readonly hash: FileHash;
}

export interface FileHash {
  readonly kind: 'sha256' | 'git-sha1';
  /** Lower case. */
  readonly hex: string;
}

export const maxModelFiles = 2_000;
/** Several times the largest model that any Mac could hold. */
const maxModelBytes = 4 * 1024 ** 4;
export const maxPathBytes = 255;
const maxPathDepth = 4;

const sizeSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const rowSchema = z.looseObject({ type: z.string(), path: z.string() });
const fileRowSchema = z.looseObject({
  oid: z.string(),
  size: sizeSchema,
  lfs: z.looseObject({ oid: z.string(), size: sizeSchema }).nullish(),
});

/** One page of the tree API, any size of which is bounded before it comes here. */
export const treePageSchema = z.array(rowSchema);
export type TreeRow = z.infer<typeof rowSchema>;

/**
 * As vllm-mlx fetches them itself, but for programs (`.py`): no engine needs them unless it is told to trust them, and
 * mlx-lm runs one that the config names (CVE-2026-5843). The weights of other formats are left out as well.
 */
const wantedNames: readonly RegExp[] = [
  /\.json$/,
  /^model.*\.safetensors$/,
  /\.model$/,
  /\.tiktoken$/,
  /\.txt$/,
  /\.jsonl$/,
  /\.jinja$/,
];

export function chooseFiles(rows: readonly TreeRow[]): Result<readonly RepoFile[]> {
  const files: RepoFile[] = [];
  for (const row of rows) {
    if (row.type !== 'file' || !isWanted(row.path)) continue;
    if (!isSafePath(row.path)) return fail(hostileNames);
    const file = readRow(row);
    if (file === null) return fail(hubProblems.badAnswer);
    files.push(file);
    if (files.length > maxModelFiles) return fail(hubProblems.tooManyFiles);
  }
  if (haveClashes(files)) return fail(hostileNames);
  if (totalBytes(files) > maxModelBytes) return fail(tooLarge);
  return isModel(files) ? ok(inOrder(files)) : fail(hubProblems.noWeights);
}

export const totalBytes = (files: readonly RepoFile[]): number =>
  files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** A hidden file is the repository's own business, unless its first part is one of the two that lead elsewhere. */
export function isWanted(path: string): boolean {
  const parts = path.split('/');
  const isHidden = parts.some((part) => part.startsWith('.') && part !== '.' && part !== '..');
  const name = parts.at(-1) ?? '';
  /** Weights in a folder of their own are the same model in another form. */
  if (name.endsWith('.safetensors') && parts.length > 1 && isSafePath(path)) return false;
  return !isHidden && wantedNames.some((pattern) => pattern.test(name));
}

/** Plain names only: no way up or out, no end of a text, nothing that a shell, the Finder or another system reads anew. */
const partPattern = /^[A-Za-z0-9_][A-Za-z0-9 ._+=@,()-]*$/;
const deviceNames = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

export function isSafePath(path: string): boolean {
  const parts = path.split('/');
  return (
    path.length <= maxPathBytes &&
    parts.length <= maxPathDepth &&
    parts.every((part) => partPattern.test(part) && !/[ .]$/.test(part) && !deviceNames.test(part))
  );
}

function readRow(row: TreeRow): RepoFile | null {
  const checked = fileRowSchema.safeParse(row);
  if (!checked.success) return null;
  const { oid, size, lfs } = checked.data;
  if (lfs === undefined || lfs === null) {
    return /^[0-9a-f]{40}$/.test(oid)
      ? { path: row.path, sizeBytes: size, hash: { kind: 'git-sha1', hex: oid } }
      : null;
  }
  return /^[0-9a-f]{64}$/.test(lfs.oid)
    ? { path: row.path, sizeBytes: lfs.size, hash: { kind: 'sha256', hex: lfs.oid } }
    : null;
}

/** The disk of a Mac takes `A.json` and `a.json` for one file, and no file can be a folder as well. */
function haveClashes(files: readonly RepoFile[]): boolean {
  const names = new Set<string>();
  for (const { path } of files) {
    const name = path.toLowerCase();
    if (names.has(name)) return true;
    names.add(name);
  }
  return [...names].some((name) => foldersOf(name).some((folder) => names.has(folder)));
}

/** `a/b/c` has `a` and `a/b`. */
export function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

const isModel = (files: readonly RepoFile[]): boolean =>
  files.some(({ path }) => path === 'config.json') &&
  files.some(({ path, sizeBytes }) => /^model[^/]*\.safetensors$/.test(path) && sizeBytes > 0);

/** The small ones first: what is wrong with a model shows early. */
const inOrder = (files: readonly RepoFile[]): RepoFile[] =>
  files.toSorted((a, b) => Number(isLarge(a)) - Number(isLarge(b)) || (a.path < b.path ? -1 : 1));
const isLarge = ({ hash }: RepoFile) => hash.kind === 'sha256';

const hostileNames = problem('hub-hostile-names', modelWords.harmfulNames, catalogueWords.lookAtMlxCommunity);
const tooLarge = problem('hub-too-large', modelWords.farTooLarge);
