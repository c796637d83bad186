/** The states of a download in words. Pure. */
import type { Download, DownloadState } from '../contract/models.ts';
import { assertNever, type Problem } from '../contract/result.ts';

export function detailOf(state: DownloadState, problem: Problem | null): string {
  switch (state) {
    case 'queued':
      return 'Waits for its turn';
    case 'preparing':
      return 'Asks for the list of files';
    case 'downloading':
      return 'Downloading';
    case 'verifying':
      return 'Checking the files';
    case 'paused':
      return 'Paused';
    case 'waiting':
      return waitingFor(problem);
    case 'failed':
      return 'Not downloaded';
    case 'done':
      return 'Downloaded and checked';
    default:
      return assertNever(state, 'The words of a download');
  }
}

function waitingFor(problem: Problem | null): string {
  switch (problem?.code) {
    case 'hub-offline':
      return 'Waits for the network';
    case 'hub-rate-limited':
      return 'Waits as Hugging Face asks';
    default:
      return 'Tries again in a moment';
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
