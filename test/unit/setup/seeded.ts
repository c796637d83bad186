/** A small seeded generator of numbers and of names that mean harm, so that a failure can be had again. */

/** mulberry32: the same seed gives the same row of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = <T>(random: () => number, from: readonly T[]): T => {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

const pieces = [
  'a',
  'standard',
  'Z9',
  ' ',
  '-',
  '--port',
  '_',
  '.',
  '..',
  '/',
  '../',
  '~',
  '\\',
  "'",
  '"',
  '`',
  '$(id)',
  ';',
  '|',
  '#',
  ' #',
  ': ',
  '- ',
  '&x',
  '*x',
  '!!js',
  '{',
  '}',
  '[',
  ']',
  '%',
  '@',
  '\n',
  '\r',
  '\t',
  '\0',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\u202e',
  '🙂',
  'é',
  '\ud800',
  '---',
  '...',
  'null',
  'yes',
  '0x1F',
  '1e3',
  '<<',
  '__proto__',
  'constructor',
];

/** Mostly harmful, now and then long, at times harmless. */
export function hostileName(random: () => number): string {
  if (random() < 0.02) return pick(random, ['x', ' ', '/', 'ab/']).repeat(4096);
  const count = Math.floor(random() * 6);
  return Array.from({ length: count }, () => pick(random, pieces)).join('');
}
