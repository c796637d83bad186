/** Whether the menu-bar icon can be seen: macOS 26 lets the user hide it, and a full menu bar or the notch pushes it away. Pure. */

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** macOS lays an icon out a moment after it is made. */
export const iconSettleMs = 3_000;

/** A hidden icon has no size, or lies outside every display (seen at a y of the display's whole height). */
export function isIconHidden(icon: Area, displays: readonly Area[]): boolean {
  if (icon.width <= 0 || icon.height <= 0) return true;
  const x = icon.x + icon.width / 2;
  const y = icon.y + icon.height / 2;
  return !displays.some(
    (display) =>
      x >= display.x && x < display.x + display.width && y >= display.y && y < display.y + display.height,
  );
}
