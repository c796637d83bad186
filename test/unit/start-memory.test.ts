import { describe, expect, it } from 'vitest';
import { releaseStartMemory } from '../../src-main/start-memory.ts';

describe('releaseStartMemory', () => {
  it('collects what nobody holds any more, and leaves no gc behind', async () => {
    const collected = Promise.withResolvers<string>();
    const registry = new FinalizationRegistry<string>(collected.resolve);
    const target = new WeakRef({ takes: 'room' });
    registry.register(target.deref() ?? {}, 'collected');
    // What was looked at in this turn of the loop is kept until the next one.
    await new Promise((resolve) => setImmediate(resolve));
    releaseStartMemory();
    expect(await collected.promise).toBe('collected');
    expect(target.deref()).toBeUndefined();
    expect(registry).toBeInstanceOf(FinalizationRegistry);
    expect('gc' in globalThis).toBe(false);
  });
});
