/** Commands over the whole stack that cross each other, with real parts and stand-in engines. */
import { expect, it } from 'vitest';
import { createSetupRig, repos, unwrapped } from './support/setup-rig.ts';

it('a tier that only waits does not start while Stop Everything ends the gateway', async () => {
  const tier = `{name: standard, model: m, source: ${repos.first}, port: 8050}`;
  const { control, rig, place } = await createSetupRig({
    stackText: `schema_version: 1\ntiers:\n  - ${tier}\n`,
  });
  place(repos.first);
  await control.refresh();
  const starting = control.startAll();
  expect(rig.machine('standard').state).toBe('waiting');
  const stopping = control.stopAll();
  expect(rig.machine('standard').state).toBe('stopped');
  unwrapped(await starting);
  unwrapped(await stopping);
  expect(rig.states('standard')).not.toContain('starting');
  expect(rig.spawned).toEqual([]);
});
