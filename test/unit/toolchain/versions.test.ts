/** Versions in the order of PEP 440, and hostile ones that are none. */
import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  isOlder,
  maxVersionLength,
  normalName,
  parseVersion,
} from '../../../src-main/toolchain/versions.ts';

/** The order that PEP 440 gives as its example, and what this product meets. */
const ascending = [
  '0.4.1',
  '0.6.0.dev1',
  '0.6.0a1.dev2',
  '0.6.0a1',
  '0.6.0a2',
  '0.6.0b1',
  '0.6.0rc1',
  '0.6.0',
  '0.6.0+local',
  '0.6.0+1',
  '0.6.0.post1.dev1',
  '0.6.0.post1',
  '0.6.1',
  '0.10.0',
  '1.82.6',
  '1.82.7',
  '1.84.3rc1',
  '1.84.3',
  '1.109.0',
  '1!0.1',
];

function parsed(text: string) {
  const version = parseVersion(text);
  if (version === null) throw new Error(`${text} is no version`);
  return version;
}

describe('versions', () => {
  it('are ordered as PEP 440 says', () => {
    for (const [left, a] of ascending.entries()) {
      for (const [right, b] of ascending.entries()) {
        expect(Math.sign(compareVersions(parsed(a), parsed(b))), `${a} and ${b}`).toBe(
          Math.sign(left - right),
        );
      }
    }
  });

  it.each([
    ['1.0', '1.0.0'],
    ['1.0RC1', '1.0-c.1'],
    ['v1.0', '1.0'],
    ['1.0-1', '1.0.post1'],
    ['1.0alpha', '1.0a0'],
    ['1.0+a.b', '1.0+A-B'],
  ])('%s is %s', (a, b) => expect(compareVersions(parsed(a), parsed(b))).toBe(0));

  it.each([
    '',
    'latest',
    '1..0',
    '1.0\n1.1',
    ' 1.0',
    '1.0 ',
    '-1.0',
    '--help',
    '../1.0',
    '1.0/..',
    '1.0\0',
    '1.0;rm -rf',
    '$(id)',
    '１.０',
    '1.0🙂',
    '1.'.repeat(2000),
    '9'.repeat(40),
    `1.0+${'a'.repeat(maxVersionLength)}`,
  ])('%j is none', (text) => expect(parseVersion(text)).toBeNull());

  it('of any characters never throw, and equal themselves when they are some', () => {
    const alphabet = [
      '0',
      '1',
      '9',
      '.',
      '-',
      '_',
      '+',
      '!',
      'a',
      'b',
      'rc',
      'dev',
      'post',
      ' ',
      '\n',
      '\0',
      '/',
      '🙂',
    ];
    let seed = 1;
    const next = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    let some = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const text = Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]).join('');
      const version = parseVersion(text);
      if (version === null) continue;
      some += 1;
      expect(text).toMatch(/^[0-9A-Za-z.+!_-]+$/);
      expect(compareVersions(version, version)).toBe(0);
      const other = parsed(ascending[next(ascending.length)] ?? '');
      expect(Math.sign(compareVersions(version, other))).toBe(
        -Math.sign(compareVersions(other, version)) + 0,
      );
    }
    expect(some).toBeGreaterThan(200);
  });

  it('that cannot be read are not called older', () => {
    expect(isOlder('0.4.1', '0.6.0')).toBe(true);
    expect(isOlder('0.6.0', '0.6.0')).toBe(false);
    expect(isOlder('garbage', '0.6.0')).toBe(false);
  });

  it('names are compared in one spelling', () => {
    expect(normalName('Vllm_MLX')).toBe('vllm-mlx');
    expect(normalName('ruamel.yaml__clib')).toBe('ruamel-yaml-clib');
  });
});
