/** Runs the stack: turns specs and the user's wishes into services, in order, within memory, and ends them all. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../contract/status.ts';
import type { MemoryNow } from '../hardware/detect.ts';
import type { ServiceSpec } from '../stack/spec.ts';
import { admit, type Candidate, candidateOf, isWeighedNow } from './admission.ts';
import type { RunTool, spawnGroup } from './child.ts';
import { notEnoughMemory } from './failures.ts';
import type { Preflight } from './launch.ts';
import type { Ledger } from './ledger.ts';
import type { SupervisionPolicy } from './policy.ts';
import { createPower } from './power.ts';
import { restartReason } from './restart-reason.ts';
import { createService, type LaunchLog, type Service, type StartCommand } from './service.ts';
import { isRunning, type Machine, type Moment } from './transitions.ts';

export interface SupervisorDeps {
  readonly policy: SupervisionPolicy;
  readonly run: RunTool;
  readonly spawn: typeof spawnGroup;
  readonly preflight: Preflight;
  readonly ledger: Ledger;
  readonly logs: { readonly service: (id: string) => LaunchLog };
  readonly memoryLimitBytes: number;
  /** What the whole Mac has left; without it only the limit counts. */
  readonly memoryNow?: () => Promise<MemoryNow | null>;
  /** `id` changed, or `null`: services came, went or moved. */
  readonly onChange: (id: string | null) => void;
  readonly onFailure: (id: string, failure: Failure) => void;
  readonly onRecovery: (id: string) => void;
}

export interface ServiceView {
  readonly spec: ServiceSpec;
  readonly machine: Machine;
}

export interface Supervisor {
  /**
   * Makes the running services those of `specs`: new ones are started when `wanted` says so, changed ones restarted,
   * missing ones stopped and forgotten. Nothing else is touched.
   */
  apply(specs: readonly ServiceSpec[], wanted: (id: string) => 'on' | 'off'): void;
  has(id: string): boolean;
  start(id: string, options?: { readonly ignoreMemory: boolean }): void;
  stop(id: string): void;
  restart(id: string, reason: string | null): void;
  services(): readonly ServiceView[];
  /** What a service was started with, or would be; `null`: there is no such service. Starts nothing. */
  commandOf(id: string): StartCommand | null;
  /** Resolves when the service has no process left, or that could not be confirmed and it shows `failed`. */
  atRest(id: string): Promise<void>;
  /** Gateway first, then the tiers; after `deadlineMs` whatever is left is killed. Nothing starts any more. */
  stopAll(deadlineMs: number): Promise<void>;
  /** Cuts every grace short. */
  forceAll(): void;
  suspend(): void;
  resume(): void;
}

/** After the deadline of `stopAll`, how long the killing may take before we leave all the same. */
const killConfirmMs = 2_000;

export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const services = new Map<string, Service>();
  /** Being stopped because they left the stack. */
  const leaving = new Set<string>();
  const power = createPower();
  let order: readonly string[] = [];
  let ending = false;
  let restWaiters: (() => void)[] = [];
  let admitting = false;
  let readingMemory = false;

  function now(): Moment {
    return { wallMs: Date.now(), monotonicMs: performance.now(), random: Math.random() };
  }

  function create(spec: ServiceSpec, desired: 'on' | 'off'): Service {
    return createService(spec, desired, {
      policy: deps.policy,
      run: deps.run,
      spawn: deps.spawn,
      preflight: deps.preflight,
      ledger: deps.ledger,
      log: deps.logs.service(spec.id),
      power,
      now,
      requestTurn: scheduleAdmission,
      withdrawTurn: () => {},
      onChange: changed,
      onFailure: deps.onFailure,
      onRecovery: deps.onRecovery,
    });
  }

  function changed(id: string): void {
    forgetIfLeft(id);
    scheduleAdmission();
    wakeRestWaiters();
    deps.onChange(id);
  }

  function forgetIfLeft(id: string): void {
    if (!leaving.has(id) || services.get(id)?.isAtRest() !== true) return;
    leaving.delete(id);
    services.delete(id);
    order = order.filter((other) => other !== id);
    deps.onChange(null);
  }

  /** Once per turn of the event loop: services that ask together are weighed together, largest first. */
  function scheduleAdmission(): void {
    if (admitting) return;
    admitting = true;
    queueMicrotask(() => {
      admitting = false;
      if (!ending) admitWaiting();
    });
  }

  /** What is weighed by what is free now waits for that to be read; nobody else waits with it. */
  function admitWaiting(): void {
    const waiting = candidates();
    const { memoryNow } = deps;
    const weighed = memoryNow === undefined ? [] : waiting.filter(isWeighedNow);
    decide(
      waiting.filter((service) => !weighed.includes(service)),
      null,
    );
    if (memoryNow === undefined || weighed.length === 0 || readingMemory) return;
    readingMemory = true;
    memoryNow()
      .catch(() => null)
      .then((now) => {
        readingMemory = false;
        if (!ending) decide(candidates(), now);
      });
  }

  function decide(present: readonly Candidate[], now: MemoryNow | null): void {
    for (const decision of admit(present, { limitBytes: deps.memoryLimitBytes, now })) {
      const service = services.get(decision.id);
      if (service === undefined) continue;
      if (decision.kind === 'grant') service.grantTurn();
      else {
        const failure = notEnoughMemory(Date.now(), service.spec().name, decision.numbers);
        service.send({ type: 'turn-refused', failure });
      }
    }
  }

  function candidates(): Candidate[] {
    return all().map((service) => ({
      ...candidateOf(service.spec(), service.machine()),
      heldPorts: service.heldPorts(),
    }));
  }

  const all = () => order.flatMap((id) => services.get(id) ?? []);

  function apply(specs: readonly ServiceSpec[], wanted: (id: string) => 'on' | 'off'): void {
    if (ending) return;
    const ids = new Set(specs.map((spec) => spec.id));
    for (const service of all()) {
      if (ids.has(service.id)) continue;
      leaving.add(service.id);
      service.send({ type: 'want-off' });
    }
    order = [...specs.map((spec) => spec.id), ...order.filter((id) => !ids.has(id))];
    for (const spec of specs) {
      const returns = leaving.delete(spec.id);
      const service = services.get(spec.id);
      if (service === undefined) {
        const desired = wanted(spec.id);
        const created = create(spec, desired);
        services.set(spec.id, created);
        if (desired === 'on') created.send({ type: 'want-on' });
      } else if (returns) {
        // It came back before it was gone: for the user it is as new.
        service.setSpec(spec);
        if (wanted(spec.id) === 'on') service.send({ type: 'want-on' });
      } else {
        update(service, spec);
      }
    }
    for (const service of all()) forgetIfLeft(service.id);
    deps.onChange(null);
  }

  function update(service: Service, spec: ServiceSpec): void {
    const before = service.spec();
    service.setSpec(spec);
    if (before.fingerprint === spec.fingerprint) return;
    const { state, desired } = service.machine();
    if (isRunning(service.machine())) {
      const reason = restartReason(before, spec);
      deps.logs.service(spec.id).note(`restarting: ${reason}`);
      service.send({ type: 'restart', reason });
    } else if (desired === 'on' && state !== 'stopping') service.send({ type: 'want-on' });
  }

  function wakeRestWaiters(): void {
    const waiters = restWaiters;
    restWaiters = [];
    for (const wake of waiters) wake();
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => restWaiters.push(resolve));
  }

  async function stopAll(deadlineMs: number): Promise<void> {
    ending = true;
    const limit = new AbortController();
    const overdue = sleep(deadlineMs, 'overdue', { signal: limit.signal }).catch(() => 'overdue');
    if ((await Promise.race([stopInOrder(), overdue])) === 'overdue') {
      forceAll();
      for (const service of all()) service.send({ type: 'want-off' });
      await Promise.race([until(allSettled), sleep(killConfirmMs, undefined, { ref: false })]);
    }
    limit.abort();
    await deps.ledger.saved();
  }

  async function stopInOrder(): Promise<'done'> {
    const gateways = all().filter((service) => service.spec().kind === 'gateway');
    const tiers = all().filter((service) => service.spec().kind === 'tier');
    // A tier that is only waiting must not start while the gateway ends.
    for (const tier of tiers) if (!isRunning(tier.machine())) tier.send({ type: 'want-off' });
    for (const group of [gateways, tiers]) {
      for (const service of group) service.send({ type: 'want-off' });
      await until(() => group.every((service) => service.hasSettled()));
    }
    return 'done';
  }

  const allSettled = () => all().every((service) => service.hasSettled());

  function forceAll(): void {
    for (const service of services.values()) service.force();
  }

  const send = (id: string, event: Parameters<Service['send']>[0]) => {
    if (!ending) services.get(id)?.send(event);
  };

  return {
    apply,
    has: (id) => services.has(id) && !leaving.has(id),
    start: (id, options) => send(id, { type: 'want-on', ignoreMemory: options?.ignoreMemory ?? false }),
    stop: (id) => send(id, { type: 'want-off' }),
    restart: (id, reason) => send(id, { type: 'restart', reason }),
    services: () => all().map((service) => ({ spec: service.spec(), machine: service.machine() })),
    commandOf: (id) => (leaving.has(id) ? null : (services.get(id)?.command() ?? null)),
    atRest: (id) => until(() => services.get(id)?.hasSettled() ?? true),
    stopAll,
    forceAll,
    suspend: () => power.suspend(),
    resume: () => power.resume(),
  };
}
