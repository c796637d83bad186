/** A home as before the first run, but for what is different here: which Mac it is, and a port that other tests leave alone. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { scatteredPorts } from '../tools/demo.ts';

const mac = {
  chip: 'Apple M2 Pro',
  gpu_cores: 19,
  memory_gb: 32,
  bandwidth_gbps: 200,
  is_estimate: false,
  profile_id: 'm2-pro-32',
};

export function createEmptyHome(home: string): void {
  mkdirSync(home, { mode: 0o700 });
  const write = (name: string, text: string) => writeFileSync(path.join(home, name), text, { mode: 0o600 });
  write('profile.json', JSON.stringify(mac));
  write('config.yaml', stringify({ 'litellm-port': scatteredPorts().gateway }));
}
