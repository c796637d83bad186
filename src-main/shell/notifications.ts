/** Native notifications, for what needs the user; where macOS shows none, the menu and the window say it all the same. */
import { Notification } from 'electron';

export interface NotificationsOptions {
  readonly onClick: () => void;
  readonly log: (message: string) => void;
}

export interface Notifications {
  /** `onClick` instead of the usual answer to a click. */
  show(title: string, body: string, onClick?: () => void): void;
}

/** A notification that is let go is collected, and its click goes nowhere. */
const maxKept = 20;

export function createNotifications({ onClick, log }: NotificationsOptions): Notifications {
  const shown: Notification[] = [];
  return {
    show(title, body, answer = onClick) {
      if (!Notification.isSupported()) return;
      const notification = new Notification({ title, body });
      notification.on('click', answer);
      // Electron 42 and later: unsigned builds get this instead of a notification.
      notification.on('failed', (_event, error) => log(`macOS refused a notification: ${error}`));
      shown.push(notification);
      if (shown.length > maxKept) shown.shift();
      notification.show();
    },
  };
}
