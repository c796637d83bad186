import { describe, expect, it } from 'vitest';
import { releaseStartMemory } from '../../src-main/start-memory.ts';

/** Registers what nobody holds once this has returned. */
function leaveGarbage(registry: FinalizationRegistry<string>): void {
  registry.register({ takes: 'room' }, 'collected');
}

describe('releaseStartMemory', () => {
  it('collects what nobody holds any more, and leaves no gc behind', async () => {
    const collected = Promise.withResolvers<string>();
    const registry = new FinalizationRegistry<string>(collected.resolve);
    leaveGarbage(registry);
    releaseStartMemory();
    expect(await collected.promise).toBe('collected');
    expect(registry).toBeInstanceOf(FinalizationRegistry);
    expect('gc' in globalThis).toBe(false);
  });
});
