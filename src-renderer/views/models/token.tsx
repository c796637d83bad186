/** The account at Hugging Face, for models whose makers ask for one. */
import type { ModelsStatus } from '../../bridge.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { SecretForm } from '../../parts/secret-form.tsx';
import { SecretProblem } from '../../parts/secret-problem.tsx';
import { modelWords as words } from '../../words/index.ts';

export function TokenCard({ token }: { readonly token: ModelsStatus['token'] }) {
  const isPresent = token.state === 'present';
  return (
    <Panel id="hugging-face" title={words.token} text={words.tokenText}>
      <SecretProblem account="huggingface" state={token.state} problem={token.problem} />
      {isPresent ? (
        <div class="row">
          <p>{token.last4 === null ? words.tokenPresent : words.tokenEnding(token.last4)}</p>
          <ConfirmButton
            call={{ name: 'models.removeToken', input: {} }}
            label={words.tokenRemove}
            name={words.tokenRemoveTitle}
            question={words.tokenRemoveQuestion}
            confirm={words.tokenRemoveConfirm}
          />
        </div>
      ) : (
        <TokenForm id="hugging-face-token" />
      )}
    </Panel>
  );
}

export function TokenForm({ id }: { readonly id: string }) {
  return (
    <SecretForm
      id={id}
      callWith={(token) => ({ name: 'models.setToken', input: { token } })}
      title={words.tokenTitle}
      label={words.tokenField}
      placeholder={words.tokenPlaceholder}
      note={words.tokenNote}
      save={words.tokenSave}
      saving={words.tokenSaving}
      saved={words.tokenSaved}
    />
  );
}
