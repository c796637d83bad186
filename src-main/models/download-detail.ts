/** What a download is doing, in a few words. Pure. */
import type { Download, DownloadState } from '../contract/models.ts';
import { assertNever, type Problem } from '../contract/result.ts';
import { modelWords } from '../words/index.ts';

export function detailOf(state: DownloadState, problem: Problem | null): string {
  switch (state) {
    case 'queued':
      return modelWords.waitsForTurn;
    case 'preparing':
      return modelWords.asksForFiles;
    case 'downloading':
      return modelWords.downloading;
    case 'verifying':
      return modelWords.checkingFiles;
    case 'paused':
      return modelWords.paused;
    case 'waiting':
      return waitingFor(problem);
    case 'failed':
      return modelWords.notDownloaded;
    case 'done':
      return modelWords.downloadedAndChecked;
    default:
      return assertNever(state, 'detailOf');
  }
}

function waitingFor(problem: Problem | null): string {
  switch (problem?.code) {
    case 'hub-offline':
      return modelWords.waitsForNetwork;
    case 'hub-rate-limited':
      return modelWords.waitsAsAsked;
    default:
      return modelWords.triesAgainSoon;
  }
}

/** What is the same for a person: then there is nothing to tell. */
export function looksTheSame(a: Download, b: Download): boolean {
  return (
    a.state === b.state &&
    a.detail === b.detail &&
    a.problem?.code === b.problem?.code &&
    a.totalBytes === b.totalBytes
  );
}
