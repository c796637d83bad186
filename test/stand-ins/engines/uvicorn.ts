/** The life of a uvicorn 0.35 server: start-up order, messages, exit codes, access log, graceful shutdown. */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitPython, type PythonOutput } from './python-output.ts';
import { PYTHON_ERRNO } from './values.ts';

export const BODY_LIMIT_BYTES = 32 * 1024 * 1024;
const STATUS_WORDS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  /** Aborts when the client leaves before the answer is complete. */
  readonly gone: AbortSignal;
  readonly json: (status: number, body: unknown, headers?: OutgoingHttpHeaders) => void;
  readonly text: (status: number, body: string, headers?: OutgoingHttpHeaders) => void;
  /** Writes the head of a stream; `write` resolves when the client has room for more. */
  readonly stream: (headers?: OutgoingHttpHeaders) => (chunk: string | Uint8Array) => Promise<void>;
  readonly body: () => Promise<Buffer | null>;
}

export interface Application {
  /** Runs inside the lifespan, before the port is bound; a throw is a failed lifespan. */
  readonly startUp: () => Promise<void>;
  readonly handle: (exchange: Exchange) => Promise<void>;
  readonly listening?: (port: number) => void;
  readonly shutDown: () => Promise<void>;
}

export interface UvicornOptions {
  readonly host: string;
  readonly port: number;
  readonly output: PythonOutput;
  readonly ignoreTerm: boolean;
  readonly bindDelayMs: number;
}

function createExchange(request: IncomingMessage, response: ServerResponse, output: PythonOutput): Exchange {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableEnded) gone.abort();
  });
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const head = (status: number, headers: OutgoingHttpHeaders) => {
    response.writeHead(status, headers);
    const from = `${request.socket.remoteAddress ?? '-'}:${request.socket.remotePort ?? 0}`;
    output.print(
      `INFO:     ${from} - "${request.method} ${request.url} HTTP/1.1" ${status} ${STATUS_WORDS[status] ?? ''}`.trimEnd(),
    );
  };
  const whole = (status: number, body: string, type: string, headers: OutgoingHttpHeaders = {}) => {
    if (response.headersSent || response.destroyed) return;
    const bytes = Buffer.from(body);
    head(status, { 'content-type': type, 'content-length': bytes.length, ...headers });
    response.end(bytes);
  };
  return {
    request,
    response,
    method: request.method ?? 'GET',
    path,
    gone: gone.signal,
    json: (status, body, headers) => whole(status, JSON.stringify(body), 'application/json', headers),
    text: (status, body, headers) => whole(status, body, 'text/plain; charset=utf-8', headers),
    stream: (headers = {}) => {
      head(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
        ...headers,
      });
      return async (chunk) => {
        if (gone.signal.aborted || response.write(chunk)) return;
        await new Promise<void>((resolve) => {
          const settle = () => {
            response.off('drain', settle);
            response.off('close', settle);
            resolve();
          };
          response.on('drain', settle);
          response.on('close', settle);
        });
      };
    },
    body: async () => {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of request) {
        if (!Buffer.isBuffer(chunk)) continue;
        size += chunk.length;
        if (size > BODY_LIMIT_BYTES) return null;
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
  };
}

function dieBy(signal: NodeJS.Signals, output: PythonOutput): void {
  output.flush();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

export async function runUvicorn(application: Application, options: UvicornOptions): Promise<void> {
  const { host, output } = options;
  let asked: NodeJS.Signals | undefined;
  let forced = false;
  let beginShutdown: (() => void) | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGTERM' && options.ignoreTerm) return;
    if (asked !== undefined && signal === 'SIGINT') forced = true;
    asked = signal;
    beginShutdown?.();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  output.printError(`INFO:     Started server process [${process.pid}]`);
  output.printError('INFO:     Waiting for application startup.');
  try {
    await application.startUp();
  } catch (error) {
    output.printError(`ERROR:    ${error instanceof Error ? error.message : String(error)}`);
    output.printError('');
    output.printError('ERROR:    Application startup failed. Exiting.');
    exitPython(output, 3);
  }
  output.printError('INFO:     Application startup complete.');
  if (options.bindDelayMs > 0) await sleep(options.bindDelayMs);

  const endLifespan = async () => {
    output.printError('INFO:     Waiting for application shutdown.');
    await application.shutDown();
    output.printError('INFO:     Application shutdown complete.');
  };

  let active = 0;
  let drained: (() => void) | undefined;
  const server = createServer((request, response) => {
    active++;
    response.on('close', () => {
      active--;
      if (asked === undefined) return;
      setImmediate(() => server.closeIdleConnections());
      if (active === 0) drained?.();
    });
    const exchange = createExchange(request, response, output);
    application.handle(exchange).catch((error: unknown) => {
      output.printError('ERROR:    Exception in ASGI application');
      output.printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
      if (response.headersSent) response.destroy();
      else exchange.text(500, 'Internal Server Error');
    });
  });
  server.keepAliveTimeout = 5000;
  server.requestTimeout = 0;

  const port = await new Promise<number>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const known = PYTHON_ERRNO[error.code ?? ''];
      output.printError(
        `ERROR:    [Errno ${known?.number ?? error.errno ?? 0}] error while attempting to bind on address ('${host}', ${options.port}): ${known?.text ?? error.message}`,
      );
      void endLifespan().then(() => exitPython(output, 1));
    });
    server.listen({ host, port: options.port, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : options.port);
    });
  });
  if (asked !== undefined) {
    dieBy(asked, output);
    return;
  }
  output.printError(`INFO:     Uvicorn running on http://${host}:${port} (Press CTRL+C to quit)`);
  application.listening?.(port);

  let shuttingDown = false;
  beginShutdown = () => {
    if (forced) server.closeAllConnections();
    if (shuttingDown) return;
    shuttingDown = true;
    void (async () => {
      output.printError('INFO:     Shutting down');
      server.close();
      server.closeIdleConnections();
      if (active > 0) {
        output.printError('INFO:     Waiting for connections to close. (CTRL+C to force quit)');
        await new Promise<void>((resolve) => {
          drained = resolve;
        });
      }
      await endLifespan();
      output.printError(`INFO:     Finished server process [${process.pid}]`);
      dieBy(asked ?? 'SIGTERM', output);
    })();
  };
}
