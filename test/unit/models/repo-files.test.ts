import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  chooseFiles,
  isSafePath,
  isWanted,
  maxModelFiles,
  maxPathBytes,
  type TreeRow,
} from '../../../src-main/models/repo-files.ts';

const git = 'a'.repeat(40);
const sha = 'b'.repeat(64);
const small = (name: string, size = 10): TreeRow => ({ type: 'file', path: name, oid: git, size });
const large = (name: string, size = 1_000): TreeRow => ({
  type: 'file',
  path: name,
  oid: git,
  size: 134,
  lfs: { oid: sha, size, pointerSize: 134 },
});
const model = [small('config.json'), large('model.safetensors')];

describe('the files of a repository', () => {
  it('are those that an engine reads, the small ones first, with the hash that each must have', () => {
    const rows = [
      large('model-00002-of-00002.safetensors'),
      large('model-00001-of-00002.safetensors', 5),
      { type: 'directory', path: 'assets', oid: git, size: 0 },
      small('README.md'),
      small('.gitattributes'),
      small('tokenizer.model'),
      small('chat_template.jinja'),
      large('consolidated.safetensors'),
      large('pytorch_model.bin'),
      small('config.json'),
    ];
    const chosen = chooseFiles(rows);
    expect(
      chosen.ok
        ? chosen.value.map(({ path: name, sizeBytes, hash }) => [name, sizeBytes, hash.kind])
        : chosen,
    ).toEqual([
      ['chat_template.jinja', 10, 'git-sha1'],
      ['config.json', 10, 'git-sha1'],
      ['tokenizer.model', 10, 'git-sha1'],
      ['model-00001-of-00002.safetensors', 5, 'sha256'],
      ['model-00002-of-00002.safetensors', 1_000, 'sha256'],
    ]);
  });

  it.each([
    ['no config', [large('model.safetensors')], 'hub-not-mlx'],
    ['no weights', [small('config.json')], 'hub-not-mlx'],
    ['empty weights', [small('config.json'), large('model.safetensors', 0)], 'hub-not-mlx'],
    ['weights in a folder only', [small('config.json'), large('x/model.safetensors')], 'hub-not-mlx'],
    [
      'too many files',
      [...model, ...Array.from({ length: maxModelFiles }, (_, index) => small(`f${index}.json`))],
      'hub-too-many-files',
    ],
    [
      'more bytes than any disk',
      [small('config.json'), large('model.safetensors', Number.MAX_SAFE_INTEGER)],
      'hub-too-large',
    ],
    ['a size that is none', [...model, { ...small('x.json'), size: -1 }], 'hub-bad-answer'],
    ['a size that is a text', [...model, { ...small('x.json'), size: '10' }], 'hub-bad-answer'],
    ['no hash', [...model, { type: 'file', path: 'x.json', size: 1 }], 'hub-bad-answer'],
    ['a hash that is none', [...model, { ...small('x.json'), oid: 'Z'.repeat(40) }], 'hub-bad-answer'],
    [
      'a large file with a short hash',
      [...model, { ...large('y.json'), lfs: { oid: git, size: 1 } }],
      'hub-bad-answer',
    ],
    ['one name twice', [...model, small('config.json')], 'hub-hostile-names'],
    ['two names that a Mac takes for one', [...model, small('CONFIG.json')], 'hub-hostile-names'],
    ['a file that is a folder too', [...model, small('config.json/x.json')], 'hub-hostile-names'],
  ])('are refused with %s', (_what, rows, code) => {
    expect(chooseFiles(rows)).toMatchObject({ ok: false, error: { code } });
  });

  it('never are programs: an engine could be led to run them', () => {
    const programs = ['modeling_custom.py', 'deep/er/tool.py', '../x.py'].map((name) => small(name));
    const chosen = chooseFiles([...model, ...programs, large('model.py')]);
    expect(chosen.ok ? chosen.value.map((file) => file.path) : chosen).toEqual([
      'config.json',
      'model.safetensors',
    ]);
    expect(isWanted('modeling_custom.py')).toBe(false);
  });

  it('have names up to a length', () => {
    expect(isSafePath(`${'x'.repeat(maxPathBytes - 5)}.json`)).toBe(true);
    expect(isSafePath(`${'x'.repeat(maxPathBytes - 4)}.json`)).toBe(false);
    expect(isSafePath('a/b/c/d.json')).toBe(true);
    expect(isSafePath('a/b/c/d/e.json')).toBe(false);
  });
});

describe('a hostile name', () => {
  it.each([
    '',
    '.',
    '..',
    '/',
    '/a.json',
    'a//b.json',
    'a/',
    '../a.json',
    'a/../b.json',
    'a/..',
    './a.json',
    '~/a.json',
    'a\\b.json',
    'C:a.json',
    'a:b.json',
    'a\0.json',
    'a\n.json',
    '\r.json',
    '\x1b[2J.json',
    'a\u202egnp.json',
    'ä.json',
    '🙂.json',
    'con.json',
    'NUL',
    'lpt1.txt',
    'com9.model.json',
    '-x.json',
    ' a.json',
    'a.json ',
    'a.json.',
    '.a.json',
    'a/.b/c.json',
    '$HOME.json',
    '`id`.json',
    "a'b.json",
    'a"b.json',
    'a;b.json',
    'a|b.json',
    'a*b.json',
    '%2e%2e/a.json',
  ])('such as %j is never safe', (name) => {
    expect(isSafePath(name)).toBe(false);
  });

  /** Made of what has ever broken a path, in any order. */
  const pieces = [
    '..',
    '.',
    '/',
    '\\',
    'a',
    'config',
    '.json',
    '\0',
    '\n',
    ' ',
    '-',
    '~',
    ':',
    '%2e',
    '..;',
    'nul',
    'é',
    '🙂',
    '//',
    'C:',
    '\u2215',
    '\uff0e',
    '\u2028',
    "'",
    '$(x)',
    'x'.repeat(300),
  ];

  it('never leads out of the folder, and what is taken is what it says', () => {
    const random = seededRandom(20_261_122);
    const folder = '/models/m.partial';
    let taken = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const count = 1 + Math.floor(random() * 6);
      const name = Array.from({ length: count }, () => pieces[Math.floor(random() * pieces.length)]).join('');
      const chosen = chooseFiles([...model.slice(1), small('config.json'), small(name)]);
      const names = chosen.ok ? chosen.value.map((file) => file.path) : [];
      if (!names.includes(name)) continue;
      taken += 1;
      const place = path.join(folder, name);
      expect(place.startsWith(`${folder}/`), JSON.stringify(name)).toBe(true);
      expect(path.relative(folder, place)).toBe(name);
      expect(name).toMatch(/^[\x20-\x7e]+$/);
      expect(
        name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.startsWith('-')),
      ).toBe(true);
    }
    expect(taken).toBeGreaterThan(10);
  });

  it('is not passed over as hidden when it leads elsewhere', () => {
    expect(isWanted('../x.json')).toBe(true);
    expect(isWanted('../../model.safetensors')).toBe(true);
    expect(isWanted('.cache/x.json')).toBe(false);
  });
});

function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
