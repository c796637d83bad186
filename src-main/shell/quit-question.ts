/** What to ask when the user quits, or restarts for an update, while requests run, and what the answer means. Plain Node. */
import type { Activity } from '../supervisor/activity.ts';
import { shellWords } from '../words/index.ts';

const words = shellWords.quit;

/** `update`: the app opens again by itself, renewed. */
export type QuitReason = 'quit' | 'update';
export type QuitAnswer = 'finish' | 'now' | 'cancel';

export interface Question {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly string[];
  readonly defaultId: number;
  readonly cancelId: number;
}

const answers: readonly QuitAnswer[] = ['finish', 'now', 'cancel'];

export function quitQuestion(requests: number, reason: QuitReason = 'quit'): Question {
  const { detail, finish, now } = words[reason];
  return {
    message: words.running(requests),
    detail,
    buttons: [finish, now, words.cancel],
    defaultId: answers.indexOf('finish'),
    cancelId: answers.indexOf('cancel'),
  };
}

const quitAnswer = (button: number): QuitAnswer => answers[button] ?? 'cancel';

/** A stuck request must not keep the app from ever ending. */
export const finishLimitMs = 30 * 60_000;
export const finishPollMs = 1_000;

export interface UserQuitOptions {
  readonly readActivity: () => Promise<Activity>;
  readonly ask: (question: Question) => Promise<number>;
  /** Ends the app now; while it already quits, cuts the rest short. */
  readonly quit: (reason: QuitReason) => void;
  readonly isQuitting: () => boolean;
  /** The user chose to wait: `null` once that is over. */
  readonly onWaiting: (requests: number | null, reason: QuitReason) => void;
  readonly limitMs?: number;
  readonly pollMs?: number;
}

export interface UserQuit {
  /** The user wants to quit. A second wish while the first waits for requests does not wait any more. */
  request(reason?: QuitReason): void;
  /** The user has changed his mind. */
  stay(): void;
}

export function createUserQuit(options: UserQuitOptions): UserQuit {
  let phase: 'none' | 'asking' | 'waiting' = 'none';
  let reason: QuitReason = 'quit';
  /** Grows whenever a wait is over, so that a late reading of it is told from the present. */
  let wait = 0;
  let timer: NodeJS.Timeout | undefined;

  function quitNow(): void {
    endWait();
    options.quit(reason);
  }

  function endWait(): void {
    wait += 1;
    clearTimeout(timer);
    if (phase === 'waiting') options.onWaiting(null, reason);
    phase = 'none';
  }

  async function askFirst(): Promise<void> {
    phase = 'asking';
    const { requests } = await options.readActivity();
    if (options.isQuitting()) return;
    if (requests === 0) return quitNow();
    switch (quitAnswer(await options.ask(quitQuestion(requests, reason)))) {
      case 'now':
        return quitNow();
      case 'cancel':
        phase = 'none';
        return;
      case 'finish':
        phase = 'waiting';
        return await waitForRequests(performance.now() + (options.limitMs ?? finishLimitMs), wait);
    }
  }

  async function waitForRequests(deadlineMs: number, mine: number): Promise<void> {
    const { requests } = await options.readActivity();
    if (mine !== wait || options.isQuitting()) return;
    if (requests === 0 || performance.now() >= deadlineMs) return quitNow();
    options.onWaiting(requests, reason);
    timer = setTimeout(() => void waitForRequests(deadlineMs, mine), options.pollMs ?? finishPollMs);
  }

  return {
    request(why = 'quit') {
      if (phase !== 'asking') reason = why;
      if (options.isQuitting() || phase === 'waiting') return quitNow();
      if (phase === 'asking') return;
      askFirst().catch(quitNow);
    },
    stay() {
      if (phase === 'waiting') endWait();
    },
  };
}
