import { expect, it } from 'vitest';
import { noRoom } from '../../../src-main/models/job.ts';

it('Disk space for a download is said as the Finder counts it, in thousands', () => {
  expect(noRoom(18_240_000_000, 340_000_000).message).toBe(
    'The download needs 18.2 GB of free disk space, and there are 340 MB.',
  );
});
