/** A file system of its own, really full after so many bytes, and really read-only when it is made so. */
import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './rig.ts';

export const whyNoSmallDisk = 'only root may mount, on Linux';

/** Its folder, until the test is over; `null` where the machine does not allow it. */
export function smallDisk(bytes: number): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const folder = temporaryFolder('mlx-stack-small-');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

export function remount(disk: string, how: 'ro' | 'rw' | `size=${number}`): void {
  execFileSync('mount', ['-o', `remount,${how}`, disk]);
}
