/** `screen`: one built-in Retina display, as wide as a 14-inch MacBook Pro. */
import { StrictEmitter } from './strict.ts';
import { asElectron } from './types.ts';

export const displaySize = { width: 1512, height: 982 };
export const menuBarHeight = 33;
export const displayScaleFactor = 2;

const display = asElectron<Electron.Display>({
  id: 1,
  label: 'Built-in Retina Display',
  internal: true,
  scaleFactor: displayScaleFactor,
  rotation: 0,
  bounds: { x: 0, y: 0, ...displaySize },
  size: displaySize,
  workArea: { x: 0, y: menuBarHeight, width: displaySize.width, height: displaySize.height - menuBarHeight },
  workAreaSize: { width: displaySize.width, height: displaySize.height - menuBarHeight },
});

type ScreenMembers = 'getPrimaryDisplay' | 'getAllDisplays' | 'getDisplayMatching' | 'getDisplayNearestPoint';

class ScreenStandIn extends StrictEmitter implements Pick<Electron.Screen, ScreenMembers> {
  getPrimaryDisplay(): Electron.Display {
    return display;
  }
  getAllDisplays(): Electron.Display[] {
    return [display];
  }
  getDisplayMatching(): Electron.Display {
    return display;
  }
  getDisplayNearestPoint(): Electron.Display {
    return display;
  }
}

export const screen = new ScreenStandIn('screen');
