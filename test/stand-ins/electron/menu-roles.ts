/** Menu roles: what macOS calls them, their shortcuts, and what they do here. */
import { app } from './app.ts';
import { editCommand } from './edit-commands.ts';

type ItemOptions = Electron.MenuItemConstructorOptions;
type RoleName = NonNullable<ItemOptions['role']>;

interface Role {
  readonly label: (appName: string) => string;
  readonly accelerator?: string;
  readonly perform?: (window: Electron.BaseWindow | undefined) => void;
  readonly submenu?: (appName: string) => ItemOptions[];
}

const nothing = () => {};

export const roles: { readonly [Name in RoleName]?: Role } = {
  about: { label: (name) => `About ${name}`, perform: () => app.showAboutPanel() },
  services: { label: () => 'Services', submenu: () => [] },
  hide: { label: (name) => `Hide ${name}`, accelerator: 'Command+H', perform: () => app.hide() },
  hideOthers: { label: () => 'Hide Others', accelerator: 'Command+Alt+H', perform: nothing },
  unhide: { label: () => 'Show All', perform: nothing },
  quit: { label: (name) => `Quit ${name}`, accelerator: 'Command+Q', perform: () => app.quit() },
  close: { label: () => 'Close Window', accelerator: 'Command+W', perform: (window) => window?.close() },
  minimize: { label: () => 'Minimize', accelerator: 'Command+M', perform: (window) => window?.minimize() },
  zoom: { label: () => 'Zoom', perform: nothing },
  front: { label: () => 'Bring All to Front', perform: nothing },
  help: { label: () => 'Help', submenu: () => [] },
  undo: { label: () => 'Undo', accelerator: 'Command+Z', perform: editCommand('undo') },
  redo: { label: () => 'Redo', accelerator: 'Shift+Command+Z', perform: editCommand('redo') },
  cut: { label: () => 'Cut', accelerator: 'Command+X', perform: editCommand('cut') },
  copy: { label: () => 'Copy', accelerator: 'Command+C', perform: editCommand('copy') },
  paste: { label: () => 'Paste', accelerator: 'Command+V', perform: editCommand('paste') },
  pasteAndMatchStyle: {
    label: () => 'Paste and Match Style',
    accelerator: 'Command+Alt+Shift+V',
    perform: editCommand('paste'),
  },
  delete: { label: () => 'Delete', perform: editCommand('delete') },
  selectAll: { label: () => 'Select All', accelerator: 'Command+A', perform: editCommand('selectAll') },
  reload: { label: () => 'Reload', accelerator: 'Command+R', perform: nothing },
  resetZoom: { label: () => 'Actual Size', accelerator: 'Command+0', perform: nothing },
  zoomIn: { label: () => 'Zoom In', accelerator: 'Command+Plus', perform: nothing },
  zoomOut: { label: () => 'Zoom Out', accelerator: 'Command+-', perform: nothing },
  togglefullscreen: {
    label: () => 'Toggle Full Screen',
    accelerator: 'Control+Command+F',
    perform: nothing,
  },
  appMenu: {
    label: (name) => name,
    submenu: () => [
      { role: 'about' },
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  },
  fileMenu: { label: () => 'File', submenu: () => [{ role: 'close' }] },
  editMenu: {
    label: () => 'Edit',
    submenu: () => [
      { role: 'undo' },
      { role: 'redo' },
      { type: 'separator' },
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'pasteAndMatchStyle' },
      { role: 'delete' },
      { role: 'selectAll' },
    ],
  },
  windowMenu: {
    label: () => 'Window',
    submenu: () => [
      { role: 'minimize' },
      { role: 'zoom' },
      { type: 'separator' },
      { role: 'front' },
      { type: 'separator' },
      { role: 'close' },
    ],
  },
};

/** Templates know a few roles more than items say of themselves. */
export function isRoleName(role: RoleName): role is RoleName & NonNullable<Electron.MenuItem['role']> {
  return Object.hasOwn(roles, role);
}
