import { expect, it } from 'vitest';
import { createRounds } from '../../../src-main/supervisor/rounds.ts';

it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
  'a refresh that is asked for %i turns after another one is not lost',
  async (turns) => {
    let wanted = 0;
    let seen = 0;
    const refresh = createRounds(async () => {
      seen = wanted;
      await null;
    });
    wanted = 1;
    void refresh();
    for (let turn = 0; turn < turns; turn += 1) await null;
    wanted = 2;
    await refresh();
    expect(seen).toBe(2);
  },
);

it('calls that come during a round share the next one', async () => {
  let rounds = 0;
  const refresh = createRounds(async () => {
    rounds += 1;
    await null;
  });
  await Promise.all([refresh(), refresh(), refresh(), refresh()]);
  expect(rounds).toBe(2);
});

it('a round that fails does not keep later ones from running', async () => {
  let isBroken = true;
  let rounds = 0;
  const refresh = createRounds(async () => {
    if (isBroken) throw new Error('broken');
    rounds += 1;
  });
  await expect(refresh()).rejects.toThrow('broken');
  isBroken = false;
  await refresh();
  expect(rounds).toBe(1);
});
