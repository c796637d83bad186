/** What is shipped, and what must never run. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Pins, parsePins, requirementOf, whyDenied } from '../../../src-main/toolchain/pins.ts';
import { isOlder } from '../../../src-main/toolchain/versions.ts';

const shippedText = readFileSync(path.resolve(import.meta.dirname, '../../../assets/engines.yaml'), 'utf8');

function shipped(): Pins {
  const pins = parsePins(shippedText);
  if (!pins.ok) throw new Error(pins.error.message);
  return pins.value;
}

describe('the shipped pins', () => {
  it('name both engines, exactly', () => {
    expect(requirementOf('vllm-mlx', shipped())).toMatch(/^vllm-mlx\[harmony\]==\d[\d.]+$/);
    expect(requirementOf('litellm', shipped())).toMatch(/^litellm\[proxy\]==\d[\d.]+$/);
    expect(isOlder(shipped().engines.litellm.version, '1.84.3')).toBe(false);
  });

  it('leave new releases a week to be found out', () => {
    expect(Date.parse(shipped()['exclude-newer'])).toBeLessThan(Date.now());
  });

  it.each([
    '1.82.7',
    '1.82.8',
    'v1.82.7',
    '1.82.8+anything',
    '1.84.2',
    '1.84.3rc1',
    '1.84.3.dev1',
    '0',
    '1.80',
    'garbage',
    '',
  ])('deny litellm %j', (version) => expect(whyDenied(shipped(), 'litellm', version)).not.toBeNull());

  it.each(['1.84.3', '1.84.3.post1', '1.85.0', '1.108.7', '1.109.0', '2.0', '1!0.1'])(
    'allow litellm %s',
    (version) => expect(whyDenied(shipped(), 'litellm', version)).toBeNull(),
  );

  it('know a package by any spelling, and only that one', () => {
    expect(whyDenied(shipped(), 'LiteLLM', '1.82.7')).not.toBeNull();
    expect(whyDenied(shipped(), 'litellm-proxy-extras', '0.1')).toBeNull();
    expect(whyDenied(shipped(), 'vllm-mlx', 'garbage')).toBeNull();
  });
});

describe('pins that cannot be used', () => {
  it.each([
    ['no YAML', '{'],
    ['another schema', shippedText.replace('schema: 1', 'schema: 2')],
    ['an unknown key', `${shippedText}\nextra: 1\n`],
    ['a version that is none', shippedText.replace('"0.6.0"', '"--index-url=x"')],
    ['a version that leads out of its folder', shippedText.replace('"0.6.0"', '"../../0.6.0"')],
    ['a pin that is denied', shippedText.replace('version: "1.109.0"', 'version: "1.82.8"')],
    ['an extra that is an option', shippedText.replace('[harmony]', '["x]==1 --index-url=y"]')],
    ['a date that is none', shippedText.replace('2026-11-18T00:00:00Z', '7 days')],
  ])('%s', (_, text) => {
    const pins = parsePins(text);
    expect(pins).toMatchObject({ ok: false, error: { code: 'pins-unreadable' } });
  });
});
