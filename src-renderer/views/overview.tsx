/** Overview: is it working, where, and what does each service do. */
import {
  type Condition,
  progressLine,
  type ServiceStatus,
  type Snapshot,
  type Summary,
  summarise,
} from '../bridge.ts';
import { CommandButton } from '../parts/command-button.tsx';
import { EndpointCard } from '../parts/endpoint-card.tsx';
import { Icon } from '../parts/icons.tsx';
import { MemoryCard } from '../parts/memory-card.tsx';
import { Notices } from '../parts/notices.tsx';
import { ServiceCard } from '../parts/service-card.tsx';
import { words } from '../words.ts';

export function Overview({ status }: { readonly status: Snapshot }) {
  const summary = summarise(status);
  const tiers = status.services.filter((service) => service.kind === 'tier');
  const gateways = status.services.filter((service) => service.kind === 'gateway');
  return (
    <>
      <Answer status={status} summary={summary} />
      <Notices notices={status.notices} />
      {status.services.length > 0 && (
        <div class="pair">
          <EndpointCard status={status} serving={summary.serving} />
          <MemoryCard memory={status.memory} />
        </div>
      )}
      <Services title={words.models} services={tiers} />
      <Services title={words.gateway} services={gateways} />
    </>
  );
}

function Answer({ status, summary }: { readonly status: Snapshot; readonly summary: Summary }) {
  return (
    <header class={`answer condition-${summary.condition}`}>
      <Icon name="stack" />
      <div class="answer-text">
        <h1>{summary.headline}</h1>
        {explain(status, summary).map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <div class="answer-buttons">
        <AnswerButtons status={status} summary={summary} />
      </div>
    </header>
  );
}

/** The lines under the answer; in trouble the first says what to do. */
function explain(status: Snapshot, summary: Summary): readonly string[] {
  const hint = summary.troubles[0]?.hint ?? '';
  const progress = progressLine(status, summary);
  const explained: Record<Condition, readonly string[]> = {
    opening: [words.openingText],
    'no-stack': [words.emptyText],
    'invalid-stack': [hint, words.invalidText],
    off: [progress],
    starting: [progress],
    ready: [progress],
    attention: [hint, progress],
    stopping: [status.app.phase === 'quitting' ? words.quittingText : ''],
  };
  return explained[summary.condition].filter((line) => line !== '');
}

function AnswerButtons({ status, summary }: { readonly status: Snapshot; readonly summary: Summary }) {
  if (status.stack.kind !== 'loaded') {
    return (
      <>
        {status.stack.kind === 'invalid' && (
          <CommandButton
            kind="primary"
            call={{ name: 'place.open', input: { place: 'stack' } }}
            label={words.openStack}
          />
        )}
        <CommandButton
          kind={status.stack.kind === 'none' ? 'primary' : 'plain'}
          call={{ name: 'place.open', input: { place: 'home' } }}
          label={words.openFolder}
        />
      </>
    );
  }
  return (
    <>
      {summary.canStop && (
        <CommandButton key="stop" call={{ name: 'stack.stop', input: {} }} label={words.stopEverything} />
      )}
      {summary.canStart && (
        <CommandButton
          key="start"
          kind="primary"
          call={{ name: 'stack.start', input: {} }}
          label={words.startEverything}
        />
      )}
    </>
  );
}

function Services(props: { readonly title: string; readonly services: readonly ServiceStatus[] }) {
  if (props.services.length === 0) return null;
  const id = `heading-${props.title.toLowerCase()}`;
  return (
    <section class="services" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {props.services.map((service) => (
        <ServiceCard key={service.id} service={service} />
      ))}
    </section>
  );
}
