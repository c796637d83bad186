/** `net.request`: Chromium's network as Node speaks it. */
import http from 'node:http';
import https from 'node:https';
import { StrictEmitter, strict } from './strict.ts';
import { asElectron } from './types.ts';

type RequestOptions = Electron.ClientRequestConstructorOptions & {
  readonly headers?: http.OutgoingHttpHeaders;
};
type RequestMembers = 'setHeader' | 'write' | 'abort';

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Chromium's own limit. */
const redirectsMax = 20;
/** As Chromium names them. */
const netErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'net::ERR_CONNECTION_REFUSED',
  ECONNRESET: 'net::ERR_CONNECTION_RESET',
  ENOTFOUND: 'net::ERR_NAME_NOT_RESOLVED',
};

function addressOf({ url, protocol, hostname, host, port, path }: RequestOptions): URL {
  if (url !== undefined) return new URL(url);
  const authority = hostname ?? host ?? '';
  return new URL(`${protocol ?? 'http:'}//${authority}${port === undefined ? '' : `:${port}`}${path ?? '/'}`);
}

class ClientRequestStandIn extends StrictEmitter implements Pick<Electron.ClientRequest, RequestMembers> {
  readonly #options: RequestOptions;
  #request: http.ClientRequest;
  #redirects = 0;

  constructor(options: RequestOptions) {
    super('ClientRequest');
    this.#options = options;
    this.#request = this.#open(addressOf(options));
  }

  #open(address: URL): http.ClientRequest {
    const { method = 'GET', headers = {} } = this.#options;
    const request = (address.protocol === 'https:' ? https : http).request(address, { method, headers });
    request.on('response', (response) => this.#answer(address, response));
    request.on('error', (error: NodeJS.ErrnoException) => {
      this.emit('error', new Error(netErrors[error.code ?? ''] ?? 'net::ERR_FAILED'));
    });
    return request;
  }

  #answer(address: URL, response: http.IncomingMessage): void {
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (!redirects.has(status) || location === undefined) {
      this.emit('response', response);
      return;
    }
    response.resume();
    const target = new URL(location, address);
    switch (this.#options.redirect ?? 'follow') {
      case 'manual':
        this.emit('redirect', status, 'GET', target.href, response.headers);
        return;
      case 'error':
        this.emit('error', new Error('Attempted to redirect, but redirect policy was "error"'));
        return;
      default:
        this.#redirects += 1;
        if (this.#redirects > redirectsMax) this.emit('error', new Error('net::ERR_TOO_MANY_REDIRECTS'));
        else {
          this.#request = this.#open(target);
          this.#request.end();
        }
    }
  }

  setHeader(name: string, value: string): void {
    this.#request.setHeader(name, value);
  }
  write(chunk: Buffer | string): void {
    this.#request.write(chunk);
  }
  end(chunk?: Buffer | string): void {
    this.#request.end(chunk);
  }
  abort(): void {
    this.emit('abort');
    this.#request.destroy();
  }
}

export const net = strict('net', {
  request: (options: RequestOptions | string) =>
    asElectron<Electron.ClientRequest>(
      new ClientRequestStandIn(typeof options === 'string' ? { url: options } : options),
    ),
} satisfies Pick<typeof Electron.net, 'request'>);
