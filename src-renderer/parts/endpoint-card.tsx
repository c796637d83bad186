/** Where clients connect: the base URL and the key, each to copy. */
import type { Snapshot } from '../bridge.ts';
import { overviewWords as words } from '../words/index.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Panel } from './panel.tsx';

export const keyMask = '••••••••••••';

export function EndpointCard({ status, serving }: { readonly status: Snapshot; readonly serving: boolean }) {
  return (
    <Panel
      id="endpoint"
      look="card endpoint"
      title={words.endpoint}
      text={serving ? words.endpointReady : words.endpointNotReady}
    >
      <div class="field">
        <span class="field-label">{words.baseUrl}</span>
        <code class="field-value ellipsis" title={status.gateway.baseUrl}>
          {status.gateway.baseUrl}
        </code>
        <CopyButton
          call={{ name: 'endpoint.copyAddress', input: {} }}
          name={words.copyBaseUrl}
          done={words.baseUrlCopied}
        />
      </div>
      <div class="field">
        <span class="field-label">{words.apiKey}</span>
        <code class="field-value">
          <span aria-hidden="true">
            {keyMask}
            {status.gateway.keyLast4}
          </span>
          <span class="visually-hidden">{words.apiKeyHidden}</span>
        </code>
        <CopyButton
          call={{ name: 'endpoint.copyKey', input: {} }}
          name={words.copyApiKey}
          done={words.apiKeyCopied}
        />
      </div>
      <div class="endpoint-more">
        <ConfirmButton
          call={{ name: 'gateway.rotateKey', input: {} }}
          label={words.rotateKey}
          name={words.rotateKeyName}
          question={words.rotateKeyQuestion}
          confirm={words.rotateKeyConfirm}
          done={words.rotateKeyDone}
        />
      </div>
    </Panel>
  );
}
