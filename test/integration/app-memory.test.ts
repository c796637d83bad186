/** Models that do not fit: refused with the numbers, and each remedy performed, over the whole app. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createHome, launch, type TestHome, write } from './support/app.ts';

/** An M2 with 8 GB: models may have two thirds of it, 5.3 GB. Elsewhere than on a Mac the file is believed. */
const smallMac = {
  chip: 'Apple M2',
  gpu_cores: 8,
  memory_gb: 8,
  bandwidth_gbps: 100,
  is_estimate: false,
  profile_id: 'm2-8',
};

/** Tiny weights and a long memory: 32 K take 6.4 GB with the cache of earlier conversations, 16 K 3.2 GB. */
const hungryConfig = {
  model_type: 'qwen3',
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  head_dim: 128,
  hidden_size: 64,
  vocab_size: 1000,
};

async function createSmallHome(tiers: readonly string[], hungry: readonly string[]): Promise<TestHome> {
  const home = await createHome({ tiers });
  write(home.home, 'profile.json', JSON.stringify(smallMac));
  for (const tier of hungry) {
    write(home.home, `models/model-${tier}/config.json`, JSON.stringify(hungryConfig));
  }
  return home;
}

describe.skipIf(process.platform === 'darwin')(
  'a model that does not fit, by the file of hardware (only on Linux)',
  () => {
    it('starts with the smaller context that it is offered, which goes into the stack file beside the comments', async () => {
      const home = await createSmallHome(['standard'], ['standard']);
      const stackFile = path.join(home.home, 'stacks/default.yaml');
      const before = readFileSync(stackFile, 'utf8').replace('tiers:', 'tiers: # mine');
      writeFileSync(stackFile, before, { mode: 0o600 });
      const running = await launch(home);
      const refused = await running.untilTray('refused', (tray) => tray.text.includes('needs about'));
      expect(refused.text).toContain(
        'standard needs about 7.1 GB, more than the 5.3 GB this Mac can give to models.',
      );
      await running.click('Use 16K Context');
      await running.untilReady();
      const after = readFileSync(stackFile, 'utf8');
      expect(after).toContain('tiers: # mine');
      expect(parse(after).tiers[0].context).toBe(16_384);
      expect(after.split('\n').filter((line) => !before.split('\n').includes(line))).toEqual([
        '    context: 16384',
      ]);
    });

    it('starts once the one that it is offered to stop has ended', async () => {
      const home = await createSmallHome(['fast', 'standard'], ['fast', 'standard']);
      const stackFile = path.join(home.home, 'stacks/default.yaml');
      const contexts: Record<string, number> = { fast: 14_336, standard: 10_240 };
      const stack = readFileSync(stackFile, 'utf8').replaceAll(
        /( *)- name: (\w+)/g,
        (line, indent, name) => `${line}\n${indent}  context: ${contexts[name]}`,
      );
      writeFileSync(stackFile, stack, { mode: 0o600 });
      const running = await launch(home);
      await running.untilTray('refused', (tray) => tray.text.includes('standard needs about'));
      await running.untilTray('fast ready', (tray) => tray.stateOf('fast') === 'Ready');
      await running.click('Stop fast First');
      const swapped = await running.untilTray(
        'standard ready',
        (tray) => tray.stateOf('standard') === 'Ready' && tray.stateOf('fast') !== 'Ready',
      );
      expect(['Off', 'Stopped']).toContain(swapped.stateOf('fast'));
      expect(JSON.parse(readFileSync(path.join(home.home, 'desired.json'), 'utf8'))).toMatchObject({
        services: { fast: 'off', standard: 'on', gateway: 'on' },
      });
    });
  },
);
