import { describe, expect, it } from 'vitest';
import { isIconHidden } from '../../../src-main/shell/icon-place.ts';

const macBook = { x: 0, y: 0, width: 1512, height: 982 };
const above = { x: -200, y: -1080, width: 1920, height: 1080 };
const icon = { x: 1212, y: 0, width: 24, height: 33 };

describe('the menu-bar icon', () => {
  it.each([
    ['in the menu bar', icon, [macBook], false],
    ['in the menu bar of a display above', { ...icon, x: 300, y: -1080 }, [macBook, above], false],
    // What `getBounds` says on macOS 26 of an icon that the user has hidden.
    ['below the display', { ...icon, y: 982 }, [macBook], true],
    ['left of the display', { ...icon, x: -3_000 }, [macBook], true],
    ['without a size', { x: 0, y: 0, width: 0, height: 0 }, [macBook], true],
    ['on a display that is gone', { ...icon, x: 300, y: -1080 }, [macBook], true],
    ['without any display', icon, [], true],
  ])('%s: hidden %#', (_where, place, displays, hidden) => {
    expect(isIconHidden(place, displays)).toBe(hidden);
  });
});
