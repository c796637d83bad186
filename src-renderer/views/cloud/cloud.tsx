/** Cloud: what may leave this Mac, to whom, and what it costs. */
import { type CloudCondition, cloudSentence, type Snapshot } from '../../bridge.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Notices } from '../../parts/notices.tsx';
import { cloudWords as words } from '../../words/index.ts';
import { AccountCard } from './account.tsx';
import { Limits } from './limits.tsx';
import { Models } from './models.tsx';
import { Usage } from './usage.tsx';

const looks: Readonly<Record<CloudCondition, string>> = {
  unavailable: 'condition-attention',
  'no-key': 'condition-off',
  off: 'condition-off',
  'local-only': 'condition-off',
  'cap-daily': 'condition-attention',
  'cap-monthly': 'condition-attention',
  ready: 'condition-ready',
};

export function Cloud({ status }: { readonly status: Snapshot }) {
  const { cloud } = status;
  const hasKey = cloud.key.last4 !== null;
  return (
    <>
      <header class={`answer ${looks[cloud.condition]}`}>
        <Icon name="cloud" />
        <div class="answer-text">
          <h1>{words.titles[cloud.condition]}</h1>
          <p>{cloudSentence(cloud)}</p>
        </div>
        {hasKey && (
          <div class="answer-buttons">
            <CommandButton
              key="power"
              kind={cloud.enabled ? 'plain' : 'primary'}
              call={{ name: 'cloud.setOptions', input: { enabled: !cloud.enabled } }}
              label={cloud.enabled ? words.turnOff : words.turnOn}
              name={cloud.enabled ? words.turnOffTitle : words.turnOnTitle}
            />
          </div>
        )}
      </header>
      <Notices notices={[]} />
      <AccountCard cloud={cloud} />
      {(hasKey || cloud.usage.month.requests > 0) && <Usage usage={cloud.usage} />}
      <Limits cloud={cloud} />
      {hasKey && <Models models={cloud.models} />}
    </>
  );
}
