/** The one native question that the app asks. */
import { app, dialog } from 'electron';
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
