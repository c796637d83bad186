/** Notifications that macOS did not show, kept as lines of the menu until they were seen. Pure but for its memory and one timer. */
import { assertNever } from '../contract/result.ts';
import type { Snapshot } from '../contract/status.ts';
import { diskNoticeId, type Message } from './alerts.ts';

export interface UnshownMessage extends Message {
  /** Never given twice. */
  readonly number: number;
}

/** The newest of them: a menu is no list of events. */
export const unshownMax = 3;
/** As long as nobody opens the menu; it may have happened at night. */
export const unseenKeptMs = 24 * 60 * 60_000;
/** From when the menu was opened with it: time to open it once more and click. */
export const seenKeptMs = 60_000;

export interface Unshown {
  add(message: Message): void;
  /** The user sees what there is. */
  menuOpened(): void;
  /** The window says it all. */
  windowOpened(): void;
}

export interface UnshownOptions {
  /** Newest first. */
  readonly onChange: (messages: readonly UnshownMessage[]) => void;
  readonly now: () => number;
}

export function createUnshown({ onChange, now }: UnshownOptions): Unshown {
  let kept: readonly { readonly message: UnshownMessage; readonly endsAt: number }[] = [];
  let lastNumber = 0;
  let timer: NodeJS.Timeout | undefined;

  function set(next: typeof kept): void {
    const hasChanged =
      next.length !== kept.length || next.some(({ message }, index) => message !== kept[index]?.message);
    kept = next;
    clearTimeout(timer);
    const first = Math.min(...kept.map(({ endsAt }) => endsAt));
    timer = kept.length === 0 ? undefined : setTimeout(drop, Math.max(0, first - now())).unref();
    if (hasChanged) onChange(kept.map(({ message }) => message));
  }

  function drop(): void {
    const at = now();
    set(kept.filter(({ endsAt }) => endsAt > at));
  }

  return {
    add(message) {
      lastNumber += 1;
      const others = kept.filter((one) => one.message.about !== message.about);
      const added = { message: { ...message, number: lastNumber }, endsAt: now() + unseenKeptMs };
      set([added, ...others].slice(0, unshownMax));
    },
    menuOpened() {
      const endsAt = now() + seenKeptMs;
      set(kept.map((one) => ({ ...one, endsAt: Math.min(one.endsAt, endsAt) })));
    },
    windowOpened: () => set([]),
  };
}

/** A failure that is over, or room on the disk, is no news any more. */
export function isStillTrue(
  { kind, about }: Pick<Message, 'kind' | 'about'>,
  { services, notices }: Pick<Snapshot, 'services' | 'notices'>,
): boolean {
  const isFailed = services.some(({ id, state }) => id === about && state === 'failed');
  if (kind === 'failure') return isFailed;
  if (kind === 'recovery') return !isFailed;
  if (kind === 'disk') return notices.some(({ id }) => id === diskNoticeId);
  return kind === undefined || assertNever(kind, 'isStillTrue');
}
