/** `systemPreferences`: the few that a menu-bar app asks for. */
import { StrictEmitter } from './strict.ts';

class SystemPreferencesStandIn
  extends StrictEmitter
  implements
    Pick<Electron.SystemPreferences, 'getAnimationSettings' | 'getAccentColor' | 'getEffectiveAppearance'>
{
  getAnimationSettings(): Electron.AnimationSettings {
    return {
      prefersReducedMotion: false,
      scrollAnimationsEnabledBySystem: true,
      shouldRenderRichAnimation: true,
    };
  }
  getAccentColor(): string {
    return '007affff';
  }
  getEffectiveAppearance(): 'dark' | 'light' | 'unknown' {
    return 'light';
  }
}

export const systemPreferences = new SystemPreferencesStandIn('systemPreferences');
