/** An app that only opens windows with one word in them: what a window takes in the stand-in before the real app adds anything. */
import path from 'node:path';
import { app, BrowserWindow, Menu, nativeImage, protocol, Tray } from 'electron';

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Empty</title><body>empty</body></html>`;
const html = { 'Content-Type': 'text/html; charset=utf-8' };
const icons = path.resolve(import.meta.dirname, '../../assets/tray');

protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);

function open(): void {
  const window = new BrowserWindow({
    width: 900,
    height: 620,
    show: false,
    webPreferences: { sandbox: true },
  });
  window.once('ready-to-show', () => window.show());
  window.loadURL('app://ui/index.html').catch((cause: unknown) => console.error(cause));
}

app.on('window-all-closed', () => {});
await app.whenReady();
protocol.handle('app', () => new Response(page, { headers: html }));
const tray = new Tray(nativeImage.createFromPath(path.join(icons, 'stack-off-Template.png')));
tray.setContextMenu(Menu.buildFromTemplate([{ id: 'open', label: 'Open', click: open }]));
process.once('SIGTERM', () => app.exit(0));
