/** The native questions that the app asks. */
import path from 'node:path';
import { app, dialog } from 'electron';
import { shellWords } from '../words/index.ts';
import type { Question } from './quit-question.ts';

/** The index of the pressed button. An app without a Dock icon does not come to the front by itself. */
export async function ask({ message, detail, buttons, defaultId, cancelId }: Question): Promise<number> {
  app.focus({ steal: true });
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message,
    detail,
    buttons: [...buttons],
    defaultId,
    cancelId,
  });
  return response;
}

/** Where a file is to go, or `null`. macOS itself asks before it replaces one. */
export async function askWhereToSave(suggestedName: string): Promise<string | null> {
  app.focus({ steal: true });
  const { canceled, filePath } = await dialog.showSaveDialog({
    defaultPath: path.join(app.getPath('downloads'), suggestedName),
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  });
  return canceled || filePath === '' ? null : filePath;
}

/** What is to be chosen, and where the dialog opens. */
export interface PathQuestion {
  readonly kind: 'folder' | 'file';
  /** Above the list, as macOS shows no title. */
  readonly message: string;
  readonly startAt: string;
}

/** The absolute path of an existing folder or file, or `null`. Hidden ones are shown: programs of uv and models lie in such. */
export async function askForPath({ kind, message, startAt }: PathQuestion): Promise<string | null> {
  app.focus({ steal: true });
  const { canceled, filePaths } = await dialog.showOpenDialog({
    message,
    buttonLabel: shellWords.choose,
    defaultPath: startAt,
    properties:
      kind === 'folder'
        ? ['openDirectory', 'createDirectory', 'showHiddenFiles']
        : ['openFile', 'showHiddenFiles'],
  });
  return canceled ? null : (filePaths[0] ?? null);
}
