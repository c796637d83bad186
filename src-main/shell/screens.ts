/** The screens there are now. */
import { screen } from 'electron';
import type { Area } from './icon-place.ts';
import { reachablePlace } from './window-place.ts';

export function reachableOnScreen(saved: Area | null): Area | null {
  if (saved === null) return null;
  return reachablePlace(
    saved,
    screen.getAllDisplays().map((display) => display.workArea),
  );
}
