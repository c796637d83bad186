/** The plan for every Mac, as text that a person can judge: `golden-plans.txt`. */
import { expect, test } from 'vitest';
import { contextInWords, gigabytes } from '../../../src-main/planner/figures.ts';
import { makePlan } from '../../../src-main/planner/plan.ts';
import { type Intent, intents, type PlannedTier } from '../../../src-main/planner/types.ts';
import { loadShipped, machineOf, requestFor, sold } from './machines.ts';

function tierText({ role, model, source, contextTokens, memory, speed }: PlannedTier): string {
  const quant = source.quant === 'int4' ? '' : ` ${source.quant}`;
  const tps = `${Math.round(speed.lowTps)}–${Math.round(speed.highTps)} tok/s`;
  const name = `${role.padEnd(8)} ${model.name}${quant}`;
  return `    ${name.padEnd(44)} ${contextInWords(contextTokens).padStart(4)} ${gigabytes(memory.totalBytes).padStart(8)}  ${tps}`;
}

test('the golden table', async () => {
  const catalogue = await loadShipped();
  const section = (intent: Intent) =>
    sold.flatMap(([chip, cores, sizes]) =>
      sizes.map((memoryGb) => {
        const machine = machineOf(chip, cores, memoryGb);
        const title = `${chip.replace('Apple ', '')} ${memoryGb} GB, ${machine.bandwidthGbps} GB/s`;
        const plan = makePlan(requestFor(catalogue, machine, intent));
        if (!plan.ok) return `${title}: ${plan.error.message}`;
        const { usedBytes, budget, tiers } = plan.value;
        const sum = `uses ${gigabytes(usedBytes)} of ${gigabytes(budget.bytes)}`;
        return [`${title}, ${sum}`, ...tiers.map(tierText)].join('\n');
      }),
    );
  const text = intents.map((intent) => `== ${intent}, budget 40 % ==\n\n${section(intent).join('\n')}\n`);
  await expect(text.join('\n')).toMatchFileSnapshot('golden-plans.txt');
});
