/** The control channel of real Electron: what is of the app is asked of the desk, what is of its pages is heard by Playwright. */
import type { BrowserContext, Page } from 'playwright-core';
import { symbolsOf } from '../stand-ins/electron/accelerators.ts';
import {
  type MenuRow,
  type OperationInput,
  type OperationName,
  type OperationOutput,
  operations,
} from '../stand-ins/electron/control-protocol.ts';
import { type Control, parseOutput } from '../tools/app-process.ts';
import { type DeskOperation, isDeskOperation } from './real-desk.ts';

export interface RealControlOptions {
  /** Asks the desk in the app's main process. */
  readonly ask: (name: DeskOperation, input: unknown) => Promise<unknown>;
  readonly context: BrowserContext;
  /** Whether the address is one of the window's own. */
  readonly isWindow: (url: string) => boolean;
}

export function createRealControl({ ask, context, isWindow }: RealControlOptions): Control {
  const pageErrors: OperationOutput<'pageErrors.read'> = [];
  const failed: OperationOutput<'blocked.read'> = [];
  context.on('weberror', (told) => {
    const error = told.error();
    pageErrors.push({ kind: 'uncaught', text: error.stack ?? error.message });
  });
  context.on('console', (message) => {
    if (message.type() === 'error') pageErrors.push({ kind: 'console', text: message.text() });
  });
  // Navigations are the desk's to tell.
  context.on('requestfailed', (request) => {
    const url = request.url();
    if (!request.isNavigationRequest() && !isWindow(url)) failed.push({ kind: 'request', url });
  });

  async function answer(name: OperationName, input: unknown): Promise<unknown> {
    switch (name) {
      case 'pageErrors.read':
        return pageErrors;
      case 'blocked.read':
        return [...operations[name].output.parse(await ask(name, {})), ...failed];
      case 'tray.read': {
        const tray = operations[name].output.parse(await ask(name, {}));
        return tray === null ? null : { ...tray, rows: tray.rows.map(withSymbols) };
      }
      case 'ipc.invoke':
        return invoke(
          context.pages().find((page) => isWindow(page.url())),
          operations[name].input.parse(input),
        );
      default:
        if (!isDeskOperation(name)) throw new Error(`“${name}” cannot be done in real Electron`);
        return ask(name, operations[name].input.parse(input));
    }
  }

  return async (name, input) => parseOutput(name, await answer(name, input));
}

/** As macOS writes them. */
const withSymbols = (row: MenuRow): MenuRow => ({
  ...row,
  shortcut: row.shortcut === '' ? '' : symbolsOf(row.shortcut),
  children: row.children.map(withSymbols),
});

/** By the page's own bridge: who sends cannot be pretended there. */
async function invoke(
  page: Page | undefined,
  { args, sender }: OperationInput<'ipc.invoke'>,
): Promise<OperationOutput<'ipc.invoke'>> {
  if (sender !== undefined)
    throw new Error('“ipc.invoke” from another sender cannot be done in real Electron');
  if (page === undefined) throw new Error('there is no window to send from');
  return page.evaluate(async (sent) => {
    const bridge = Object(Reflect.get(globalThis, 'mlxStack'));
    try {
      const value: unknown = await Reflect.apply(Reflect.get(bridge, 'call'), bridge, sent);
      return { ok: true as const, value };
    } catch (error) {
      return { ok: false as const, error: String(error) };
    }
  }, args);
}
