/** Models: those of the stack, those on this Mac, those to be had, and the downloads between the two. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Snapshot } from '../../bridge.ts';
import { Notices } from '../../parts/notices.tsx';
import { commonWords, modelWords as words } from '../../words/index.ts';
import { Browse } from './browse.tsx';
import { DownloadsTab } from './downloads.tsx';
import { Installed } from './installed.tsx';
import { useLibrary } from './library.ts';
import { StackTab } from './stack.tsx';
import { newTier } from './use-form.tsx';

const tabs = ['stack', 'installed', 'browse', 'downloads'] as const;
type Tab = (typeof tabs)[number];

export function Models({ status }: { readonly status: Snapshot }) {
  const { installed, browsed } = useLibrary();
  const [tab, setTab] = useState<Tab>(status.stack.kind === 'loaded' ? 'stack' : 'browse');
  /** The tier for which a model is being chosen. */
  const [target, setTarget] = useState<string | null>(null);
  const revision = status.models.inventoryRevision;
  const used = status.services.map(({ id, model }) => `${id} ${model}`).join('\n');
  const seen = useRef(revision);
  /** What came or went is in both lists; what uses a model is in the first. */
  useEffect(() => {
    void installed.read();
    if (seen.current !== revision && browsed.value.peek() !== null) void browsed.read();
    seen.current = revision;
  }, [revision, used, installed, browsed]);

  const choose = (next: Tab): void => {
    setTarget(null);
    setTab(next);
  };
  const chooseFor = (tier: string): void => {
    setTarget(tier);
    setTab('browse');
  };
  const waiting = status.models.downloads.filter(({ state }) => state !== 'done').length;
  return (
    <div class={`library library-${tab}`}>
      <header class="library-head">
        <h1>{commonWords.views.models}</h1>
        <Tabs current={tab} onChoose={choose} waiting={waiting} />
      </header>
      <Notices notices={[]} />
      <div class="library-panel" role="tabpanel" id="library-panel" aria-labelledby={`library-tab-${tab}`}>
        {tab === 'stack' && (
          <StackTab status={status} onChange={chooseFor} onAdd={() => chooseFor(newTier)} />
        )}
        {tab === 'installed' && (
          <Installed status={status} onBrowse={() => choose('browse')} onUsed={() => choose('stack')} />
        )}
        {tab === 'browse' && (
          <Browse
            status={status}
            target={target}
            onUsed={() => choose('stack')}
            onCancel={() => choose('stack')}
          />
        )}
        {tab === 'downloads' && <DownloadsTab models={status.models} />}
      </div>
    </div>
  );
}

interface TabsProps {
  readonly current: Tab;
  readonly onChoose: (tab: Tab) => void;
  readonly waiting: number;
}

/** As tabs are: one stop of the Tab key, arrows between them. */
function Tabs({ current, onChoose, waiting }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);

  function onKeyDown(event: KeyboardEvent): void {
    const at = tabs.indexOf(current);
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: -1,
    };
    const next = moves[event.key];
    const tab = next === undefined ? undefined : tabs.at(next % tabs.length);
    if (tab === undefined) return;
    event.preventDefault();
    onChoose(tab);
    list.current?.querySelector<HTMLElement>(`#library-tab-${tab}`)?.focus();
  }

  return (
    <div ref={list} class="tabs" role="tablist" aria-label={words.parts} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`library-tab-${tab}`}
          class="tab"
          aria-selected={tab === current}
          aria-controls="library-panel"
          tabIndex={tab === current ? 0 : -1}
          onClick={() => onChoose(tab)}
        >
          {words.tabs[tab]}
          {tab === 'downloads' && waiting > 0 && <span class="tab-count">{waiting}</span>}
        </button>
      ))}
    </div>
  );
}
