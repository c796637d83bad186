/** Small helpers that keep the stand-in typed against `electron.d.ts`. */

/** Electron's event object, for events that a listener may prevent. */
export interface StandInEvent {
  defaultPrevented: boolean;
  preventDefault(): void;
}

export function standInEvent<T extends object>(details: T): T & StandInEvent {
  const event: T & StandInEvent = {
    ...details,
    defaultPrevented: false,
    preventDefault() {
      event.defaultPrevented = true;
    },
  };
  return event;
}

/**
 * Hands a partial stand-in to code that is typed against the whole of an Electron class. The one place where the types
 * are told more than they can check: what is missing throws when it is touched (strict.ts).
 */
export function asElectron<Full extends object>(part: Partial<Record<keyof Full, unknown>> & object): Full;
export function asElectron(part: object): object {
  return part;
}
