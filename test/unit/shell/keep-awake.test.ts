import { describe, expect, it } from 'vitest';
import { createKeepAwake } from '../../../src-main/shell/keep-awake.ts';

function start() {
  const did: string[] = [];
  const blocker = { start: () => void did.push('start'), stop: () => void did.push('stop') };
  return { did, keep: createKeepAwake(blocker, (state) => did.push(state)) };
}

describe('keeping the Mac awake', () => {
  it('holds the blocker only while requests run', () => {
    const { did, keep } = start();
    keep.setWanted(true);
    keep.setRequests(2);
    keep.setRequests(1);
    keep.setRequests(0);
    keep.setRequests(1);
    expect(did).toEqual(['idle', 'start', 'holding', 'stop', 'idle', 'start', 'holding']);
  });

  it('does nothing without the user’s wish', () => {
    const { did, keep } = start();
    keep.setRequests(3);
    expect(did).toEqual([]);
    expect(keep.state).toBe('off');
  });

  it('lets go at once when the wish is withdrawn, and remembers no request of before', () => {
    const { did, keep } = start();
    keep.setWanted(true);
    keep.setRequests(1);
    keep.setWanted(false);
    keep.setWanted(true);
    expect(did.slice(2)).toEqual(['holding', 'stop', 'off', 'idle']);
  });
});
