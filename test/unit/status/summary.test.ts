import { describe, expect, it } from 'vitest';
import { type ServiceState, serviceStates, snapshotSchema } from '../../../src-main/contract/status.ts';
import {
  actionsOf,
  describeState,
  exitWords,
  failureText,
  progressLine,
  summarise,
} from '../../../src-main/status/summary.ts';
import { failure, gateway, snapshotNames, snapshots, tier } from './snapshots.ts';

describe('the fixtures', () => {
  it.each(snapshotNames)('%s is a valid snapshot', (name) => {
    expect(snapshotSchema.parse(snapshots[name])).toEqual(snapshots[name]);
  });
});

describe('summarise', () => {
  const rows = snapshotNames.map((name) => {
    const { condition, icon, headline, serving, canStart, canStop } = summarise(snapshots[name]);
    const may = [canStart ? 'start' : '', canStop ? 'stop' : ''].filter(Boolean).join('+') || '-';
    return `${name} | ${condition} | ${icon} | ${serving ? 'serving' : 'not serving'} | ${may} | ${headline}`;
  });

  it('answers for every situation', () => {
    expect(rows).toEqual([
      'none | no-stack | off | not serving | - | No stack yet',
      'opening | opening | off | not serving | - | MLX Stack is opening',
      'off | off | off | not serving | start | MLX Stack is off',
      'healthy | ready | ready | serving | stop | MLX Stack is ready',
      'oneOff | ready | ready | serving | start+stop | MLX Stack is ready',
      'slow | ready | ready | serving | stop | MLX Stack is ready',
      'starting | starting | starting | not serving | stop | MLX Stack is starting',
      'backingOff | starting | starting | serving | stop | Restarting fast',
      'stopping | stopping | starting | not serving | start+stop | Stopping everything',
      'quitting | stopping | starting | not serving | - | Stopping everything before quitting',
      'mixedFailures | attention | attention | serving | stop | standard: Port 8001 is in use by Python (pid 812)',
      'unresponsive | attention | attention | serving | stop | fast does not answer',
      'gatewayFailed | attention | attention | not serving | stop | Gateway: Port 4000 is in use by node (pid 99)',
      'cloud | ready | ready | serving | stop | MLX Stack is ready',
      'cloudLocalOnly | ready | ready | serving | stop | MLX Stack is ready',
      'cloudCapped | ready | ready | serving | stop | MLX Stack is ready',
      'invalidStack | invalid-stack | attention | not serving | - | The stack file cannot be used',
      'notices | attention | attention | serving | stop | The settings file cannot be read',
      `longNames | attention | attention | serving | stop | a-tier-name-of-thirty-two-chars-x: ${snapshots.longNames.services[0]?.lastFailure?.message.slice(0, -1)}`,
    ]);
  });

  it('names the gateway before a model, and a failure before a silence', () => {
    const { troubles } = summarise({
      ...snapshots.healthy,
      services: [tier('a', 'unresponsive'), tier('b', 'failed'), gateway('unresponsive')],
    });
    expect(troubles.map((trouble) => trouble.serviceId)).toEqual(['gateway', 'b', 'a']);
  });

  it('names before a model what may be why it failed: the settings file, and engines that lack', () => {
    const [settings] = snapshots.notices.notices;
    if (settings === undefined) throw new Error('the fixture has no notice');
    const engines = { ...settings, id: 'engines', action: { kind: 'show-engines', label: 'Show' } } as const;
    const disk = { ...settings, id: 'disk', title: 'The disk is full', action: null };
    const { troubles } = summarise({
      ...snapshots.healthy,
      services: [tier('fast', 'failed', { lastFailure: failure() })],
      notices: [disk, settings, engines],
    });
    expect(troubles.map(({ serviceId, remedy }) => serviceId ?? remedy?.call.name ?? 'none')).toEqual([
      'place.open',
      'engines.show',
      'fast',
      'none',
    ]);
  });

  it('does not name a service twice', () => {
    const lastFailure = failure({ message: 'fast ran out of GPU memory.' });
    const services = [tier('fast', 'failed', { lastFailure })];
    expect(summarise({ ...snapshots.healthy, services }).headline).toBe('fast ran out of GPU memory');
  });

  it('says that it is the gateway which is still missing', () => {
    const services = [tier('fast', 'healthy'), gateway('starting')];
    expect(summarise({ ...snapshots.healthy, services }).headline).toBe('Starting the gateway');
  });

  it('offers the first remedy of a failure, a restart for a silence, and nothing where there is nothing', () => {
    const remedyOf = (service: ReturnType<typeof tier>) =>
      summarise({ ...snapshots.healthy, services: [service] }).troubles[0]?.remedy;
    expect(remedyOf(tier('fast', 'failed', { lastFailure: failure() }))).toEqual({
      label: 'Start Again',
      call: { name: 'service.remedy', input: { id: 'fast', kind: 'start-again' } },
    });
    expect(remedyOf(tier('fast', 'unresponsive'))).toEqual({
      label: 'Restart fast',
      call: { name: 'service.restart', input: { id: 'fast' } },
    });
    expect(remedyOf(tier('fast', 'failed'))).toBeNull();
  });

  it('is not troubled by a failure that is over, nor by a warning', () => {
    const services = [tier('fast', 'healthy', { lastFailure: failure() }), gateway('healthy')];
    const notices = snapshots.notices.notices.filter((notice) => notice.severity !== 'error');
    expect(summarise({ ...snapshots.healthy, services, notices })).toMatchObject({
      condition: 'ready',
      troubles: [],
    });
  });
});

describe('progressLine', () => {
  const line = (name: keyof typeof snapshots) => progressLine(snapshots[name], summarise(snapshots[name]));

  it('counts the wanted models, and names a slow one', () => {
    expect(line('starting')).toBe('1 of 3 models ready');
    expect(line('oneOff')).toBe('1 of 1 model ready');
    expect(line('slow')).toBe('2 of 2 models ready · fast answers slowly');
    expect(line('off')).toBe('2 models set up');
    expect(line('none')).toBe('');
  });
});

describe('actionsOf', () => {
  it('allows only what applies in each state', () => {
    const allowed = (state: ServiceState) => {
      const actions = actionsOf(tier('fast', state));
      return [actions.start && 'start', actions.stop && 'stop', actions.restart && 'restart'].filter(Boolean);
    };
    expect(Object.fromEntries(serviceStates.map((state) => [state, allowed(state)]))).toEqual({
      stopped: ['start'],
      waiting: ['stop'],
      starting: ['stop'],
      healthy: ['stop', 'restart'],
      degraded: ['stop', 'restart'],
      unresponsive: ['stop', 'restart'],
      stopping: [],
      'backing-off': ['stop'],
      failed: ['start'],
    });
  });
});

describe('describeState', () => {
  it('adds a detail only where it says more than the word', () => {
    const lines = serviceStates.map((state) => Object.values(describeState(tier('fast', state))).join(' | '));
    expect(lines).toEqual([
      'Off | ',
      'Waits for memory | ',
      'Starting | Loading the model',
      'Ready | ',
      'Slow | ',
      'Not answering | It will be restarted if this lasts',
      'Stopping | Finishing its requests',
      'Restarting | ',
      'Failed | ',
    ]);
  });
});

describe('failureText', () => {
  it('says what happened, what to do and how it ended, then the lines', () => {
    expect(failureText('fast', failure({ lastLines: ['one', 'two'] }))).toBe(
      'fast: The server ended unexpectedly.\nLook at its last lines, then start it again.\nExit code 1\n\none\ntwo',
    );
    expect(failureText('fast', failure({ hint: '', exit: null }))).toBe(
      'fast: The server ended unexpectedly.',
    );
  });

  it('names the signal rather than the code', () => {
    expect(exitWords({ code: null, signal: 'SIGKILL' })).toBe('Ended by SIGKILL');
    expect(exitWords({ code: 0, signal: null })).toBe('Exit code 0');
    expect(exitWords({ code: null, signal: null })).toBe('');
  });
});
