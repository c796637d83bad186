import path from 'node:path';
import { expect, test } from 'vitest';
import { defaultPreviewOptions, parsePreviewOptions } from '../../tools/preview-options.ts';

const refusal = (...args: string[]) => {
  const parsed = parsePreviewOptions(args);
  return parsed.ok ? null : parsed.error.message;
};

test('no flags: a temporary home and the default addresses', () => {
  expect(parsePreviewOptions([])).toEqual({ ok: true, value: defaultPreviewOptions });
});

test('all flags', () => {
  const parsed = parsePreviewOptions([
    ...['--demo', '--headed', '--hidden', '--home', 'here'],
    ...[
      '--openrouter',
      'http://127.0.0.1:9000/api',
      '--huggingface=http://localhost:9001',
      '--ipc-log',
      'log',
    ],
  ]);
  expect(parsed).toEqual({
    ok: true,
    value: {
      home: path.resolve('here'),
      demo: true,
      headed: true,
      hidden: true,
      openrouter: 'http://127.0.0.1:9000/api',
      huggingface: 'http://localhost:9001',
      ipcLog: path.resolve('log'),
    },
  });
});

test.each([['--nope'], ['extra'], ['--home'], ['--home='], ['--demo=yes'], ['-x']])(
  '%s is refused with a sentence',
  (arg) => {
    expect(refusal(arg)).toMatch(/^[^\n]+\.$/);
  },
);

test.each([
  'https://openrouter.ai',
  'http://192.168.1.4:80',
  'http://127.0.0.1.example.com',
  'http://user@127.0.0.1:9000',
  'file:///etc/passwd',
  'https://127.0.0.1',
  'nonsense',
])('an address that could lead the key off the machine is refused: %s', (address) => {
  expect(refusal('--openrouter', address)).toContain('loopback');
  expect(refusal('--huggingface', address)).toContain('loopback');
});
