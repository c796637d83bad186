/** Native notifications, for what needs the user; what macOS does not show is handed back, for the menu to say. */
import { Notification } from 'electron';
import type { Message } from '../status/alerts.ts';

export interface NotificationsOptions {
  /** The user clicks it. */
  readonly onClick: (message: Message) => void;
  /** There are none here, or macOS refused this one. */
  readonly onUnshown: (message: Message) => void;
  readonly log: (line: string) => void;
}

export interface Notifications {
  show(message: Message): void;
}

/** A notification that is let go is collected, and its click goes nowhere. */
const maxKept = 20;

export function createNotifications({ onClick, onUnshown, log }: NotificationsOptions): Notifications {
  const shown: Notification[] = [];
  return {
    show(message) {
      if (!Notification.isSupported()) {
        onUnshown(message);
        return;
      }
      const notification = new Notification({ title: message.title, body: message.body });
      notification.on('click', () => onClick(message));
      // Electron 42 and later: unsigned builds, and users who allow none, get this instead of a notification.
      notification.once('failed', (_event, error) => {
        log(`macOS refused a notification: ${error}`);
        onUnshown(message);
      });
      shown.push(notification);
      if (shown.length > maxKept) shown.shift();
      notification.show();
    },
  };
}
