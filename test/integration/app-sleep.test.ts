/** The Mac sleeps with its servers, over the shipped bundle: longer than any server may be silent, and none is restarted. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { defaultPolicy } from '../../src-main/supervisor/policy.ts';
import { createHome, launch, serverPids } from './support/app.ts';

const { probeEveryMs, probeTimeoutMs, probeAgainMs, lostProbesToUnresponsive, wakeGraceMs } = defaultPolicy;
/** By then servers that do not answer are shown so, had nobody told of a sleep. */
const silentMs = probeEveryMs + lostProbesToUnresponsive * (probeTimeoutMs + probeAgainMs);

it('servers that were frozen with the machine are neither called silent nor restarted', async () => {
  const running = await launch(await createHome());
  await running.untilReady();
  const before = await serverPids(running.home);
  expect(Object.keys(before).toSorted()).toEqual(['fast', 'gateway', 'standard']);
  const images = new Set<string>();
  const watch = async (ms: number) => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs) {
      images.add((await running.tray()).image);
      await delay(250);
    }
  };

  await running.app.control('power.happen', { name: 'suspend' });
  for (const pid of Object.values(before)) process.kill(pid, 'SIGSTOP');
  try {
    await watch(silentMs);
  } finally {
    for (const pid of Object.values(before)) process.kill(pid, 'SIGCONT');
  }
  await running.app.control('power.happen', { name: 'resume' });
  await watch(wakeGraceMs + probeAgainMs);
  expect([...images].filter((image) => !image.startsWith('stack-ready'))).toEqual([]);
  expect(await serverPids(running.home)).toEqual(before);
});
