/**
 * `dialog.showMessageBox`: drawn on the menu-bar page, or answered by the control channel. `dialog.showSaveDialog` and
 * `dialog.showOpenDialog`: answered by the control channel in advance, otherwise cancelled.
 */
import { recordLimit } from './recorder.ts';
import { strict } from './strict.ts';

export interface MessageBox {
  readonly number: number;
  readonly type: string;
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly string[];
  readonly defaultId: number;
  readonly cancelId: number;
  readonly checkboxLabel: string;
  readonly checkboxChecked: boolean;
  /** Index of the chosen button; `null` while it waits. */
  answer: number | null;
}

const boxes: MessageBox[] = [];
const waiting = new Map<number, (value: Electron.MessageBoxReturnValue) => void>();
let onChange = () => {};

export const allMessageBoxes = (): readonly MessageBox[] => [...boxes];
export const openMessageBox = (): MessageBox | null => boxes.find((box) => box.answer === null) ?? null;
export function onMessageBoxesChanged(listener: () => void): void {
  onChange = listener;
}

export function answerMessageBox(number: number, response: number, checkboxChecked?: boolean): boolean {
  const box = boxes.find((each) => each.number === number);
  const resolve = waiting.get(number);
  if (box === undefined || resolve === undefined) return false;
  if (response < 0 || response >= Math.max(1, box.buttons.length)) throw new Error(`no button ${response}`);
  box.answer = response;
  waiting.delete(number);
  resolve({ response, checkboxChecked: checkboxChecked ?? box.checkboxChecked });
  onChange();
  return true;
}

let lastNumber = 0;

function showMessageBox(
  first: Electron.BaseWindow | Electron.MessageBoxOptions,
  second?: Electron.MessageBoxOptions,
): Promise<Electron.MessageBoxReturnValue> {
  const options = second ?? ('message' in first ? first : { message: '' });
  const buttons = options.buttons ?? ['OK'];
  const box: MessageBox = {
    number: ++lastNumber,
    type: options.type ?? 'none',
    message: options.message,
    detail: options.detail ?? '',
    buttons,
    defaultId: options.defaultId ?? 0,
    cancelId:
      options.cancelId ??
      Math.max(
        0,
        buttons.findIndex((label) => /^(cancel|no)$/i.test(label)),
      ),
    checkboxLabel: options.checkboxLabel ?? '',
    checkboxChecked: options.checkboxChecked ?? false,
    answer: null,
  };
  boxes.push(box);
  if (boxes.length > recordLimit) boxes.shift();
  return new Promise((resolve) => {
    waiting.set(box.number, resolve);
    options.signal?.addEventListener('abort', () => answerMessageBox(box.number, box.cancelId));
    onChange();
  });
}

/** Where the user will save what is asked for next. */
let savePath: string | null = null;
let lastSuggestion = '';
export const suggestedSavePath = (): string => lastSuggestion;
export function chooseSavePath(path: string | null): void {
  savePath = path;
}

async function showSaveDialog(
  first: Electron.BaseWindow | Electron.SaveDialogOptions,
  second?: Electron.SaveDialogOptions,
): Promise<Electron.SaveDialogReturnValue> {
  const options = second ?? ('defaultPath' in first ? first : {});
  lastSuggestion = options.defaultPath ?? '';
  const filePath = savePath ?? '';
  savePath = null;
  return { canceled: filePath === '', filePath };
}

/** What the user will choose when asked next. */
let openPaths: readonly string[] = [];
let lastOpenDialog: {
  readonly message: string;
  readonly defaultPath: string;
  readonly properties: string[];
} | null = null;
export const shownOpenDialog = () => lastOpenDialog;
export function chooseOpenPaths(paths: readonly string[]): void {
  openPaths = paths;
}

async function showOpenDialog(
  first: Electron.BaseWindow | Electron.OpenDialogOptions,
  second?: Electron.OpenDialogOptions,
): Promise<Electron.OpenDialogReturnValue> {
  const options = second ?? ('properties' in first ? first : {});
  lastOpenDialog = {
    message: options.message ?? '',
    defaultPath: options.defaultPath ?? '',
    properties: options.properties ?? ['openFile'],
  };
  const filePaths = [...openPaths];
  openPaths = [];
  return { canceled: filePaths.length === 0, filePaths };
}

export const dialog = strict('dialog', {
  showMessageBox,
  showSaveDialog,
  showOpenDialog,
  showErrorBox: (title: string, content: string) => {
    void showMessageBox({ type: 'error', message: title, detail: content });
  },
} satisfies Pick<Electron.Dialog, 'showMessageBox' | 'showErrorBox' | 'showSaveDialog' | 'showOpenDialog'>);
