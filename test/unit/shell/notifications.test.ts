/** What becomes of a message where macOS shows notifications, refuses one, or has none. */
import type { EventEmitter } from 'node:events';
import { beforeEach, expect, it, vi } from 'vitest';
import { createNotifications } from '../../../src-main/shell/notifications.ts';
import type { Message } from '../../../src-main/status/alerts.ts';

interface FakeNotification extends EventEmitter {
  readonly options: unknown;
  isShown: boolean;
}
const mac = vi.hoisted(() => ({ made: [] as FakeNotification[], isSupported: true }));

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  return {
    Notification: class extends Emitter {
      static isSupported = () => mac.isSupported;
      isShown = false;
      readonly options: unknown;
      constructor(options: unknown) {
        super();
        this.options = options;
        mac.made.push(this);
      }
      show() {
        this.isShown = true;
      }
    },
  };
});

const message: Message = {
  title: 'fast needs attention',
  body: 'It ran out of memory.',
  about: 'fast',
  view: 'logs',
};
let did: [string, unknown][];
let notifications: ReturnType<typeof createNotifications>;

beforeEach(() => {
  mac.made = [];
  mac.isSupported = true;
  did = [];
  notifications = createNotifications({
    onClick: (clicked) => did.push(['clicked', clicked]),
    onUnshown: (unshown) => did.push(['unshown', unshown]),
    log: (line) => did.push(['log', line]),
  });
});

it('is shown, and its click says which it was', () => {
  notifications.show(message);
  expect(mac.made).toMatchObject([
    { options: { title: 'fast needs attention', body: 'It ran out of memory.' }, isShown: true },
  ]);
  expect(did).toEqual([]);
  mac.made[0]?.emit('click', {});
  expect(did).toEqual([['clicked', message]]);
});

it('is handed back once when macOS refuses it, and the reason is in the log', () => {
  notifications.show(message);
  mac.made[0]?.emit('failed', {}, 'UNErrorDomain error 1');
  mac.made[0]?.emit('failed', {}, 'UNErrorDomain error 1');
  expect(did).toEqual([
    ['log', 'macOS refused a notification: UNErrorDomain error 1'],
    ['unshown', message],
  ]);
});

it('is handed back at once where there are none', () => {
  mac.isSupported = false;
  notifications.show(message);
  expect(mac.made).toEqual([]);
  expect(did).toEqual([['unshown', message]]);
});
