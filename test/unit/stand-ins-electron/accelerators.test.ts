import { expect, test } from 'vitest';
import { parseAccelerator, symbolsOf } from '../../stand-ins/electron/accelerators.ts';

test.each([
  ['Command+Q', '⌘Q'],
  ['CmdOrCtrl+,', '⌘,'],
  ['Shift+Command+Z', '⇧⌘Z'],
  ['Control+Command+F', '⌃⌘F'],
  ['Command+Alt+Shift+V', '⌥⇧⌘V'],
  ['Command+Plus', '⌘+'],
  ['Escape', '⎋'],
])('%s is written %s', (accelerator, symbols) => {
  expect(symbolsOf(accelerator)).toBe(symbols);
});

test('modifiers are told apart', () => {
  expect(parseAccelerator('Alt+Command+Up')).toEqual({
    command: true,
    control: false,
    alt: true,
    shift: false,
    key: 'arrowup',
  });
});
