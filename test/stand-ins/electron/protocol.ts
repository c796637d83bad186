/** `protocol`: privileged schemes before ready, handlers after; and the mapping of `app://ui` to an address Chromium takes. */
import { app } from './app.ts';
import { Strict } from './strict.ts';

type Handler = Parameters<Electron.Protocol['handle']>[1];

class ProtocolStandIn
  extends Strict
  implements
    Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle' | 'unhandle' | 'isProtocolHandled'>
{
  #registered = false;
  readonly #privileged = new Map<string, Electron.Privileges>();
  readonly #handlers = new Map<string, Handler>();

  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    if (app.isReady()) {
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    }
    if (this.#registered) {
      throw new Error(
        'electron stand-in: registerSchemesAsPrivileged is called once, a second call replaces the first',
      );
    }
    this.#registered = true;
    for (const { scheme, privileges } of schemes) this.#privileged.set(scheme, privileges ?? {});
  }

  handle(scheme: string, handler: Handler): void {
    if (!app.isReady()) throw new Error('protocol.handle cannot be used before app is ready');
    if (this.#handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    if (!this.#privileged.get(scheme)?.standard) {
      throw new Error(`electron stand-in: '${scheme}' must be registered as a standard scheme`);
    }
    this.#handlers.set(scheme, handler);
  }

  unhandle(scheme: string): void {
    this.#handlers.delete(scheme);
  }

  isProtocolHandled(scheme: string): boolean {
    return this.#handlers.has(scheme);
  }

  isPrivileged(scheme: string): boolean {
    return this.#privileged.has(scheme);
  }

  /** The app's answer for an `app://` URL; `null` when no handler takes it. */
  async respond(
    url: string,
    request: { method: string; headers: Record<string, string>; body: Buffer | null },
  ) {
    const handler = this.#handlers.get(new URL(url).protocol.slice(0, -1));
    if (handler === undefined) return null;
    const { method, headers, body } = request;
    return handler(
      new Request(url, { method, headers, ...(body === null ? {} : { body: new Uint8Array(body) }) }),
    );
  }
}

export const protocol = new ProtocolStandIn('protocol');

/** Chromium refuses unknown schemes; a name under `.localhost` is a secure context with an origin of its own too. */
export function toChromiumUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)/i, (all, scheme: string, host: string) =>
    protocol.isPrivileged(scheme) ? `http://${host}.${scheme}.localhost` : all,
  );
}

/** The app sees its own scheme only. */
export function toAppUrl(url: string): string {
  return url.replace(
    /^http:\/\/([^/?#]+)\.([a-z][a-z0-9+-]*)\.localhost(?=[/?#]|$)/i,
    (all, host: string, scheme: string) => (protocol.isPrivileged(scheme) ? `${scheme}://${host}` : all),
  );
}

export function originOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+/i.exec(url)?.[0] ?? 'null';
}
