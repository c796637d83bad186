/** Which files of `test/e2e` run in real Electron, too, and why the others do not. */

/** Set to run them there. */
export const inElectronVariable = 'MLX_STACK_E2E_IN_ELECTRON';

export const filesInElectron = [
  'cloud-view',
  'engines-settings',
  'logs-view',
  'setup-flow',
  'setup-uv',
  'tray-menu',
  'window-cage',
  'window-overview',
] as const;

const ownPage = 'drives a page with a made-up app behind it in Chromium: there is no Electron in it';
const nativeKeys = 'presses shortcuts of the native menu (⌘,), which keys sent by Playwright do not reach';

export const filesLeftOut = {
  'cloud-canary': 'needs a Secret Service, and Linux’s view of the memory of processes',
  'cloud-sign-in': 'turns the app’s clock by NODE_OPTIONS, which Playwright takes from Electron',
  'keep-focus': ownPage,
  keyboard: `${nativeKeys}, and opens the menu in the stand-in’s menu bar`,
  'keyboard-steps': ownPage,
  'menu-notices': 'photographs the menu that the stand-in draws, and lets macOS have no notifications at all',
  'menu-pictures': 'photographs menus that the stand-in draws',
  'preview-command': 'is about `npm run preview`, which runs on the stand-in',
  'real-control': 'is about the control of real Electron itself, beside the stand-in’s',
  'stand-in-only':
    'photographs the stand-in’s menu, pretends other senders, and reads the first icon, which Electron does not tell',
  'window-look': ownPage,
  'window-models': ownPage,
  'window-pictures': ownPage,
  'window-renderer': ownPage,
  'window-settings': `${nativeKeys}, and starts as an installed app does, for start at login`,
  'window-setup': ownPage,
} as const satisfies Readonly<Record<string, string>>;
