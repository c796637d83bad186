/** The key and the account behind it: signing in, pasting, checking, removing. */
import { useEffect } from 'preact/hooks';
import { type CloudStatus, formatDuration, formatUsd } from '../../bridge.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Fact } from '../../parts/fact.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { SecretForm } from '../../parts/secret-form.tsx';
import { SecretProblem } from '../../parts/secret-problem.tsx';
import { useValue } from '../../state/signal.ts';
import { useStore } from '../../state/store.ts';
import { joinSentences } from '../../words/format.ts';
import { commonWords, cloudWords as words } from '../../words/index.ts';

export function AccountCard({ cloud }: { readonly cloud: CloudStatus }) {
  const hasKey = cloud.key.last4 !== null;
  return (
    <Panel id="cloud-account" title={words.account}>
      <SecretProblem account="openrouter" state={cloud.key.state} problem={cloud.key.problem} />
      {cloud.signIn.problem !== null && <ProblemNote problem={cloud.signIn.problem} role="alert" />}
      {cloud.trouble !== null && cloud.trouble.code !== cloud.key.problem?.code && (
        <ProblemNote problem={cloud.trouble} />
      )}
      {hasKey && <KeyFacts cloud={cloud} />}
      {/* One place for both: what had the focus in one hands it on to the other. */}
      {(cloud.signIn.waiting || !hasKey) && <div>{cloud.signIn.waiting ? <Waiting /> : <SignIn />}</div>}
      {hasKey ? (
        <details class="more">
          <summary>{words.replace}</summary>
          <KeyForm label={words.keyField} />
        </details>
      ) : (
        <KeyForm label={words.paste} />
      )}
    </Panel>
  );
}

function SignIn() {
  return (
    <div class="row">
      <p class="card-note">{words.accountText}</p>
      <CommandButton call={{ name: 'cloud.signIn', input: {} }} label={words.signIn} kind="primary" />
    </div>
  );
}

function Waiting() {
  return (
    <div class="row">
      <p role="status">
        <strong>{words.waiting}</strong>
        <span class="card-note"> {words.waitingText}</span>
      </p>
      <div class="buttons">
        <CommandButton
          call={{ name: 'cloud.cancelSignIn', input: {} }}
          label={commonWords.cancel}
          name={words.cancelSignIn}
        />
        <CommandButton call={{ name: 'cloud.signIn', input: {} }} label={words.openAgain} />
      </div>
    </div>
  );
}

function KeyForm({ label }: { readonly label: string }) {
  return (
    <SecretForm
      id="cloud-key"
      callWith={(key) => ({ name: 'cloud.setKey', input: { key } })}
      title={words.saveTitle}
      label={label}
      placeholder={words.keyPlaceholder}
      note={words.keyNote}
      save={words.save}
      saving={words.saving}
      saved={words.saved}
    />
  );
}

function KeyFacts({ cloud }: { readonly cloud: CloudStatus }) {
  const store = useStore();
  const { account, key } = cloud;
  /** Looking at the account is reason enough to ask for it. */
  const mustCheck = key.checkedAt === null && key.problem === null;
  useEffect(() => {
    if (mustCheck) void store.ask('cloud.checkKey', {});
  }, [mustCheck]);
  return (
    <>
      <dl class="facts-wide">
        <Fact label={words.key}>{words.keyEnding(key.last4 ?? '')}</Fact>
        {account !== null && <Fact label={words.label}>{account.label}</Fact>}
        {account !== null && <Fact label={words.left}>{limitLeft(account)}</Fact>}
        {account !== null && <Fact label={words.used}>{formatUsd(account.usageUsd)}</Fact>}
        <Fact label={words.checked}>
          <Ago since={key.checkedAt} />
        </Fact>
      </dl>
      {account?.freeTier === true && <p class="card-note">{words.freeTier}</p>}
      <div class="buttons">
        <CommandButton
          call={{ name: 'cloud.checkKey', input: {} }}
          label={words.check}
          name={words.checkTitle}
        />
        <CommandButton
          call={{ name: 'link.open', input: { link: 'openrouter-keys' } }}
          label={words.manage}
          name={words.manageTitle}
        />
        <CommandButton
          call={{ name: 'link.open', input: { link: 'openrouter-credits' } }}
          label={words.credits}
          name={words.creditsTitle}
        />
        <ConfirmButton
          call={{ name: 'cloud.removeKey', input: {} }}
          label={words.remove}
          name={words.removeTitle}
          question={words.removeQuestion}
          confirm={words.removeConfirm}
        />
      </div>
    </>
  );
}

function limitLeft({ limitUsd, limitLeftUsd, limitReset }: NonNullable<CloudStatus['account']>): string {
  if (limitUsd === null) return words.noLimit;
  const left = words.leftOf(formatUsd(limitLeftUsd ?? limitUsd), formatUsd(limitUsd));
  const resets =
    limitReset !== null && limitReset in words.resets ? Reflect.get(words.resets, limitReset) : '';
  return joinSentences(left, resets);
}

function Ago({ since }: { readonly since: number | null }) {
  const now = useValue(useStore().clock.now);
  return <>{since === null ? words.never : commonWords.ago(formatDuration(Math.max(0, now - since)))}</>;
}
