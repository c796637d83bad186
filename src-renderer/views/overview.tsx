/** Overview: is it working, where, and what does each service do. */
import {
  type Condition,
  progressLine,
  type ServiceStatus,
  type Snapshot,
  type Summary,
  summarise,
} from '../bridge.ts';
import { Button } from '../parts/button.tsx';
import { CommandButton } from '../parts/command-button.tsx';
import { EndpointCard } from '../parts/endpoint-card.tsx';
import { Icon } from '../parts/icons.tsx';
import { MemoryCard } from '../parts/memory-card.tsx';
import { Notices } from '../parts/notices.tsx';
import { Panel } from '../parts/panel.tsx';
import { ServiceCard } from '../parts/service-card.tsx';
import { ViewHead } from '../parts/view-head.tsx';
import { useStore } from '../state/store.ts';
import { joinFacts, joinSentences } from '../words/format.ts';
import { commonWords, overviewWords as words } from '../words/index.ts';
import { later } from './later.tsx';

const Setup = later('Setup');

export function Overview({ status }: { readonly status: Snapshot }) {
  /** Notices have their banners; the headline is about the stack. */
  const summary = summarise({ ...status, notices: [] });
  if (isAboutSetup(status)) return <Setup status={status} />;
  if (status.services.length === 0) {
    return (
      <>
        <Notices notices={status.notices} />
        <WithoutServices status={status} summary={summary} />
      </>
    );
  }
  const isLocked = status.app.phase === 'quitting';
  const ofKind = (kind: ServiceStatus['kind']) => status.services.filter((service) => service.kind === kind);
  return (
    <>
      <Answer status={status} summary={summary} />
      <Notices notices={status.notices} />
      <div class="pair">
        <EndpointCard status={status} serving={summary.serving} />
        <MemoryCard memory={status.memory} mac={status.mac} />
      </div>
      <Services title={words.models} services={ofKind('tier')} isLocked={isLocked} />
      <Services title={words.gateway} services={ofKind('gateway')} isLocked={isLocked} />
    </>
  );
}

/** There is nothing yet that could be told of, or it is just being made. */
function isAboutSetup({ app, setup, stack, services }: Snapshot): boolean {
  if (app.phase !== 'running') return false;
  return setup.phase !== 'idle' || (stack.kind === 'none' && services.length === 0);
}

/** Start and Stop are one place, as with a service: the focus stays on it when one becomes the other. */
function Answer({ status, summary }: { readonly status: Snapshot; readonly summary: Summary }) {
  const remedy = summary.troubles[0]?.remedy;
  const isQuitting = status.app.phase === 'quitting';
  return (
    <ViewHead
      icon="stack"
      condition={summary.condition}
      title={isQuitting ? summary.headline : (summary.troubles[0]?.title ?? summary.headline)}
      lines={explain(status, summary)}
    >
      {remedy && !isQuitting && (
        <CommandButton key="remedy" kind="primary" call={remedy.call} label={remedy.label} />
      )}
      {summary.canStop && (
        <CommandButton key="toggle" call={{ name: 'stack.stop', input: {} }} label={words.stopEverything} />
      )}
      {summary.canStart && (
        <CommandButton
          key={summary.canStop ? 'start' : 'toggle'}
          kind={summary.condition === 'off' ? 'primary' : 'plain'}
          call={{ name: 'stack.start', input: {} }}
          label={words.startEverything}
        />
      )}
    </ViewHead>
  );
}

/** The lines under the answer. A long reason is cut here; the card of the service has all of it. */
function explain(status: Snapshot, summary: Summary): readonly string[] {
  const progress = progressLine(status, summary);
  const [first] = summary.troubles;
  const others = summary.troubles.length - 1;
  const explained: Record<Condition, readonly string[]> = {
    opening: [],
    'no-stack': [],
    'invalid-stack': [],
    off: [progress],
    starting: [progress],
    ready: [progress],
    attention: [
      joinSentences(first?.reason, first?.hint),
      joinFacts(progress, others > 0 ? words.moreProblems(others) : ''),
    ],
    stopping: [status.app.phase === 'quitting' ? words.quittingText : ''],
  };
  return explained[summary.condition].filter((line) => line !== '');
}

/** Instead of cards: what is missing, and the next step. */
function WithoutServices({ status, summary }: { readonly status: Snapshot; readonly summary: Summary }) {
  const { show } = useStore();
  const isInvalid = status.stack.kind === 'invalid' && status.app.phase === 'running';
  const [trouble] = summary.troubles;
  const text = isInvalid ? [trouble?.reason ?? '', trouble?.hint ?? '', words.invalidText] : [];
  return (
    <div class={`empty condition-${summary.condition}`}>
      <Icon name="stack" />
      <h1>{summary.headline}</h1>
      {text.filter(Boolean).map((line) => (
        <p key={line}>{line}</p>
      ))}
      {isInvalid && (
        <div class="empty-buttons">
          <CommandButton
            kind="primary"
            call={{ name: 'place.open', input: { place: 'stack' } }}
            label={words.openStack}
          />
          <CommandButton
            call={{ name: 'place.open', input: { place: 'home' } }}
            label={commonWords.openHome}
          />
          <Button onClick={() => show({ id: 'setup' })}>{words.setUpAgain}</Button>
        </div>
      )}
    </div>
  );
}

interface ServicesProps {
  readonly title: string;
  readonly services: readonly ServiceStatus[];
  readonly isLocked: boolean;
}

function Services({ title, services, isLocked }: ServicesProps) {
  if (services.length === 0) return null;
  return (
    <Panel id={`heading-${title.toLowerCase()}`} look="services" title={title}>
      {services.map((service) => (
        <ServiceCard key={service.id} service={service} isLocked={isLocked} />
      ))}
    </Panel>
  );
}
