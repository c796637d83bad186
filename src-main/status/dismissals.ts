/** Which notices the user has put away: for as long as each is there, so that one that comes back is seen. Pure but for its memory. */
import type { Notice } from '../contract/status.ts';

export interface Dismissals {
  /** Those of `present` that are to be shown; what is no longer present is forgotten. */
  shown(present: readonly Notice[]): Notice[];
  /** Takes only what is there and may be put away. */
  dismiss(id: string, present: readonly Notice[]): void;
}

export function createDismissals(): Dismissals {
  const dismissed = new Set<string>();
  return {
    shown(present) {
      const ids = new Set(present.map(({ id }) => id));
      for (const id of dismissed) if (!ids.has(id)) dismissed.delete(id);
      return present.filter(({ id }) => !dismissed.has(id));
    },
    dismiss(id, present) {
      if (present.some((notice) => notice.id === id && notice.dismissible)) dismissed.add(id);
    },
  };
}
