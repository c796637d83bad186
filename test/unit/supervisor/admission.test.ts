import { describe, expect, it } from 'vitest';
import type { MemoryPressure } from '../../../src-main/contract/mac.ts';
import { type AdmissionMemory, admit, type Candidate } from '../../../src-main/supervisor/admission.ts';
import { notEnoughMemory } from '../../../src-main/supervisor/failures.ts';

const gb = 2 ** 30;

function tier(id: string, memoryGb: number, more: Partial<Candidate> = {}): Candidate {
  return {
    id,
    kind: 'tier',
    name: id,
    state: 'waiting',
    memoryBytes: memoryGb * gb,
    holdsMemory: false,
    ignoreMemory: false,
    ...more,
  };
}
const running = (id: string, memoryGb: number, more: Partial<Candidate> = {}) =>
  tier(id, memoryGb, { state: 'healthy', holdsMemory: true, ...more });
const gateway = (state: Candidate['state'] = 'waiting'): Candidate =>
  tier('gateway', 0, { kind: 'gateway', state, name: 'Gateway' });

const limitOf = (limitGb: number): AdmissionMemory => ({ limitBytes: limitGb * gb, now: null });

const brief = (services: Candidate[], limitGb: number) =>
  admit(services, limitOf(limitGb)).map(({ kind, id }) => `${kind} ${id}`);

describe('admission', () => {
  it('lets all start together, largest first, ties by name', () => {
    expect(brief([tier('b', 4), tier('a', 4), tier('large', 20)], 48)).toEqual([
      'grant large',
      'grant a',
      'grant b',
    ]);
  });

  it('refuses what does not fit beside what runs, with the numbers', () => {
    const [decision] = admit([running('fast', 4), running('smart', 30), tier('vision', 20)], limitOf(48));
    expect(decision).toEqual({
      kind: 'refuse',
      id: 'vision',
      numbers: {
        neededBytes: 20 * gb,
        limitBytes: 48 * gb,
        others: [
          { name: 'smart', bytes: 30 * gb },
          { name: 'fast', bytes: 4 * gb },
        ],
        now: null,
        smallerContext: null,
        stopFirst: { id: 'smart', name: 'smart', bytes: 30 * gb },
      },
    });
  });

  it('counts what it has just let start', () => {
    expect(brief([tier('a', 30), tier('b', 20)], 48)).toEqual(['grant a', 'refuse b']);
  });

  it('a smaller one still starts when a larger one is refused', () => {
    expect(brief([running('fast', 30), tier('huge', 40), tier('small', 4)], 48)).toEqual([
      'refuse huge',
      'grant small',
    ]);
  });

  it('waits for memory that is about to be given back', () => {
    const stopping = running('old', 30, { state: 'stopping' });
    expect(brief([stopping, tier('new', 30)], 48)).toEqual([]);
    expect(brief([tier('new', 30)], 48)).toEqual(['grant new']);
  });

  it('waits for a port that is about to be free, whatever the user said of memory, and for no other', () => {
    const ending = (heldPorts: number[]) => running('old', 4, { state: 'stopping', port: 8005, heldPorts });
    expect(brief([ending([8000]), tier('new', 4, { port: 8000 })], 48)).toEqual([]);
    expect(brief([ending([8000]), tier('new', 4, { port: 8000, ignoreMemory: true })], 48)).toEqual([]);
    expect(brief([ending([8000]), tier('new', 4, { port: 8005 })], 48)).toEqual(['grant new']);
    const lasting = running('old', 4, { port: 8000, heldPorts: [8000] });
    expect(brief([lasting, tier('new', 4, { port: 8000 })], 48)).toEqual(['grant new']);
    const moved = { ...gateway(), port: 8000 };
    expect(brief([ending([8000]), running('a', 4), moved], 48)).toEqual([]);
  });

  it('starts anyway when the user said so', () => {
    expect(brief([running('fast', 40), tier('huge', 40, { ignoreMemory: true })], 48)).toEqual([
      'grant huge',
    ]);
  });

  it('exactly the limit fits, one byte more does not', () => {
    expect(admit([tier('a', 48)], limitOf(48)).map(({ kind }) => kind)).toEqual(['grant']);
    expect(admit([tier('a', 48)], { limitBytes: 48 * gb - 1, now: null }).map(({ kind }) => kind)).toEqual([
      'refuse',
    ]);
  });

  it('the gateway follows the first model that answers', () => {
    expect(brief([gateway(), tier('a', 4, { state: 'starting' })], 48)).toEqual([]);
    expect(brief([gateway(), running('a', 4, { state: 'unresponsive' })], 48)).toEqual([]);
    expect(brief([gateway(), running('a', 4)], 48)).toEqual(['grant gateway']);
    expect(brief([gateway(), running('a', 4, { state: 'degraded' })], 48)).toEqual(['grant gateway']);
    expect(brief([gateway('healthy'), running('a', 4)], 48)).toEqual([]);
  });
});

describe('admission by what is free at this moment', () => {
  const now = (freeGb: number, limitGb = 48, pressure: MemoryPressure = 'normal'): AdmissionMemory => ({
    limitBytes: limitGb * gb,
    now: { availableBytes: freeGb * gb, pressure },
  });
  const decided = (services: Candidate[], memory: AdmissionMemory) =>
    admit(services, memory).map(({ kind, id }) => `${kind} ${id}`);
  const refusal = (services: Candidate[], memory: AdmissionMemory) => {
    const decision = admit(services, memory).find(({ kind }) => kind === 'refuse');
    if (decision?.kind !== 'refuse') throw new Error('nothing was refused');
    return notEnoughMemory(0, decision.id, decision.numbers);
  };
  const loading = (id: string, memoryGb: number) =>
    tier(id, memoryGb, { state: 'starting', holdsMemory: true });

  it('refuses what other programs leave no room for', () => {
    expect(decided([tier('a', 20)], now(20))).toEqual(['grant a']);
    expect(decided([tier('a', 20)], now(19.9))).toEqual(['refuse a']);
    expect(refusal([tier('a', 20)], now(12))).toMatchObject({
      reason: 'not-enough-memory',
      message: 'a needs about 20 GB, but only 12 GB of memory are free now.',
      hint: 'Quit other programs, or start it anyway and expect the Mac to slow down.',
    });
  });

  it('while macOS is critically short nothing is started', () => {
    expect(decided([tier('a', 4)], now(20, 48, 'warning'))).toEqual(['grant a']);
    expect(decided([tier('a', 4)], now(20, 48, 'critical'))).toEqual(['refuse a']);
    expect(refusal([tier('a', 4)], now(20, 48, 'critical')).message).toBe(
      'a needs about 4 GB, and macOS reports that memory is critically short.',
    );
  });

  it('one that loads keeps the rest waiting until it has taken its part, and only what cannot fit then', () => {
    expect(decided([tier('a', 20), tier('b', 15)], now(30))).toEqual(['grant a']);
    expect(decided([loading('a', 20), tier('b', 15)], now(22))).toEqual([]);
    expect(decided([running('a', 20), tier('b', 15)], now(15))).toEqual(['grant b']);
    expect(decided([running('a', 20), tier('b', 15)], now(10))).toEqual(['refuse b']);
    expect(decided([tier('a', 20), tier('b', 15)], now(35))).toEqual(['grant a', 'grant b']);
  });

  it('one that ends is waited for', () => {
    expect(decided([running('a', 20, { state: 'stopping' }), tier('b', 15)], now(10))).toEqual([]);
  });

  it('a crashed one takes back what it had, whatever is free; the limit still holds', () => {
    const again = tier('a', 20, { isRestart: true });
    expect(decided([again], now(1))).toEqual(['grant a']);
    expect(decided([again], now(1, 10))).toEqual(['refuse a']);
  });

  it('Start Anyway starts it', () => {
    expect(decided([tier('a', 20, { ignoreMemory: true })], now(1))).toEqual(['grant a']);
  });

  it('where the system does not say what is free, only the limit counts', () => {
    expect(decided([tier('a', 20)], limitOf(48))).toEqual(['grant a']);
  });
});

describe('a refusal', () => {
  const smallerContexts = [
    { tokens: 16_384, memoryBytes: 19 * gb },
    { tokens: 8192, memoryBytes: 17.5 * gb },
    { tokens: 4096, memoryBytes: 17 * gb },
  ];
  const smart = tier('smart', 22, { smallerContexts });
  const failureOf = (services: Candidate[], memory: AdmissionMemory) => {
    const decision = admit(services, memory).find(({ kind }) => kind === 'refuse');
    if (decision?.kind !== 'refuse') throw new Error('nothing was refused');
    return notEnoughMemory(0, decision.id, decision.numbers);
  };
  const offers = (services: Candidate[], memory: AdmissionMemory) =>
    failureOf(services, memory).remedies.map(({ label, contextTokens, service }) =>
      [label, contextTokens ?? service ?? ''].join(' ').trim(),
    );

  it('offers the longest context that fits, and the smallest other that makes room', () => {
    const services = [running('fast', 8), running('vision', 12), running('tiny', 2), smart];
    const failure = failureOf(services, limitOf(40));
    expect(failure.message).toBe('smart needs about 22 GB, but 22 GB of 40 GB are taken.');
    expect(failure.hint).toBe(
      'Use a context of 8K (17.5 GB), stop fast (8 GB) first, or start it anyway and expect the Mac to slow down.',
    );
    expect(offers(services, limitOf(40))).toEqual([
      'Use 8K Context 8192',
      'Stop fast First fast',
      'Start Again',
      'Start Anyway',
    ]);
  });

  it('offers only what would help', () => {
    expect(offers([running('tiny', 2), smart], limitOf(12))).toEqual(['Start Again', 'Start Anyway']);
    expect(failureOf([smart], limitOf(12)).hint).toBe(
      'Choose a smaller model, or start it anyway and expect the Mac to slow down.',
    );
  });

  it('weighs both the limit and what is free', () => {
    const short: AdmissionMemory = {
      limitBytes: 48 * gb,
      now: { availableBytes: 18 * gb, pressure: 'normal' },
    };
    expect(offers([running('fast', 8), smart], short)).toEqual([
      'Use 8K Context 8192',
      'Stop fast First fast',
      'Start Again',
      'Start Anyway',
    ]);
    expect(failureOf([running('fast', 8), smart], short).hint).toBe(
      'Use a context of 8K (17.5 GB), stop fast (8 GB) first, quit other programs, or start it anyway and expect the Mac to slow down.',
    );
  });
});
