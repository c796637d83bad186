/** Says in words why the system refused a file operation. */
import { type Problem, problem } from '../contract/result.ts';

export type FileAction = 'read' | 'written' | 'checked' | 'moved' | 'deleted';

/** The system's error code, such as `ENOENT`, or `null` when the value is no system error. */
export function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** The error as a problem; anything that is no system error is a bug and is thrown on. */
export function systemProblem(error: unknown, name: string, action: FileAction): Problem {
  const code = errnoOf(error);
  const failed = `${name} could not be ${action}`;
  switch (code) {
    case null:
      throw error;
    case 'ENOSPC':
    case 'EDQUOT':
      return problem('disk-full', `${failed}: the disk is full.`, 'Free some space, then try again.');
    case 'EROFS':
      return problem(
        'read-only-disk',
        `${failed}: the disk is read-only.`,
        'Move the data folder to a writable disk.',
      );
    case 'EACCES':
    case 'EPERM':
      return problem(
        'no-permission',
        `${failed}: the system denies access to it or to its folder.`,
        'In the Finder, choose Get Info and give yourself Read & Write.',
      );
    case 'ELOOP':
    case 'EMLINK':
      return linkProblem(name);
    case 'EMFILE':
    case 'ENFILE':
      return problem(
        'too-many-open-files',
        `${failed}: too many files are open.`,
        'Quit other apps, then try again.',
      );
    case 'ENAMETOOLONG':
      return problem(
        'name-too-long',
        `${failed}: its path is too long.`,
        'Choose a data folder with a shorter path.',
      );
    case 'ENOTDIR':
    case 'EISDIR':
      return problem(
        'wrong-file-type',
        `${failed}: something in its path is not what it should be, a file or a folder.`,
        'Move it away.',
      );
    default:
      return problem(
        'file-error',
        `${failed}: the system reports ${code}.`,
        'Check the disk with Disk Utility.',
      );
  }
}

export function linkProblem(name: string): Problem {
  return problem(
    'symbolic-link',
    `${name} is a symbolic link. MLX Stack never reads or writes through links in its data folder.`,
    'Put the real file or folder in its place.',
  );
}

export function foreignProblem(name: string): Problem {
  return problem(
    'not-yours',
    `${name} belongs to another user.`,
    'Remove it, or make it yours with “sudo chown $USER” in Terminal.',
  );
}

export function wrongTypeProblem(name: string, wanted: 'file' | 'folder'): Problem {
  return problem('wrong-file-type', `${name} is not a regular ${wanted}.`, 'Move it away.');
}

export function tooLargeProblem(name: string, maxBytes: number): Problem {
  const limit = maxBytes >= 1024 ? `${Math.floor(maxBytes / 1024)} KB` : `${maxBytes} bytes`;
  return problem(
    'file-too-large',
    `${name} is larger than ${limit}.`,
    'It cannot be what it claims to be: move it away.',
  );
}
