/** One service: its state in words, its facts, what may be done, and why it last failed. */
import type { ComponentChildren } from 'preact';
import { actionsOf, formatDuration, formatGigabytes, type ServiceStatus, stateWords } from '../bridge.ts';
import { useStore } from '../state/store.ts';
import { words } from '../words.ts';
import { CommandButton } from './command-button.tsx';
import { FailureNote } from './failure-note.tsx';
import { StateIcon } from './icons.tsx';

interface ServiceCardProps {
  readonly service: ServiceStatus;
  /** While the app quits there is nothing left to decide. */
  readonly isLocked: boolean;
}

export function ServiceCard({ service, isLocked }: ServiceCardProps) {
  const titleId = `service-${service.id}`;
  return (
    <article class={`card service state-${service.state}`} aria-labelledby={titleId}>
      <div class="service-head">
        <StateIcon state={service.state} />
        <div class="service-title">
          <h3 id={titleId}>{service.name}</h3>
          <p class="service-state">
            <span class="state-word">{stateWords[service.state]}</span>
            <Detail service={service} />
          </p>
        </div>
        {!isLocked && <ServiceButtons service={service} />}
      </div>
      <dl class="facts">
        <Fact label={service.kind === 'gateway' ? words.serves : words.model}>
          <span class="ellipsis" title={service.model ?? undefined}>
            {service.model ?? words.servesAll}
          </span>
        </Fact>
        <Fact label={words.memoryNeed}>
          {service.memoryBytes > 0 ? words.about(formatGigabytes(service.memoryBytes)) : words.unknown}
        </Fact>
        <Fact label={words.port}>{service.port}</Fact>
        <Fact label={words.uptime}>
          <Uptime since={service.readySince} />
        </Fact>
        <Fact label={words.restarts}>{service.restarts}</Fact>
      </dl>
      {service.lastFailure !== null && <FailureNote service={service} failure={service.lastFailure} />}
    </article>
  );
}

function Fact(props: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Uptime({ since }: { readonly since: number | null }) {
  const { clock } = useStore();
  return <>{since === null ? words.unknown : formatDuration(clock.now.value - since)}</>;
}

/** The detail when it adds something: a countdown ticks here, and a failure says it all below. */
function Detail({ service }: { readonly service: ServiceStatus }) {
  const { clock } = useStore();
  if (service.state === 'failed') return null;
  if (service.state === 'backing-off' && service.nextStartAt !== null) {
    const left = Math.max(0, service.nextStartAt - clock.now.value);
    return <span class="state-detail">{words.restartsIn(formatDuration(left + 999))}</span>;
  }
  if (service.detail === '' || service.detail.toLowerCase() === stateWords[service.state].toLowerCase()) {
    return null;
  }
  return <span class="state-detail">{service.detail}</span>;
}

/** Start and Stop are one place, so the focus stays on it when one becomes the other. */
function ServiceButtons({ service }: { readonly service: ServiceStatus }) {
  const actions = actionsOf(service);
  const { id, name } = service;
  const startsBelow = service.lastFailure?.remedies.some((remedy) => remedy.kind === 'start-again') ?? false;
  const canStart = actions.start && !(service.state === 'failed' && startsBelow);
  return (
    <div class="service-buttons">
      {actions.restart && (
        <CommandButton
          key="restart"
          call={{ name: 'service.restart', input: { id } }}
          label={words.restart}
          name={words.restartOf(name)}
        />
      )}
      {canStart && (
        <CommandButton
          key="toggle"
          call={{ name: 'service.start', input: { id } }}
          label={words.start}
          name={words.startOf(name)}
        />
      )}
      {actions.stop && (
        <CommandButton
          key="toggle"
          call={{ name: 'service.stop', input: { id } }}
          label={words.stop}
          name={words.stopOf(name)}
        />
      )}
    </div>
  );
}
