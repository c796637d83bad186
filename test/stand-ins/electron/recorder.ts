/** What the app did to the world outside its windows, kept for tests to look at. Bounded: the oldest fall out. */

export const recordLimit = 1000;

export interface Opened {
  readonly via: 'openExternal' | 'openPath' | 'showItemInFolder';
  readonly target: string;
}

export interface Blocked {
  readonly url: string;
  /** `request`: a page asked the network. `navigation`: a page wanted to go elsewhere. `window`: to open a window. */
  readonly kind: 'request' | 'navigation' | 'window';
}

/** An uncaught error or an error on the console of a window's page. */
export interface PageError {
  readonly kind: 'uncaught' | 'console';
  readonly text: string;
}

function boundedList<T>() {
  const items: T[] = [];
  return {
    add(item: T): void {
      items.push(item);
      if (items.length > recordLimit) items.shift();
    },
    all: (): readonly T[] => items,
  };
}

export const opened = boundedList<Opened>();
export const blocked = boundedList<Blocked>();
export const pageErrors = boundedList<PageError>();
