/** `session`: the default session, with its permission handlers. */
import { protocol } from './protocol.ts';
import { StrictEmitter, strict } from './strict.ts';
import { asElectron } from './types.ts';

type PermissionRequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type PermissionCheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0];
type DevicePermissionHandler = Parameters<Electron.Session['setDevicePermissionHandler']>[0];
type BeforeRequestListener = (
  details: Electron.OnBeforeRequestListenerDetails,
  callback: (response: Electron.CallbackResponse) => void,
) => void;

class WebRequestStandIn extends StrictEmitter {
  #beforeRequest: BeforeRequestListener | null = null;

  onBeforeRequest(
    filterOrListener: Electron.WebRequestFilter | BeforeRequestListener | null,
    listener?: BeforeRequestListener | null,
  ): void {
    this.#beforeRequest = typeof filterOrListener === 'function' ? filterOrListener : (listener ?? null);
  }

  /** True when the app cancels the request. */
  async cancels(url: string): Promise<boolean> {
    const listener = this.#beforeRequest;
    if (listener === null) return false;
    const details = asElectron<Electron.OnBeforeRequestListenerDetails>({ url, method: 'GET' });
    return new Promise((resolve) => listener(details, (response) => resolve(response.cancel === true)));
  }
}

type SessionMembers =
  | 'setPermissionRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setDevicePermissionHandler'
  | 'setSpellCheckerEnabled'
  | 'protocol'
  | 'webRequest';

class SessionStandIn extends StrictEmitter implements Pick<Electron.Session, SessionMembers> {
  readonly protocol = asElectron<Electron.Protocol>(protocol);
  readonly requests = new WebRequestStandIn('session.webRequest');
  readonly webRequest = asElectron<Electron.WebRequest>(this.requests);
  permissionRequestHandler: PermissionRequestHandler = null;
  permissionCheckHandler: PermissionCheckHandler = null;
  devicePermissionHandler: DevicePermissionHandler = null;

  setPermissionRequestHandler(handler: PermissionRequestHandler): void {
    this.permissionRequestHandler = handler;
  }
  setPermissionCheckHandler(handler: PermissionCheckHandler): void {
    this.permissionCheckHandler = handler;
  }
  setDevicePermissionHandler(handler: DevicePermissionHandler): void {
    this.devicePermissionHandler = handler;
  }
  setSpellCheckerEnabled(): void {}
}

export const defaultSession = new SessionStandIn('session.defaultSession');

const partitions = new Map<string, SessionStandIn>();

function fromPartition(name: string): Electron.Session {
  const known = partitions.get(name) ?? new SessionStandIn(`session.${name}`);
  partitions.set(name, known);
  return asElectron<Electron.Session>(known);
}

export const session = strict('session', {
  defaultSession: asElectron<Electron.Session>(defaultSession),
  fromPartition,
} satisfies Pick<typeof Electron.session, 'defaultSession' | 'fromPartition'>);
