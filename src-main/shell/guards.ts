/** What a page may never do: get a permission, navigate, open a window, embed a webview, or open a link of its own. */
import { app, session, shell, type WebContents } from 'electron';
import { hubAddress, isRepoId } from '../catalogue/repo-id.ts';
import { isSignInUrl } from '../cloud/sign-in.ts';
import type { CommandInput } from '../contract/commands.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import { commonWords, shellWords } from '../words/index.ts';
import { indexUrl } from './assets.ts';

export type ExternalLink = CommandInput<'link.open'>['link'];

/** With the page of a model the only addresses that this app ever opens in the browser, named by id. */
export const externalLinks = {
  'openrouter-keys': 'https://openrouter.ai/settings/keys',
  'openrouter-credits': 'https://openrouter.ai/settings/credits',
} as const satisfies Record<Extract<ExternalLink, string>, string>;

/** A repository's name is made of letters, digits and a few signs: it cannot lead to another place or carry a question. */
function modelPage(repo: string): string {
  if (!isRepoId(repo)) throw new Error('Refused: this is no name of a repository.');
  return `${hubAddress}/${repo}`;
}

/** macOS may find no program for an address. */
async function openOutside(address: string, otherwise: Problem): Promise<Result<Record<string, never>>> {
  try {
    await shell.openExternal(address);
    return ok({});
  } catch {
    return fail(otherwise);
  }
}

const noBrowser = problem('no-browser', commonWords.noBrowser, shellWords.setDefaultBrowser);

export async function openExternalLink(link: ExternalLink): Promise<Result<Record<string, never>>> {
  return openOutside(typeof link === 'string' ? externalLinks[link] : modelPage(link.modelRepo), noBrowser);
}

/** Panes of System Settings, opened the same way. The menu bar's is that of the Control Centre, as macOS calls it inside. */
const systemSettings = {
  'login-items': 'x-apple.systempreferences:com.apple.LoginItems-Settings.extension',
  'menu-bar': 'x-apple.systempreferences:com.apple.ControlCenter-Settings.extension',
} as const;

const noSystemSettings = problem(
  'system-settings-not-opened',
  shellWords.noSystemSettings,
  shellWords.openSystemSettingsYourself,
);

export const openSystemSettings = (
  pane: keyof typeof systemSettings,
): Promise<Result<Record<string, never>>> => openOutside(systemSettings[pane], noSystemSettings);

/** The one address with parts that are made at run time: the page on which OpenRouter asks for consent. */
export async function openSignInPage(url: string, origin: string): Promise<void> {
  if (!isSignInUrl(url, origin)) throw new Error('Refused: this is not the sign-in page.');
  await shell.openExternal(url);
}

export interface GuardOptions {
  /** Told what was refused, for the log. */
  readonly log: (message: string) => void;
}

/** After `ready`, before any window. */
export function installGuards({ log }: GuardOptions): void {
  denyPermissions(session.defaultSession);
  app.on('web-contents-created', (_event, contents) => guard(contents, log));
}

/** Electron grants by default. */
function denyPermissions(target: Electron.Session): void {
  target.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
}

function guard(contents: WebContents, log: (message: string) => void): void {
  const refuse = (what: string) => (event: { preventDefault(): void; readonly url?: string }) => {
    /** A reload of the one page is not a way out. */
    if (event.url === indexUrl) return;
    event.preventDefault();
    log(`Refused: the page tried ${what}.`);
  };
  contents.on('will-navigate', refuse('to navigate'));
  contents.on('will-frame-navigate', refuse('to navigate a frame'));
  contents.on('will-redirect', refuse('to redirect'));
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
    log('Refused: the page tried to embed a webview.');
  });
  contents.setWindowOpenHandler(() => {
    log('Refused: the page tried to open a window.');
    return { action: 'deny' };
  });
}
