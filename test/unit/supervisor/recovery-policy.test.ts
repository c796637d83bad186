/** A server that hangs is restarted or left alone, as the user wants at that moment. */
import { expect, it } from 'vitest';
import type { Failure } from '../../../src-main/contract/status.ts';
import { defaultPolicy, recoveryPolicy } from '../../../src-main/supervisor/policy.ts';
import {
  type Moment,
  newMachine,
  type ServiceEvent,
  transition,
} from '../../../src-main/supervisor/transitions.ts';

const at = (monotonicMs: number): Moment => ({ wallMs: monotonicMs, monotonicMs, random: 0.5 });
const failure: Failure = {
  reason: 'unresponsive',
  at: 0,
  message: 'It does not answer.',
  hint: '',
  exit: null,
  lastLines: [],
  remedies: [],
};
const launchId = 'a';
const lost: ServiceEvent = { type: 'probe-lost', launchId, failure };
const started: readonly ServiceEvent[] = [
  { type: 'want-on' },
  { type: 'turn-granted', launchId },
  { type: 'spawned', launchId, pid: 1 },
  { type: 'ready', launchId, latencyMs: 5 },
  lost,
  lost,
];

it('is asked each time: off, it stays unresponsive for days; on again, it is restarted with the next silence', () => {
  let restarts = false;
  const policy = recoveryPolicy(() => restarts);
  let machine = newMachine('off', at(0));
  for (const event of started) ({ machine } = transition(machine, event, at(1_000), policy));
  expect(machine.state).toBe('unresponsive');
  const days = 3 * 24 * 3_600_000;
  ({ machine } = transition(machine, lost, at(days), policy));
  expect(machine.state).toBe('unresponsive');
  restarts = true;
  ({ machine } = transition(machine, lost, at(days + 1_000), policy));
  expect(machine.state).toBe('stopping');
});

it('changes no other number', () => {
  expect({ ...recoveryPolicy(() => true) }).toEqual(defaultPolicy);
});
