/** Makes a stand-in loud: reading a member that it lacks throws, instead of quietly being undefined. */
import { EventEmitter } from 'node:events';

const nameKey = Symbol('electron stand-in name');

/** Asked for by the language, by `await`, by inspection and by assertion libraries, never by the app. */
const harmlessKeys: ReadonlySet<string> = new Set([
  'then',
  'toJSON',
  'inspect',
  'nodeType',
  'tagName',
  'asymmetricMatch',
  '$$typeof',
  '__esModule',
]);

function nameOf(object: unknown): string {
  if (typeof object !== 'object' || object === null) return 'object';
  const named = Reflect.get(object, nameKey);
  return typeof named === 'string' ? named : object.constructor.name;
}

/** A last link for a prototype chain: whatever `base` does not have either is not implemented. */
function strictEnd(base: object): object {
  return new Proxy(base, {
    get(target, key, receiver) {
      if (typeof key === 'symbol' || key in target) return Reflect.get(target, key, receiver);
      if (harmlessKeys.has(key)) return undefined;
      throw new Error(`electron stand-in: ${nameOf(receiver)}.${key} is not implemented`);
    },
  });
}

/** Base of the stand-in classes that emit events. */
export class StrictEmitter extends EventEmitter {
  constructor(name?: string) {
    super();
    if (name !== undefined) Object.defineProperty(this, nameKey, { value: name });
  }
}
Object.setPrototypeOf(StrictEmitter.prototype, strictEnd(EventEmitter.prototype));

/** Base of the stand-in classes that emit none. */
export class Strict {
  constructor(name?: string) {
    if (name !== undefined) Object.defineProperty(this, nameKey, { value: name });
  }
}
Object.setPrototypeOf(Strict.prototype, strictEnd(Object.prototype));

/** The same for a plain object of functions. */
export function strict<T extends object>(name: string, members: T): T {
  Object.defineProperty(members, nameKey, { value: name });
  Object.setPrototypeOf(members, strictEnd(Object.prototype));
  return members;
}
