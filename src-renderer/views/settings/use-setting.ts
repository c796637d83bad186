/** One setting being changed: what is under way, what came of it, and what is said of it. */
import { useRef, useState } from 'preact/hooks';
import type { Problem, Result, Setting, SettingChange } from '../../bridge.ts';
import { useStore } from '../../state/store.ts';
import { settingsWords as words } from '../../words/index.ts';
import { savedText } from './figures.ts';

export type Progress =
  | { readonly kind: 'idle' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved'; readonly text: string }
  | { readonly kind: 'refused'; readonly problem: Problem };

export interface SettingChanger {
  readonly progress: Progress;
  /** Resolve with whether it was done. One follows the other, so that the last one wins. */
  set(value: string | number | boolean): Promise<boolean>;
  reset(): Promise<boolean>;
  choose(): Promise<boolean>;
  /** Forgets a refusal. */
  clear(): void;
}

export function useSetting(setting: Setting): SettingChanger {
  const store = useStore();
  const [progress, setProgress] = useState<Progress>({ kind: 'idle' });
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const { key } = setting;

  function perform(ask: () => Promise<Result<SettingChange | null>>): Promise<boolean> {
    const mine = last.current.then(() => change(ask));
    last.current = mine;
    return mine;
  }

  async function change(ask: () => Promise<Result<SettingChange | null>>): Promise<boolean> {
    setProgress({ kind: 'saving' });
    const result = await ask();
    if (!result.ok) {
      setProgress({ kind: 'refused', problem: result.error });
      return false;
    }
    if (result.value === null) {
      setProgress({ kind: 'idle' });
      return false;
    }
    const text = savedText(setting, result.value);
    setProgress({ kind: 'saved', text });
    store.say(words.savedOf(words.titles[key], text));
    return true;
  }

  return {
    progress,
    set: (value) => perform(() => store.ask('settings.set', { key, value })),
    reset: () => perform(() => store.ask('settings.reset', { key })),
    choose: () => perform(() => store.ask('settings.choosePath', { key })),
    clear: () => {
      if (progress.kind === 'refused') setProgress({ kind: 'idle' });
    },
  };
}
