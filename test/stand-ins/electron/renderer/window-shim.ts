/** What a sandboxed preload finds in Electron, installed in the page before any script of the page. Self-contained: it travels as text. */

/** The name under which the binding and the entry point stand in the page until the shim has taken them. */
export const bindingName = '__electronStandIn';

export interface ShimOptions {
  readonly bindingName: string;
  readonly platform: string;
  readonly versions: Record<string, string>;
}

export type ToMain = (
  kind: 'invoke' | 'send' | 'shortcut' | 'painted',
  channel: string,
  args: unknown[],
) => Promise<{ ok: boolean; value?: unknown; error?: string }>;

type Preload = (require: (name: string) => unknown, module: object, exports: object, process: object) => void;
type Listener = (event: object, ...args: unknown[]) => void;

/** `preload` wraps the built preload script; `null` when the window has none. */
export function installElectron(options: ShimOptions, preload: Preload | null): void {
  const toMain: ToMain | undefined = Reflect.get(globalThis, options.bindingName);
  Reflect.deleteProperty(globalThis, options.bindingName);
  /** Electron runs preload in the main frame only, and not in about:blank. */
  if (toMain === undefined || window.top !== window || location.protocol === 'about:') return;

  const listeners = new Map<string, Listener[]>();

  function strict<T extends object>(name: string, members: T): T {
    return new Proxy(members, {
      get(target, key) {
        if (typeof key === 'symbol' || key in target || key === 'then') return Reflect.get(target, key);
        throw new Error(`electron stand-in: ${name}.${key} is not implemented`);
      },
    });
  }

  const ipcRenderer = strict('ipcRenderer', {
    async invoke(channel: string, ...args: unknown[]): Promise<unknown> {
      const reply = await toMain('invoke', channel, structuredClone(args));
      if (!reply.ok) throw new Error(`Error invoking remote method '${channel}': ${reply.error}`);
      return reply.value;
    },
    send(channel: string, ...args: unknown[]): void {
      void toMain('send', channel, structuredClone(args));
    },
    on(channel: string, listener: Listener): unknown {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    once(channel: string, listener: Listener): unknown {
      const once: Listener = (event, ...args) => {
        ipcRenderer.off(channel, once);
        listener(event, ...args);
      };
      return ipcRenderer.on(channel, once);
    },
    off(channel: string, listener: Listener): unknown {
      const left = [...(listeners.get(channel) ?? [])];
      const index = left.lastIndexOf(listener);
      if (index >= 0) left.splice(index, 1);
      listeners.set(channel, left);
      return ipcRenderer;
    },
    addListener: (channel: string, listener: Listener) => ipcRenderer.on(channel, listener),
    removeListener: (channel: string, listener: Listener) => ipcRenderer.off(channel, listener),
    removeAllListeners(channel: string): unknown {
      listeners.delete(channel);
      return ipcRenderer;
    },
  });

  Object.defineProperty(globalThis, `${options.bindingName}Deliver`, {
    value: (channel: string, args: unknown[]) => {
      for (const listener of listeners.get(channel) ?? []) {
        listener({ sender: ipcRenderer, senderId: 0, ports: [] }, ...args);
      }
    },
  });

  /** contextBridge copies values, wraps functions, freezes; prototypes are lost and symbols refused. */
  function bridged(value: unknown): unknown {
    if (typeof value === 'function') {
      return (...args: unknown[]) => {
        const result: unknown = value(...args.map(bridged));
        if (!(result instanceof Promise)) return bridged(result);
        return result.then(bridged, (error: unknown) => {
          throw error instanceof Error ? new Error(error.message) : error;
        });
      };
    }
    if (typeof value === 'symbol') throw new Error('contextBridge: a symbol cannot cross');
    if (value === null || typeof value !== 'object') return value;
    if (value instanceof Promise) return value.then(bridged);
    if (Array.isArray(value)) return Object.freeze(value.map(bridged));
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return structuredClone(value);
    return Object.freeze(
      Object.fromEntries(Object.entries(value).map(([key, part]) => [key, bridged(part)])),
    );
  }

  const contextBridge = strict('contextBridge', {
    exposeInMainWorld(key: string, api: unknown): void {
      if (key in globalThis) {
        throw new Error(`Cannot bind an API on top of an existing property on the window object: ${key}`);
      }
      Object.defineProperty(globalThis, key, { value: bridged(api), enumerable: true });
    },
  });

  /** Shortcuts of the application menu act on what the page itself did not take. */
  window.addEventListener('keydown', (event) => {
    if (!event.metaKey || event.defaultPrevented || event.repeat) return;
    const { key, altKey, ctrlKey, shiftKey } = event;
    void toMain('shortcut', key, [{ altKey, ctrlKey, shiftKey }]);
  });

  /** What Electron calls `ready-to-show`. */
  new PerformanceObserver((list, observer) => {
    if (list.getEntriesByName('first-contentful-paint').length === 0) return;
    observer.disconnect();
    void toMain('painted', document.title, []);
  }).observe({ type: 'paint', buffered: true });

  const electron = strict('electron', { ipcRenderer, contextBridge });
  const require = (name: string): unknown => {
    if (name === 'electron' || name === 'electron/renderer') return electron;
    throw new Error(`module not found: ${name}`);
  };
  const module = { exports: {} };
  preload?.(require, module, module.exports, {
    platform: options.platform,
    versions: options.versions,
    type: 'renderer',
    sandboxed: true,
    contextIsolated: true,
    env: {},
  });
}
