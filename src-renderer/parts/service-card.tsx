/** One service: its state in words, its facts, what may be done, and why it last failed. */
import { actionsOf, describeState, formatDuration, formatGigabytes, type ServiceStatus } from '../bridge.ts';
import { useValue } from '../state/signal.ts';
import { useStore } from '../state/store.ts';
import { overviewWords as words } from '../words/index.ts';
import { CommandButton } from './command-button.tsx';
import { Fact } from './fact.tsx';
import { FailureNote } from './failure-note.tsx';
import { StateIcon } from './icons.tsx';
import { StartCommand } from './start-command.tsx';

interface ServiceCardProps {
  readonly service: ServiceStatus;
  /** While the app quits there is nothing left to decide. */
  readonly isLocked: boolean;
}

export function ServiceCard({ service, isLocked }: ServiceCardProps) {
  const titleId = `service-${service.id}`;
  /** Called by its model's name, what is left to be said is the name that apps ask for. */
  const isByModel = service.kind === 'tier' && service.name !== service.id;
  const model = isByModel ? service.id : service.model;
  return (
    <article class={`card service state-${service.state}`} aria-labelledby={titleId}>
      <div class="service-head">
        <StateIcon state={service.state} />
        <div class="service-title">
          <h3 id={titleId}>{service.name}</h3>
          <State service={service} />
        </div>
        {!isLocked && <ServiceButtons service={service} />}
      </div>
      <dl class="facts">
        <Fact label={service.kind === 'gateway' ? words.serves : isByModel ? words.askedAs : words.model}>
          {model ?? words.servesAll}
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
      <StartCommand service={service} />
      {service.lastFailure !== null && <FailureNote service={service} failure={service.lastFailure} />}
    </article>
  );
}

function Uptime({ since }: { readonly since: number | null }) {
  const now = useValue(useStore().clock.now);
  return <>{since === null ? words.unknown : formatDuration(now - since)}</>;
}

function State({ service }: { readonly service: ServiceStatus }) {
  const { word, detail } = describeState(service);
  return (
    <p class="service-state">
      <span class="state-word">{word}</span>
      {service.nextStartAt !== null && <Countdown until={service.nextStartAt} />}
      {detail !== '' && <span class="state-detail">{detail}</span>}
    </p>
  );
}

/** Rounded up, so that it never says that there are 0 seconds left. */
function Countdown({ until }: { readonly until: number }) {
  const now = useValue(useStore().clock.now);
  const left = Math.ceil(Math.max(1, until - now) / 1000) * 1000;
  return <span class="state-detail">{words.restartsIn(formatDuration(left))}</span>;
}

/** Start and Stop are one place, so the focus stays on it when one becomes the other. */
function ServiceButtons({ service }: { readonly service: ServiceStatus }) {
  const actions = actionsOf(service);
  const { id, name } = service;
  const isStopping = service.state === 'stopping';
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
      {(actions.stop || isStopping) && (
        <CommandButton
          key="toggle"
          isBusy={isStopping}
          call={{ name: 'service.stop', input: { id } }}
          label={words.stop}
          name={words.stopOf(name)}
        />
      )}
    </div>
  );
}
