/** Cloud: what may leave this Mac, to whom, and what it costs. */
import { type CloudCondition, cloudSentence, type Snapshot } from '../../bridge.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { Notices } from '../../parts/notices.tsx';
import { isKeptBack } from '../../parts/secret-problem.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { cloudWords as words } from '../../words/index.ts';
import { AccountCard } from './account.tsx';
import { Limits } from './limits.tsx';
import { Models } from './models.tsx';
import { Usage } from './usage.tsx';

const looks: Readonly<Record<CloudCondition, string>> = {
  unavailable: 'attention',
  'no-key': 'off',
  off: 'off',
  'local-only': 'off',
  'cap-daily': 'attention',
  'cap-monthly': 'attention',
  ready: 'ready',
};

export function Cloud({ status }: { readonly status: Snapshot }) {
  const { cloud } = status;
  const hasKey = cloud.key.last4 !== null;
  return (
    <>
      <ViewHead
        icon="cloud"
        condition={looks[cloud.condition]}
        title={isKeptBack(cloud.key.state) ? words.keyKeptBack : words.titles[cloud.condition]}
        lines={[cloudSentence(cloud)]}
      >
        {hasKey && (
          <CommandButton
            key="power"
            kind={cloud.enabled ? 'plain' : 'primary'}
            call={{ name: 'cloud.setOptions', input: { enabled: !cloud.enabled } }}
            label={cloud.enabled ? words.turnOff : words.turnOn}
          />
        )}
      </ViewHead>
      <Notices notices={[]} />
      <AccountCard cloud={cloud} />
      {(hasKey || cloud.usage.month.requests > 0) && <Usage usage={cloud.usage} />}
      <Limits cloud={cloud} />
      {hasKey && <Models models={cloud.models} />}
    </>
  );
}
