/** Says in words why the system refused a file operation. */
import { type Problem, problem } from '../contract/result.ts';
import { commonWords, fileWords } from '../words/index.ts';

export type FileAction = 'read' | 'written' | 'checked' | 'moved' | 'deleted';

/** The system's error code, such as `ENOENT`, or `null` when the value is no system error. */
export function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** The error as a problem; anything that is no system error is a bug and is thrown on. */
export function systemProblem(error: unknown, name: string, action: FileAction): Problem {
  const code = errnoOf(error);
  switch (code) {
    case null:
      throw error;
    case 'ENOSPC':
    case 'EDQUOT':
      return problem('disk-full', fileWords.diskFull(name, action), commonWords.freeSpace);
    case 'EROFS':
      return problem('read-only-disk', fileWords.diskReadOnly(name, action), fileWords.moveToWritableDisk);
    case 'EACCES':
    case 'EPERM':
      return problem('no-permission', fileWords.accessDenied(name, action), fileWords.giveYourselfAccess);
    case 'ELOOP':
    case 'EMLINK':
      return linkProblem(name);
    case 'EMFILE':
    case 'ENFILE':
      return problem('too-many-open-files', fileWords.tooManyOpen(name, action), fileWords.quitOtherApps);
    case 'ENAMETOOLONG':
      return problem('name-too-long', fileWords.pathTooLong(name, action), fileWords.chooseShorterPath);
    case 'ENOTDIR':
    case 'EISDIR':
      return problem('wrong-file-type', fileWords.pathNotAsItShould(name, action), fileWords.moveItAway);
    default:
      return problem('file-error', fileWords.systemReports(name, action, code), fileWords.checkDisk);
  }
}

export function linkProblem(name: string): Problem {
  return problem('symbolic-link', fileWords.isLink(name), fileWords.putRealOne);
}

export function foreignProblem(name: string): Problem {
  return problem('not-yours', commonWords.belongsToAnother(name), fileWords.makeItYours);
}

export function wrongTypeProblem(name: string, wanted: 'file' | 'folder'): Problem {
  return problem('wrong-file-type', fileWords.notRegular(name, wanted), fileWords.moveItAway);
}

export function tooLargeProblem(name: string, maxBytes: number): Problem {
  const limit =
    maxBytes >= 1024 ? fileWords.kilobytes(Math.floor(maxBytes / 1024)) : fileWords.bytes(maxBytes);
  return problem('file-too-large', fileWords.largerThan(name, limit), fileWords.cannotBeWhatItClaims);
}
