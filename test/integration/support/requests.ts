/** Requests that run for a while, straight to a model's server. */
import path from 'node:path';
import { type VllmMlxSwitchesInput, writeControl } from '../../stand-ins/engines/write-engine.ts';
import type { TestHome } from './app.ts';
import { temporaryFolder } from './rig.ts';

/** For models whose requests last until the test lets them go: they write a word a second, and then all the rest at once. */
export function held(): {
  readonly switches: Readonly<Record<string, VllmMlxSwitchesInput>>;
  readonly letGo: () => void;
} {
  const controlFile = path.join(temporaryFolder(), 'control.json');
  return {
    switches: { '*': { tokenDelayMs: 1_000, controlFile } },
    letGo: () => writeControl(controlFile, { tokenDelayMs: 0 }),
  };
}

/** A request straight to a model, as slow as its switches say. */
export function generate(
  home: TestHome,
  tier: string,
  tokens: number,
): Promise<{ status: number; text: string }> {
  return fetch(`http://127.0.0.1:${home.tierPorts[tier]}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: tier,
      max_tokens: tokens,
      messages: [{ role: 'user', content: 'Tell me a long story.' }],
    }),
  }).then(async (response) => ({ status: response.status, text: await response.text() }));
}

/** How many requests a model is answering. */
export const busy = (home: TestHome, tier: string) => async () => {
  const answer = await fetch(`http://127.0.0.1:${home.tierPorts[tier]}/v1/status`);
  const status: unknown = await answer.json();
  return typeof status === 'object' && status !== null && 'num_running' in status ? status.num_running : 0;
};
