/** `Notification`: shown as banners on the menu-bar page, and recorded. */
import { recordLimit } from './recorder.ts';
import { StrictEmitter } from './strict.ts';
import { standInEvent } from './types.ts';

type NotificationMembers = 'show' | 'close' | 'title' | 'subtitle' | 'body' | 'silent' | 'id' | 'actions';

const shown: Notification[] = [];
let denied = false;
let supported = true;
let onChange = () => {};

/** All that were shown, oldest first; those that were closed too. */
export const shownNotifications = (): readonly Notification[] => [...shown];
export function onNotificationsChanged(listener: () => void): void {
  onChange = listener;
}
/** What macOS does for an app without permission or signature. */
export function denyNotifications(deny: boolean): void {
  denied = deny;
}
/** As on a Mac that has no notifications at all. */
export function supportNotifications(support: boolean): void {
  supported = support;
}

let lastId = 0;

export class Notification extends StrictEmitter implements Pick<Electron.Notification, NotificationMembers> {
  readonly id: string;
  title: string;
  subtitle: string;
  body: string;
  silent: boolean;
  actions: Electron.NotificationAction[];
  readonly number = ++lastId;
  #open = false;

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super('Notification');
    this.id = options.id ?? String(this.number);
    this.title = options.title ?? '';
    this.subtitle = options.subtitle ?? '';
    this.body = options.body ?? '';
    this.silent = options.silent ?? false;
    this.actions = options.actions ?? [];
  }

  static isSupported(): boolean {
    return supported;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  show(): void {
    if (denied) {
      queueMicrotask(() => this.emit('failed', standInEvent({}), 'UNErrorDomain error 1'));
      return;
    }
    this.#open = true;
    shown.push(this);
    if (shown.length > recordLimit) shown.shift();
    onChange();
    queueMicrotask(() => this.emit('show', standInEvent({})));
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    onChange();
    this.emit('close', standInEvent({ reason: 'applicationHidden' }));
  }

  /** The user clicks it, or one of its actions. */
  choose(action: number | null): void {
    if (!this.#open) return;
    this.#open = false;
    onChange();
    if (action === null) this.emit('click', standInEvent({}));
    else this.emit('action', standInEvent({ actionIndex: action, selectionIndex: -1 }), action, -1);
  }
}
