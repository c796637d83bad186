import { describe, expect, it } from 'vitest';
import { announcement } from '../../../src-renderer/state/announce.ts';
import {
  answered,
  answering,
  busyModels,
  settingUp,
  setupFailed,
  setupSnapshots,
} from '../../e2e/setup-fixture.ts';
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

  it('says each step of the setup that is over, and how all of it ended, never how far it is', () => {
    const { fresh, working } = setupSnapshots;
    const further = {
      ...working,
      setup: { ...settingUp, steps: settingUp.steps.map((step) => ({ ...step, fraction: 0.9 })) },
    };
    expect(announcement(fresh, working)).toBe('');
    expect(announcement(working, further)).toBe('');
    expect(announcement(working, { ...working, setup: { ...answering, answer: null } })).toBe(
      'Download the models: done. Write the stack: done. Start the models: done',
    );
    const asked = { ...snapshots.healthy, setup: answering };
    expect(announcement(asked, { ...asked, setup: answered })).toBe(
      'First answer: done. Your Mac answers. Hello! I am running entirely on your Mac, and nothing you ask me leaves it',
    );
    expect(announcement(working, { ...working, setup: setupFailed })).toBe(
      'The setup has stopped. The disk is full: 12.5 GB are still to be downloaded, and 3.1 GB are free',
    );
  });

  it('says of a download that it is done or has failed', () => {
    const before = { ...snapshots.healthy, models: busyModels };
    const [first, ...others] = busyModels.downloads;
    if (first === undefined) throw new Error('There is no download.');
    const withFirst = (state: 'downloading' | 'done' | 'failed', doneBytes = 0) => ({
      ...before,
      models: { ...busyModels, downloads: [{ ...first, state, doneBytes }, ...others] },
    });
    expect(announcement(before, withFirst('downloading', 9e9))).toBe('');
    expect(announcement(before, withFirst('done'))).toBe('Download of Qwen3.8 27B: Done');
    expect(announcement(before, withFirst('failed'))).toBe('Download of Qwen3.8 27B: Failed');
    expect(announcement(snapshots.healthy, before)).toBe('');
  });

  it('says of a model that it is verified or not, once', () => {
    const withCheck = (state: 'checking' | 'matched' | 'failed', doneBytes = 0) => ({
      ...snapshots.healthy,
      models: {
        ...busyModels,
        checks: [
          { key: 'k', name: 'Qwen3 0.6B', state, doneBytes, totalBytes: 10, problem: null, differs: false },
        ],
      },
    });
    expect(announcement(withCheck('checking'), withCheck('checking', 5))).toBe('');
    const matched = 'Qwen3 0.6B: Verified: every file is as the repository has it';
    expect(announcement(withCheck('checking'), withCheck('matched'))).toBe(matched);
    expect(announcement(withCheck('checking'), withCheck('failed'))).toBe('Qwen3 0.6B: Not verified');
    expect(announcement(withCheck('matched'), withCheck('matched'))).toBe('');
  });
});
