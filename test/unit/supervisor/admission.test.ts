import { describe, expect, it } from 'vitest';
import { admit, type Candidate } from '../../../src-main/supervisor/admission.ts';

const gb = 1e9;

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

const brief = (services: Candidate[], limitGb: number) =>
  admit(services, limitGb * gb).map(({ kind, id }) => `${kind} ${id}`);

describe('admission', () => {
  it('lets all start together, largest first, ties by name', () => {
    expect(brief([tier('b', 4), tier('a', 4), tier('large', 20)], 48)).toEqual([
      'grant large',
      'grant a',
      'grant b',
    ]);
  });

  it('refuses what does not fit beside what runs, with the numbers', () => {
    const [decision] = admit([running('fast', 4), running('smart', 30), tier('vision', 20)], 48 * gb);
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

  it('starts anyway when the user said so', () => {
    expect(brief([running('fast', 40), tier('huge', 40, { ignoreMemory: true })], 48)).toEqual([
      'grant huge',
    ]);
  });

  it('exactly the limit fits, one byte more does not', () => {
    expect(admit([tier('a', 48)], 48 * gb).map(({ kind }) => kind)).toEqual(['grant']);
    expect(admit([tier('a', 48)], 48 * gb - 1).map(({ kind }) => kind)).toEqual(['refuse']);
  });

  it('the gateway follows the first model that answers', () => {
    expect(brief([gateway(), tier('a', 4, { state: 'starting' })], 48)).toEqual([]);
    expect(brief([gateway(), running('a', 4, { state: 'unresponsive' })], 48)).toEqual([]);
    expect(brief([gateway(), running('a', 4)], 48)).toEqual(['grant gateway']);
    expect(brief([gateway(), running('a', 4, { state: 'degraded' })], 48)).toEqual(['grant gateway']);
    expect(brief([gateway('healthy'), running('a', 4)], 48)).toEqual([]);
  });
});
