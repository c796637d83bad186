import type { IpcMainInvokeEvent } from 'electron';
import { describe, expect, it } from 'vitest';
import { type CommandHandlers, createCommandHandler } from '../../../src-main/shell/command-handler.ts';
import { snapshots } from '../status/snapshots.ts';

interface FakeFrame {
  readonly parent: object | null;
  readonly origin: string;
}

const ourSender = { ours: true };
const ourFrame: FakeFrame = { parent: null, origin: 'app://ui' };

/** The part of the event that is looked at. */
function eventOf(frame: FakeFrame | null = ourFrame, sender: object = ourSender): IpcMainInvokeEvent {
  const event: unknown = { senderFrame: frame, sender };
  if (!isEvent(event)) throw new Error('unreachable');
  return event;
}
const isEvent = (value: unknown): value is IpcMainInvokeEvent => typeof value === 'object' && value !== null;

function setUp(more: Partial<CommandHandlers> = {}) {
  const ran: string[] = [];
  const logged: string[] = [];
  const done = (name: string) => async (input: object) => {
    ran.push(`${name} ${JSON.stringify(input)}`);
    return { ok: true, value: {} } as const;
  };
  const refused = async () => ({ ok: false, error: { code: 'refused', message: 'No.' } }) as const;
  const handlers: CommandHandlers = {
    'status.read': async () => ({ ok: true, value: snapshots.healthy }),
    'app.keepRunning': done('app.keepRunning'),
    'stack.start': done('stack.start'),
    'stack.stop': done('stack.stop'),
    'service.start': done('service.start'),
    'service.stop': done('service.stop'),
    'service.restart': done('service.restart'),
    'service.remedy': done('service.remedy'),
    'service.copyFailure': done('service.copyFailure'),
    'service.readCommand': async () => ({ ok: true, value: { isStarted: false, text: '', problem: null } }),
    'service.copyCommand': done('service.copyCommand'),
    'endpoint.copyAddress': done('endpoint.copyAddress'),
    'endpoint.copyKey': done('endpoint.copyKey'),
    'endpoint.copySample': done('endpoint.copySample'),
    'gateway.rotateKey': done('gateway.rotateKey'),
    'keychain.askAgain': done('keychain.askAgain'),
    'cloud.setKey': done('cloud.setKey'),
    'cloud.removeKey': done('cloud.removeKey'),
    'cloud.checkKey': done('cloud.checkKey'),
    'cloud.signIn': done('cloud.signIn'),
    'cloud.cancelSignIn': done('cloud.cancelSignIn'),
    'cloud.setOptions': done('cloud.setOptions'),
    'cloud.listModels': async () => ({ ok: true, value: { models: [], fetchedAt: 1, problem: null } }),
    'cloud.setModels': done('cloud.setModels'),
    'link.open': done('link.open'),
    'login.set': done('login.set'),
    'login.openSettings': done('login.openSettings'),
    'login.removeWatchdog': done('login.removeWatchdog'),
    'power.setKeepAwake': done('power.setKeepAwake'),
    'update.check': done('update.check'),
    'update.install': done('update.install'),
    'menuBar.openSettings': done('menuBar.openSettings'),
    'models.list': refused,
    'models.browse': refused,
    'models.lookUp': refused,
    'models.details': refused,
    'models.download': done('models.download'),
    'models.pauseDownload': done('models.pauseDownload'),
    'models.resumeDownload': done('models.resumeDownload'),
    'models.cancelDownload': done('models.cancelDownload'),
    'models.verify': done('models.verify'),
    'models.cancelVerify': done('models.cancelVerify'),
    'models.downloadAgain': done('models.downloadAgain'),
    'models.delete': done('models.delete'),
    'models.reveal': done('models.reveal'),
    'models.addFolder': done('models.addFolder'),
    'models.removeFolder': done('models.removeFolder'),
    'models.setToken': done('models.setToken'),
    'models.removeToken': done('models.removeToken'),
    'setup.plan': refused,
    'setup.begin': done('setup.begin'),
    'setup.cancel': done('setup.cancel'),
    'setup.retry': done('setup.retry'),
    'setup.finish': done('setup.finish'),
    'stack.addTier': done('stack.addTier'),
    'stack.removeTier': done('stack.removeTier'),
    'stack.renameTier': done('stack.renameTier'),
    'stack.swapModel': done('stack.swapModel'),
    'stack.setContext': done('stack.setContext'),
    'stack.weighTier': async () => ({ ok: false, error: { code: 'no-stack', message: 'None.' } }),
    'stack.measureSpeed': refused,
    'engines.refresh': done('engines.refresh'),
    'engines.install': done('engines.install'),
    'engines.cancel': done('engines.cancel'),
    'engines.rollBack': done('engines.rollBack'),
    'engines.installUv': done('engines.installUv'),
    'engines.useFound': done('engines.useFound'),
    'engines.show': done('engines.show'),
    'settings.read': refused,
    'settings.set': refused,
    'settings.reset': refused,
    'settings.choosePath': refused,
    'log.list': refused,
    'log.page': refused,
    'log.find': refused,
    'log.count': refused,
    'log.cancel': refused,
    'log.highlight': refused,
    'log.entry': refused,
    'log.watch': refused,
    'log.save': refused,
    'log.reveal': refused,
    'log.rotate': refused,
    'log.deleteArchives': refused,
    'notice.dismiss': done('notice.dismiss'),
    'place.open': done('place.open'),
    ...more,
  };
  const handle = createCommandHandler(handlers, {
    isOurWindow: (sender) => Object.is(sender, ourSender),
    redact: (text) => text.replaceAll('sk-secret', '[redacted]'),
    log: (message) => logged.push(message),
  });
  return { handle, ran, logged };
}

describe('the command channel', () => {
  it('runs a command with its parsed input', async () => {
    const { handle, ran } = setUp();
    expect(await handle(eventOf(), 'service.start', { id: 'fast' })).toEqual({ ok: true, value: {} });
    expect(ran).toEqual(['service.start {"id":"fast"}']);
  });

  it('answers with the checked output', async () => {
    const { handle } = setUp();
    expect(await handle(eventOf(), 'status.read', {})).toEqual({ ok: true, value: snapshots.healthy });
  });

  it.each([
    ['a frame that has gone', eventOf(null)],
    ['a frame inside our page', eventOf({ parent: ourFrame, origin: 'app://ui' })],
    ['another origin', eventOf({ parent: null, origin: 'https://example.com' })],
    ['an origin that only begins like ours', eventOf({ parent: null, origin: 'app://ui.example' })],
    ['an opaque origin', eventOf({ parent: null, origin: 'null' })],
    ['another window', eventOf(ourFrame, { ours: false })],
  ])('refuses %s with an error', async (_what, event) => {
    const { handle, ran, logged } = setUp();
    await expect(handle(event, 'stack.stop', {})).rejects.toThrow('Refused: unknown sender.');
    expect(ran).toEqual([]);
    expect(logged).toHaveLength(1);
  });

  it.each([['nothing.real'], ['constructor'], ['__proto__'], ['toString'], [7], [null], [['stack.stop']]])(
    'knows no command %j',
    async (name) => {
      const { handle, ran } = setUp();
      expect(await handle(eventOf(), name, {})).toMatchObject({
        ok: false,
        error: { code: 'unknown-command' },
      });
      expect(ran).toEqual([]);
    },
  );

  it.each([
    ['no input', 'stack.start', undefined],
    ['an unknown key', 'stack.start', { force: true }],
    ['a missing key', 'service.start', {}],
    ['a wrong type', 'service.start', { id: 7 }],
    ['an empty id', 'service.start', { id: '' }],
    ['an absurd id', 'service.start', { id: 'x'.repeat(65) }],
    ['a path for a place', 'place.open', { place: '/etc/passwd' }],
    ['an unknown remedy', 'service.remedy', { id: 'fast', kind: 'rm-rf' }],
  ])('refuses %s', async (_what, name, input) => {
    const { handle, ran } = setUp();
    expect(await handle(eventOf(), name, input)).toMatchObject({
      ok: false,
      error: { code: 'invalid-input' },
    });
    expect(ran).toEqual([]);
  });

  it('passes an expected failure on, without secrets', async () => {
    const { handle } = setUp({
      'stack.start': async () => ({
        ok: false,
        error: { code: 'no-stack', message: 'Bad key sk-secret.', hint: 'Not sk-secret.' },
      }),
    });
    expect(await handle(eventOf(), 'stack.start', {})).toEqual({
      ok: false,
      error: { code: 'no-stack', message: 'Bad key [redacted].', hint: 'Not [redacted].' },
    });
  });

  it('turns a thrown bug into an internal error and logs it, without secrets', async () => {
    const { handle, logged } = setUp({
      'stack.start': async () => {
        throw new Error('boom with sk-secret');
      },
    });
    const result = await handle(eventOf(), 'stack.start', {});
    expect(result).toMatchObject({ ok: false, error: { code: 'internal-error' } });
    expect(JSON.stringify(result)).not.toContain('boom');
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('Command stack.start failed unexpectedly: Error: boom with [redacted]');
  });

  it('does not pass on an output that the contract does not know', async () => {
    const leaky = { ...snapshots.healthy, openrouterKey: 'sk-secret' };
    const { handle, logged } = setUp({ 'status.read': async () => ({ ok: true, value: leaky }) });
    const result = await handle(eventOf(), 'status.read', {});
    expect(result).toMatchObject({ ok: false, error: { code: 'internal-error' } });
    expect(JSON.stringify([result, logged])).not.toContain('sk-secret');
  });
});
