/** Another content for a file that the app watches: whole at once, as editors do it, since half of it would be in force for a moment. */
import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The home is a folder of its own in the one for temporary files: beside it nobody looks. */
export function replaceFile(home: string, file: string, content: string | Buffer): void {
  const next = path.join(path.dirname(home), `${randomUUID()}.next`);
  writeFileSync(next, content, { mode: 0o600 });
  renameSync(next, file);
}
