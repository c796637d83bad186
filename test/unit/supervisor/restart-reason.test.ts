import { expect, it } from 'vitest';
import type { ServiceSpec } from '../../../src-main/stack/spec.ts';
import { restartReason } from '../../../src-main/supervisor/restart-reason.ts';

const spec: ServiceSpec = {
  id: 'fast',
  kind: 'tier',
  name: 'Fast',
  model: 'm',
  port: 8000,
  executable: { path: '/bin/vllm-mlx' },
  args: ['serve'],
  env: {},
  cwd: '/',
  requirements: [{ kind: 'model-folder', path: '/models/a', source: 'org/a' }],
  health: { kind: 'vllm-mlx', servedModelName: 'fast' },
  memoryBytes: 1,
  startLimitMs: 1,
  stopGraceMs: 1,
  fingerprint: 'x',
};

it.each<[string, Partial<ServiceSpec>]>([
  ['its engine changed', { executable: { path: '/engines/vllm-mlx' }, args: ['x'] }],
  [
    'its model changed',
    { requirements: [{ kind: 'model-folder', path: '/models/b', source: 'org/b' }], args: ['x'] },
  ],
  ['its port changed', { port: 8001, args: ['x'] }],
  ['its context changed', { contextTokens: 8192, args: ['x'] }],
  ['its settings changed', { args: ['x'] }],
  ['its settings changed', { env: { A: '1' } }],
  ['its settings changed', {}],
])('%s', (reason, change) => {
  expect(restartReason(spec, { ...spec, ...change })).toBe(reason);
});

it('of a gateway that only its file tells apart: the models behind it', () => {
  const gateway: ServiceSpec = { ...spec, kind: 'gateway', requirements: [] };
  expect(restartReason(gateway, { ...gateway, fingerprint: 'y' })).toBe('the models behind it changed');
  expect(restartReason(gateway, { ...gateway, env: { A: '1' } })).toBe('its settings changed');
});
