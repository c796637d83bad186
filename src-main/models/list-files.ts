/** What there is to download: the present commit of a repository, and its files with sizes and hashes. */
import * as z from 'zod';
import { maxRevisionBytes, maxTreeBytes, maxTreePages, parseText } from '../catalogue/details.ts';
import type { Hub } from '../catalogue/hub.ts';
import { hubProblems } from '../catalogue/hub-problems.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { chooseFiles, type RepoFile, type TreeRow, treePageSchema } from './repo-files.ts';

const revisionSchema = z.looseObject({ sha: z.string().regex(/^[0-9a-f]{40}$/) });

export interface FileList {
  readonly commit: string;
  readonly files: readonly RepoFile[];
}

export async function listFiles(hub: Hub, repo: string): Promise<Result<FileList>> {
  const revision = await hub.get(`/api/models/${repo}/revision/main`, maxRevisionBytes);
  if (!revision.ok) return revision;
  const found = parseText(revision.value.text, revisionSchema);
  if (!found.ok) return found;
  const commit = found.value.sha;
  const rows: TreeRow[] = [];
  let path: string | null = `/api/models/${repo}/tree/${commit}?recursive=true`;
  for (let page = 0; path !== null; page += 1) {
    if (page >= maxTreePages) return fail(hubProblems.tooManyFiles);
    const answer = await hub.get(path, maxTreeBytes);
    if (!answer.ok) return answer;
    const listed = parseText(answer.value.text, treePageSchema);
    if (!listed.ok) return listed;
    for (const row of listed.value) rows.push(row);
    path = answer.value.nextPath;
  }
  const files = chooseFiles(rows);
  return files.ok ? ok({ commit, files: files.value }) : files;
}
