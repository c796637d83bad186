import { describe, expect, it, vi } from 'vitest';
import { releaseStartMemory } from '../../src-main/start-memory.ts';

/** Registers what nobody holds once this has returned. */
function leaveGarbage(registry: FinalizationRegistry<string>): void {
  registry.register({ takes: 'room' }, 'garbage');
}

describe('releaseStartMemory', () => {
  it('collects what nobody holds any more, and leaves no gc behind', async () => {
    const collected: string[] = [];
    const registry = new FinalizationRegistry<string>((what) => collected.push(what));
    leaveGarbage(registry);
    await vi.waitFor(
      () => {
        releaseStartMemory();
        expect(collected).toEqual(['garbage']);
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(registry).toBeInstanceOf(FinalizationRegistry);
    expect('gc' in globalThis).toBe(false);
  });
});
