/** `nativeTheme`: light or dark as the control channel says, or as the app overrides it. */
import { StrictEmitter } from './strict.ts';

type ThemeSource = Electron.NativeTheme['themeSource'];

class NativeThemeStandIn
  extends StrictEmitter
  implements Pick<Electron.NativeTheme, 'shouldUseDarkColors' | 'shouldUseHighContrastColors' | 'themeSource'>
{
  readonly shouldUseHighContrastColors = false;
  #systemIsDark = false;
  #source: ThemeSource = 'system';

  get shouldUseDarkColors(): boolean {
    return this.#source === 'system' ? this.#systemIsDark : this.#source === 'dark';
  }
  get themeSource(): ThemeSource {
    return this.#source;
  }
  set themeSource(source: ThemeSource) {
    this.#source = source;
    this.emit('updated');
  }
  get systemIsDark(): boolean {
    return this.#systemIsDark;
  }
  /** What the user does in System Settings. */
  setSystemDark(dark: boolean): void {
    this.#systemIsDark = dark;
    this.emit('updated');
  }
}

export const nativeTheme = new NativeThemeStandIn('nativeTheme');
