import { describe, expect, it } from 'vitest';
import { announcement } from '../../../src-renderer/state/announce.ts';
import { gateway, snapshots, tier } from '../status/snapshots.ts';

const withServices = (...services: ReturnType<typeof tier>[]) => ({ ...snapshots.healthy, services });

describe('announcement', () => {
  it('says nothing when nothing settled', () => {
    const before = withServices(tier('fast', 'waiting'), gateway('waiting'));
    const after = withServices(tier('fast', 'starting'), gateway('waiting'));
    expect(announcement(before, after)).toBe('');
    expect(announcement(after, { ...after, revision: 9 })).toBe('');
  });

  it('says what a service came to, and the new answer', () => {
    const before = withServices(tier('fast', 'starting'), gateway('healthy'));
    const after = withServices(tier('fast', 'healthy'), gateway('healthy'));
    expect(announcement(before, after)).toBe('fast: Ready. MLX Stack is ready');
  });

  it('says only the state when the answer stays', () => {
    const before = withServices(tier('fast', 'healthy'), gateway('healthy'));
    const after = withServices(tier('fast', 'degraded'), gateway('healthy'));
    expect(announcement(before, after)).toBe('fast: Slow');
  });

  it('says a new notice once, and not as the answer', () => {
    const { notices } = snapshots.notices;
    const before = { ...snapshots.notices, notices: notices.slice(1) };
    expect(announcement(before, snapshots.notices)).toBe('The settings file cannot be read');
    expect(announcement(snapshots.notices, snapshots.notices)).toBe('');
  });

  it('does not read a new model out as a change', () => {
    const before = withServices(tier('fast', 'healthy'), gateway('healthy'));
    const after = withServices(tier('fast', 'healthy'), tier('new', 'healthy'), gateway('healthy'));
    expect(announcement(before, after)).toBe('');
  });
});
