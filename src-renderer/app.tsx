/** The window: navigation at the left, the chosen view at the right. */
import { useEffect, useState } from 'preact/hooks';
import { Announcer } from './parts/announcer.tsx';
import { Navigation } from './parts/navigation.tsx';
import { useValue } from './state/signal.ts';
import { useStore } from './state/store.ts';
import { Unreadable } from './views/unreadable.tsx';
import { firstView, viewOf } from './views/views.tsx';

export function App() {
  const { snapshot, readProblem, askedView } = useStore();
  const [viewId, setViewId] = useState(firstView.id);
  const asked = useValue(askedView);
  useEffect(() => {
    if (asked !== null) setViewId(asked.id);
  }, [asked]);
  /** What had the focus may go with its view, when that was left by the menu: the item of the new one has it then. */
  const hadFocus = document.activeElement !== document.body;
  useEffect(() => {
    if (hadFocus && document.activeElement === document.body)
      document.querySelector<HTMLElement>('[aria-current]')?.focus();
  }, [viewId]);
  const status = useValue(snapshot);
  const problem = useValue(readProblem);
  const { component: View, within = viewId } = viewOf(viewId);
  return (
    <div class="window">
      <Navigation current={within} onChoose={setViewId} version={status?.app.version ?? ''} />
      <main class="content">
        {status === null ? <Unreadable problem={problem} /> : <View status={status} />}
      </main>
      <Announcer />
    </div>
  );
}
