/** The one store of the window: the status, what is under way, and what to say. Views only read it and call its functions. */

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type {
  Bridge,
  CommandCall,
  CommandInput,
  CommandName,
  CommandOutput,
  LogPlace,
  Problem,
  Result,
  Snapshot,
} from '../bridge.ts';
import { commonWords } from '../words/index.ts';
import { announcement } from './announce.ts';
import { type Clock, createClock } from './clock.ts';
import { followStatus } from './follow.ts';
import { type ReadonlySignal, signal } from './signal.ts';

/** A command that was refused, to be shown until it is dismissed or the next one succeeds. */
export interface Refusal {
  readonly title: string;
  readonly problem: Problem;
}

export interface Store {
  readonly snapshot: ReadonlySignal<Snapshot | null>;
  readonly readProblem: ReadonlySignal<Problem | null>;
  readonly refusal: ReadonlySignal<Refusal | null>;
  /** The keys of the commands under way, see `keyOf`. */
  readonly pending: ReadonlySignal<ReadonlySet<string>>;
  /** The view that the menu, a notification or another view asked for last, and in the logs the line. */
  readonly askedView: ReadonlySignal<AskedView | null>;
  /** Counts up while the logs are watched and grow. */
  readonly logGrowth: ReadonlySignal<number>;
  /** What the live region says; the count makes the same words another saying. */
  readonly spoken: ReadonlySignal<{ readonly text: string; readonly count: number }>;
  readonly clock: Clock;
  /** Reads the status and follows it from then on; settles with the first reading, successful or not. */
  follow(): Promise<void>;
  /** Gives a command; a second one while the first is under way is not given. Resolves with whether it succeeded. */
  act(call: CommandCall, title: string): Promise<boolean>;
  /** Gives a command for its answer; whoever asks shows what comes of it. */
  ask<N extends CommandName>(name: N, input: CommandInput<N>): Promise<Result<CommandOutput<N>>>;
  /** For what a view follows by itself; returns the function that ends it. */
  readonly listen: Bridge['on'];
  say(text: string): void;
  show(view: AskedView): void;
  dismissRefusal(): void;
}

export interface AskedView {
  readonly id: string;
  readonly log?: LogPlace;
}

/** A key that is being set is not kept here either, not even while it is under way. */
export const keyOf = (call: CommandCall): string =>
  call.name === 'cloud.setKey' || call.name === 'models.setToken'
    ? call.name
    : `${call.name} ${JSON.stringify(call.input)}`;

/** `first`: a status to begin with, until it is followed. */
export function connect(bridge: Bridge, first: Snapshot | null): Store {
  const snapshot = signal<Snapshot | null>(first);
  const readProblem = signal<Problem | null>(null);
  const refusal = signal<Refusal | null>(null);
  const pending = signal<ReadonlySet<string>>(new Set());
  const spoken = signal({ text: '', count: 0 });
  const askedView = signal<AskedView | null>(null);
  const logGrowth = signal(0);
  const clock = createClock();

  const follower = followStatus({
    read: () => bridge.call('status.read', {}),
    subscribe: (listener) => bridge.on('status.changed', listener),
    onSnapshot(next) {
      const before = snapshot.peek();
      if (before !== null) {
        const text = announcement(before, next);
        if (text !== '') say(text);
      }
      readProblem.value = null;
      if (before?.revision !== next.revision) snapshot.value = next;
    },
    onProblem: (problem) => {
      readProblem.value = problem;
    },
  });
  bridge.on('window.visibilityChanged', ({ visible }) => clock.setVisible(visible));

  bridge.on('view.chosen', ({ view, log }) => {
    askedView.value = log === undefined ? { id: view } : { id: view, log };
  });
  bridge.on('log.grew', () => {
    logGrowth.value += 1;
  });

  function say(text: string): void {
    spoken.value = { text, count: spoken.peek().count + 1 };
  }

  function setPending(key: string, isPending: boolean): void {
    const next = new Set(pending.peek());
    if (isPending) next.add(key);
    else next.delete(key);
    pending.value = next;
  }

  return {
    snapshot,
    readProblem,
    refusal,
    pending,
    askedView,
    logGrowth,
    spoken,
    clock,
    follow: follower.begin,
    async act(call, title) {
      const key = keyOf(call);
      if (pending.peek().has(key)) return false;
      setPending(key, true);
      const result = await give(bridge, call);
      setPending(key, false);
      refusal.value = result === null ? null : { title, problem: result };
      return result === null;
    },
    async ask(name, input) {
      try {
        return await bridge.call(name, input);
      } catch {
        return { ok: false, error: { code: 'bridge-failed', message: commonWords.bridgeFailed } };
      }
    },
    listen: bridge.on,
    say,
    show: (view) => {
      askedView.value = view;
    },
    dismissRefusal: () => {
      refusal.value = null;
    },
  };
}

/** `null` when the command succeeded. */
async function give(bridge: Bridge, { name, input }: CommandCall): Promise<Problem | null> {
  try {
    const result = await bridge.call(name, input);
    return result.ok ? null : result.error;
  } catch {
    return { code: 'bridge-failed', message: commonWords.bridgeFailed };
  }
}

export const StoreContext = createContext<Store | null>(null);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('A view was used outside of the window.');
  return store;
}
