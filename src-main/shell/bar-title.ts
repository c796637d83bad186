/** The optional text beside the menu-bar icon: at most once a second, and only when it differs. Pure but for the timer. */
import type { Config } from '../config/config-keys.ts';
import type { Snapshot } from '../contract/status.ts';
import { summarise } from '../status/summary.ts';
import type { Activity } from '../supervisor/activity.ts';
import { shellWords } from '../words/index.ts';

const words = shellWords.tray;

export type BarTitle = Config['menuBarTitle'];

export function barTitle(kind: BarTitle, snapshot: Snapshot, activity: Activity): string {
  switch (kind) {
    case 'none':
      return '';
    case 'models': {
      const { readyTiers, wantedTiers } = summarise(snapshot);
      return wantedTiers === 0 ? '' : words.modelsInBar(readyTiers, wantedTiers);
    }
    case 'speed':
      return activity.requests === 0 ? '' : words.speedInBar(Math.round(activity.tokensPerSecond));
  }
}

/** Setting a title redraws the item on every display: 40 % of a core was seen at one a second on macOS 26 when it was always set. */
export const titleIntervalMs = 1_000;

export interface ThrottledTitle {
  set(title: string): void;
  close(): void;
}

export function throttleTitle(apply: (title: string) => void, intervalMs = titleIntervalMs): ThrottledTitle {
  let shown = '';
  let wanted = '';
  let timer: NodeJS.Timeout | undefined;

  function show(): void {
    if (wanted === shown) return;
    shown = wanted;
    apply(shown);
    timer = setTimeout(() => {
      timer = undefined;
      show();
    }, intervalMs).unref();
  }

  return {
    set(title) {
      wanted = title;
      if (timer === undefined) show();
    },
    close: () => clearTimeout(timer),
  };
}
