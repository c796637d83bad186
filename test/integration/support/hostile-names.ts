/** Names that nobody should have to expect, the same ones in each run. */

/** Park and Miller: small, and good enough to mix characters. */
export function seededRandom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export const worstNames: readonly string[] = [
  '',
  '.',
  '..',
  '../..',
  '../../etc/passwd',
  '/',
  '/etc/passwd',
  '-rf',
  '--help',
  '-',
  '~',
  '~root',
  '.hidden',
  '.deleted-0123456789abcdef',
  ' ',
  ' leading and trailing ',
  'with space',
  "it's",
  '"quoted"',
  '`id`',
  '$(id)',
  '$HOME',
  'a;b',
  'a|b',
  'a&b',
  'a>b',
  'a\\b',
  'a\nb',
  'a\r\nb',
  'a\tb',
  'a\0b',
  'a\u2028b',
  '\u202egnp.exe',
  'é',
  'e\u0301',
  '😀',
  '\ud800',
  'x'.repeat(4096),
  '../'.repeat(1365),
  'a/b/c',
  'org/../name',
  'org/..',
  'org//name',
  'org/name/',
  '/org/name',
  'org/-rf',
  'org/.git',
  'org/na me',
  'org/name\n',
  'org/%2e%2e',
  'models--org--name',
  'CON',
  'constructor',
  '__proto__',
];

const pieces = [
  'a',
  'B',
  '4bit',
  '0',
  '.',
  '..',
  '/',
  '-',
  '--',
  '_',
  ' ',
  '~',
  "'",
  '"',
  '`',
  '$',
  '\\',
  '\n',
  '\0',
  '\u2028',
  '😀',
  '\ud83d',
  'models--',
  '%00',
];

/** `count` names of up to `most` pieces each, after the worst ones. */
export function hostileNames(count: number, seed = 7, most = 12): string[] {
  const random = seededRandom(seed);
  const pick = () => pieces[Math.floor(random() * pieces.length)] ?? '';
  const made = Array.from({ length: count }, () =>
    Array.from({ length: 1 + Math.floor(random() * most) }, pick).join(''),
  );
  return [...worstNames, ...made];
}

/** Those that a folder on this disk can have. */
export const asFolderNames = (names: readonly string[]): string[] => [
  ...new Set(
    names.filter(
      (name) =>
        !['', '.', '..'].includes(name) &&
        !/[/\0]/.test(name) &&
        Buffer.byteLength(name) <= 200 &&
        Buffer.from(name).toString() === name,
    ),
  ),
];
