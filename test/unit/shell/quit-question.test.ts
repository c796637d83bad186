import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createUserQuit,
  finishLimitMs,
  finishPollMs,
  type QuitReason,
  quitQuestion,
} from '../../../src-main/shell/quit-question.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function start(requests: number) {
  const state = {
    requests,
    asked: 0,
    quits: 0,
    quitting: false,
    reason: '',
    waiting: [] as (number | null)[],
  };
  let answer = Promise.withResolvers<number>();
  const quit = createUserQuit({
    readActivity: async () => ({ requests: state.requests, tokensPerSecond: 0 }),
    ask: () => {
      state.asked += 1;
      answer = Promise.withResolvers();
      return answer.promise;
    },
    quit: (reason) => {
      state.quits += 1;
      state.reason = reason;
      state.quitting = true;
    },
    isQuitting: () => state.quitting,
    onWaiting: (running) => state.waiting.push(running),
  });
  const press = async (label: string) => {
    const labels = (['quit', 'update'] as const).map((reason) => quitQuestion(1, reason).buttons);
    answer.resolve(Math.max(...labels.map((buttons) => buttons.indexOf(label))));
    await vi.advanceTimersByTimeAsync(0);
  };
  const request = async (reason?: QuitReason) => {
    quit.request(reason);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { state, quit, press, request };
}

describe('quitting by the user', () => {
  it('asks nothing when nothing runs', async () => {
    const { state, request } = start(0);
    await request();
    expect([state.asked, state.quits]).toEqual([0, 1]);
  });

  it('says how many requests run', () => {
    expect(quitQuestion(1).message).toBe('A request is running.');
    expect(quitQuestion(2).message).toBe('2 requests are running.');
    const { buttons, defaultId, cancelId } = quitQuestion(2);
    expect([buttons[defaultId], buttons[cancelId]]).toEqual(['Quit When Finished', 'Cancel']);
  });

  it('now', async () => {
    const { state, press, request } = start(2);
    await request();
    await press('Quit Now');
    expect([state.asked, state.quits]).toEqual([1, 1]);
  });

  it('not at all, and asks anew the next time', async () => {
    const { state, press, request } = start(2);
    await request();
    await press('Cancel');
    expect(state.quits).toBe(0);
    await request();
    expect(state.asked).toBe(2);
  });

  it('a dialog that ended without an answer is a cancel', async () => {
    const { state, press, request } = start(2);
    await request();
    await press('there is no such button');
    expect(state.quits).toBe(0);
  });

  it('when they are finished', async () => {
    const { state, press, request } = start(2);
    await request();
    await press('Quit When Finished');
    await vi.advanceTimersByTimeAsync(finishPollMs * 3);
    expect(state.quits).toBe(0);
    state.requests = 0;
    await vi.advanceTimersByTimeAsync(finishPollMs);
    expect(state.quits).toBe(1);
    expect(state.waiting[0]).toBe(2);
    expect(state.waiting.at(-1)).toBeNull();
  });

  it('at the latest after the limit, so that a stuck request does not keep it alive', async () => {
    const { state, press, request } = start(1);
    await request();
    await press('Quit When Finished');
    await vi.advanceTimersByTimeAsync(finishLimitMs - finishPollMs);
    expect(state.quits).toBe(0);
    await vi.advanceTimersByTimeAsync(finishPollMs * 2);
    expect(state.quits).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a second wish while it waits quits now; one while it asks changes nothing', async () => {
    const { state, press, request } = start(1);
    await request();
    await request();
    expect([state.asked, state.quits]).toEqual([1, 0]);
    await press('Quit When Finished');
    await request();
    expect(state.quits).toBe(1);
    await vi.advanceTimersByTimeAsync(finishPollMs * 5);
    expect(state.quits).toBe(1);
  });

  it('a wait that the user takes back leaves the app running', async () => {
    const { state, quit, press, request } = start(1);
    await request();
    await press('Quit When Finished');
    quit.stay();
    state.requests = 0;
    await vi.advanceTimersByTimeAsync(finishPollMs * 5);
    expect([state.quits, state.waiting.at(-1)]).toEqual([0, null]);
  });

  it('a shutdown while it asks or waits is not quit a second time', async () => {
    const { state, press, request } = start(1);
    await request();
    await press('Quit When Finished');
    state.quitting = true;
    await vi.advanceTimersByTimeAsync(finishPollMs * 3);
    expect(state.quits).toBe(0);
  });

  it('while it already quits, a wish cuts the rest short', async () => {
    const { state, request } = start(1);
    state.quitting = true;
    await request();
    expect([state.asked, state.quits]).toEqual([0, 1]);
  });

  it('restarts for an update when the last request has ended, and says what it waits for', async () => {
    const { state, press, request } = start(1);
    await request('update');
    await press('Restart When Finished');
    expect([state.quits, state.waiting]).toEqual([0, [1]]);
    state.requests = 0;
    await vi.advanceTimersByTimeAsync(finishPollMs);
    expect([state.quits, state.reason]).toEqual([1, 'update']);
  });

  it('plain quitting while an update waits for requests does not open the app again', async () => {
    const { state, press, request } = start(1);
    await request('update');
    await press('Restart When Finished');
    await request('quit');
    expect([state.quits, state.reason]).toEqual([1, 'quit']);
  });
});
