/** Banners: what the app has to say about its files, and a command that was refused. */
import { callOfNotice, type Notice } from '../bridge.ts';
import { useValue } from '../state/signal.ts';
import { useStore } from '../state/store.ts';
import { joinSentences } from '../words/format.ts';
import { commonWords } from '../words/index.ts';
import { CommandButton } from './command-button.tsx';
import { Icon, StateIcon } from './icons.tsx';

export function Notices({ notices }: { readonly notices: readonly Notice[] }) {
  return (
    <>
      <RefusalBanner />
      {notices.map((notice) => (
        <NoticeBanner key={notice.id} notice={notice} />
      ))}
    </>
  );
}

function NoticeBanner({ notice }: { readonly notice: Notice }) {
  const store = useStore();
  const dismiss = () =>
    void store.act({ name: 'notice.dismiss', input: { id: notice.id } }, commonWords.dismissOf(notice.title));
  return (
    <section class={`banner banner-${notice.severity}`} aria-label={notice.title}>
      {notice.severity === 'info' ? <Icon name="info" /> : <StateIcon state="failed" />}
      <div class="banner-text">
        <strong>{notice.title}</strong>
        <p>{notice.message}</p>
      </div>
      {notice.action !== null && (
        <CommandButton call={callOfNotice(notice.action)} label={notice.action.label} />
      )}
      {notice.dismissible && <DismissButton title={notice.title} onClick={dismiss} />}
    </section>
  );
}

function RefusalBanner() {
  const store = useStore();
  const refusal = useValue(store.refusal);
  if (refusal === null) return null;
  return (
    <div class="banner banner-error" role="alert">
      <StateIcon state="failed" />
      <div class="banner-text">
        <strong>{commonWords.couldNot(refusal.title)}</strong>
        <p>{joinSentences(refusal.problem.message, refusal.problem.hint)}</p>
      </div>
      <DismissButton title={refusal.title} onClick={store.dismissRefusal} />
    </div>
  );
}

function DismissButton({ title, onClick }: { readonly title: string; readonly onClick: () => void }) {
  return (
    <button type="button" class="button-cross" aria-label={commonWords.dismissOf(title)} onClick={onClick}>
      <Icon name="cross" />
    </button>
  );
}
