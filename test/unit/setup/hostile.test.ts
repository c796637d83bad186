/** Names that mean harm, through every command of setup: refused in a sentence, or taken as what they are. */
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { planSchema, setupCommands } from '../../../src-main/contract/setup.ts';
import { isModelSource, parseStack, tierNamePattern } from '../../../src-main/stack/stack-file.ts';
import { createWorld } from './fakes.ts';
import { hostileName, pick, seeded } from './seeded.ts';

const stackText = `schema_version: 1
tiers: # mine
  - {name: standard, model: m, source: org/m-4bit, port: 8000}
  - {name: fast, model: m, source: org/n-4bit, port: 8001}
`;
const models = ['mlx-community/Qwen3.5-9B-4bit', 'mlx-community/Qwen3-0.6B-4bit'];
/** Controls, and what turns the direction of writing: neither belongs in a sentence. */
const unprintable = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

it.each([11, 12, 13])('seed %i', async (seed) => {
  const random = seeded(seed);
  const world = await createWorld({ text: stackText });
  const { handlers } = world.setup;
  const name = () => (random() < 0.2 ? pick(random, ['standard', 'fast', 'x']) : hostileName(random));
  const repo = () => (random() < 0.3 ? pick(random, models) : hostileName(random));
  let accepted = 0;
  for (let round = 0; round < 60; round += 1) {
    world.setText(stackText);
    world.onDisk.clear();
    for (const model of models) world.onDisk.add(model);
    const choice = { name: name(), repo: repo(), contextTokens: random() < 0.5 ? null : 4096 };
    const newName = name();
    const given = JSON.stringify({ round, choice, newName });
    /** What the contract itself refuses never comes here. */
    if (!setupCommands['stack.addTier'].input.safeParse(choice).success) continue;
    const rename = { name: choice.name, newName };
    const planned = await handlers['setup.plan']({ intent: 'balanced', budgetPct: null, tiers: [choice] });
    if (planned.ok) {
      planSchema.parse(planned.value);
      const isSound = tierNamePattern.test(choice.name) && models.includes(choice.repo);
      if (!isSound) expect(planned.value.problem, given).not.toBeNull();
    }
    const results = [
      planned,
      await handlers['stack.addTier'](choice),
      await handlers['stack.swapModel'](choice),
      ...(setupCommands['stack.renameTier'].input.safeParse(rename).success
        ? [await handlers['stack.renameTier'](rename)]
        : []),
      await handlers['stack.removeTier']({ name: choice.name }),
    ];
    for (const result of results) {
      const told = result.ok ? [] : [result.error];
      if (result === planned && planned.ok && planned.value.problem !== null)
        told.push(planned.value.problem);
      for (const { message } of told) {
        expect(message, given).not.toMatch(unprintable);
        expect(message.length, given).toBeLessThan(400);
      }
    }
    accepted += results.slice(1).filter(({ ok }) => ok).length;
    const after = parseStack(world.text());
    if (!after.ok) throw new Error(`${given} left no stack`);
    for (const tier of after.value.stack.tiers) {
      expect(tier.name, given).toMatch(tierNamePattern);
      expect(isModelSource(tier.source), given).toBe(true);
    }
    expect(Object.keys(parse(world.text())), given).toEqual(['schema_version', 'tiers']);
    expect(world.text(), given).toContain('# mine');
    for (const id of world.desired.keys()) expect(id, given).toMatch(tierNamePattern);
    expect(world.store.snapshot().setup.phase, given).toBe('idle');
  }
  expect(accepted).toBeGreaterThan(2);
});
