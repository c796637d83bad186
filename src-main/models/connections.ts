/** HTTP/1.1 connections that read bodies in large pieces, straight into memory of the receiver's choice. */
import { validateHeaderValue } from 'node:http';
import net from 'node:net';
import { loadTls } from '../secure-connections.ts';
import { type AnswerHead, maxHeadBytes, parseHead } from './answer-head.ts';
import { pourInto, type Sink, type TransportAnswer, type TransportRequest } from './transport.ts';

export interface MeasuredAnswer extends TransportAnswer {
  readonly lengthBytes: number | null;
}

export interface Connections {
  get(url: string, request: TransportRequest): Promise<MeasuredAnswer>;
  close(): void;
}

/** Kept per server: as many as work at a time. */
export const maxIdlePerServer = 8;
/** Servers close what is idle for a minute or less; one that we close first is never used at the wrong moment. */
export const idleMs = 15_000;
/** Of a body that nobody receives yet. */
const maxHeldBytes = 1024 * 1024;
/** For what is not read into the receiver's own memory: heads, and what comes while the receiver waits. */
const spareBytes = 64 * 1024;
const connectLimitMs = 15_000;
/** 1xx: not the answer yet. */
const maxInterimHeads = 8;

export function createConnections(): Connections {
  const idle = new Map<string, Connection[]>();
  const all = new Set<Connection>();

  async function get(url: string, request: TransportRequest): Promise<MeasuredAnswer> {
    const target = new URL(url);
    const text = requestText(target, request.headers);
    const kept = take(target.origin);
    if (kept !== null) {
      try {
        return await kept.ask(text, request.signal);
      } catch (error) {
        /** The server had closed it: that says nothing about the network. */
        request.signal.throwIfAborted();
        if (kept.hasAnswered()) throw error;
      }
    }
    const connection = open(target);
    return await connection.ask(text, request.signal);
  }

  function take(origin: string): Connection | null {
    return idle.get(origin)?.pop() ?? null;
  }

  function open(target: URL): Connection {
    const connection = createConnection(target, {
      onIdle: () => keep(target.origin, connection),
      onGone: () => {
        all.delete(connection);
        forget(target.origin, connection);
      },
    });
    all.add(connection);
    return connection;
  }

  function keep(origin: string, connection: Connection): void {
    const kept = idle.get(origin) ?? [];
    if (kept.length >= maxIdlePerServer) connection.destroy();
    else idle.set(origin, [...kept, connection]);
  }

  function forget(origin: string, connection: Connection): void {
    const kept = (idle.get(origin) ?? []).filter((each) => each !== connection);
    if (kept.length === 0) idle.delete(origin);
    else idle.set(origin, kept);
  }

  return {
    get,
    close() {
      for (const connection of [...all]) connection.destroy();
    },
  };
}

function requestText({ host, pathname, search }: URL, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host, ...headers, connection: 'keep-alive' }).map(([name, value]) => {
    validateHeaderValue(name, value);
    return `${name}: ${value}`;
  });
  return `GET ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

interface Connection {
  ask(text: string, signal: AbortSignal): Promise<MeasuredAnswer>;
  /** Whether a byte came since it was asked. */
  hasAnswered(): boolean;
  destroy(): void;
}

interface ConnectionEvents {
  readonly onIdle: () => void;
  readonly onGone: () => void;
}

type Phase =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'head';
      readonly settle: (answer: MeasuredAnswer) => void;
      readonly reject: (error: unknown) => void;
    }
  /** Until someone receives it, nothing is read. */
  | { readonly kind: 'held' }
  | {
      readonly kind: 'body';
      readonly sink: Sink;
      readonly settle: () => void;
      readonly reject: (error: unknown) => void;
    };

function createConnection(target: URL, events: ConnectionEvents): Connection {
  /** Came with the head, or as the head so far. */
  let early: Buffer = Buffer.alloc(0);
  let interim = 0;
  /** The sink asked for a pause; what comes meanwhile, in order. */
  let isWaiting = false;
  let backlog: Buffer[] = [];
  let restBytes = 0;
  let hasAnswered = false;
  let phase: Phase = { kind: 'idle' };
  let stopListening = () => {};
  const spare = Buffer.allocUnsafeSlow(spareBytes);
  const socket = connect(target, { buffer: nextBuffer, callback: arrived });
  socket.setTimeout(connectLimitMs);
  socket.on('timeout', () => socket.destroy(timedOut()));
  socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
    socket.setTimeout(0);
    socket.setNoDelay(true);
  });
  socket.on('error', broke);
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    broke(cutOff());
    events.onGone();
  });

  function broke(error: unknown): void {
    const { kind } = phase;
    if (kind === 'head' || kind === 'body') {
      const { reject } = phase;
      phase = { kind: 'idle' };
      reject(error);
    }
    stopListening();
  }

  /** Asked for after each read: the receiver's memory for bytes of its body alone, and not while it waits. */
  function nextBuffer(): Uint8Array {
    if (phase.kind !== 'body' || isWaiting || restBytes === 0) return spare;
    const space = phase.sink.space();
    return space.length > restBytes ? space.subarray(0, restBytes) : space;
  }

  /** `false` pauses the socket; until then the next piece goes where `nextBuffer` says. */
  function arrived(bytes: number, buffer: Uint8Array): boolean {
    const piece = buffer.subarray(0, bytes);
    switch (phase.kind) {
      case 'body':
        return pour(phase.sink, piece);
      case 'head':
        hasAnswered = true;
        early = Buffer.concat([early, piece]);
        return readHead(phase.settle);
      case 'held':
        /** TLS gives out what it has unpacked already, paused or not. */
        early = Buffer.concat([early, piece]);
        if (early.length > maxHeldBytes) socket.destroy(badHead());
        return false;
      case 'idle':
        /** Nobody asked. */
        socket.destroy();
        return false;
    }
  }

  function readHead(settle: (answer: MeasuredAnswer) => void): boolean {
    const end = early.indexOf('\r\n\r\n');
    if (end < 0 && early.length < maxHeadBytes) return true;
    const head = end < 0 || end > maxHeadBytes ? null : parseHead(early.toString('latin1', 0, end));
    if (head === null) {
      socket.destroy(badHead());
      return false;
    }
    early = early.subarray(end + 4);
    if (head.status < 200 && head.status !== 101) {
      interim += 1;
      if (interim <= maxInterimHeads) return readHead(settle);
      socket.destroy(badHead());
      return false;
    }
    phase = { kind: 'held' };
    settle(answerOf(head));
    return false;
  }

  function answerOf(head: AnswerHead): MeasuredAnswer {
    const { status, headers, lengthBytes, mayKeepAlive } = head;
    return {
      status,
      lengthBytes,
      header: (name) => headers.get(name) ?? null,
      cancel: () => socket.destroy(),
      async receive(sink) {
        if (lengthBytes === null || phase.kind !== 'held') throw new Error('This body has no length');
        restBytes = lengthBytes;
        await readBody(sink);
        stopListening();
        phase = { kind: 'idle' };
        if (!mayKeepAlive || socket.destroyed) socket.destroy();
        else {
          socket.setTimeout(idleMs);
          socket.resume();
          events.onIdle();
        }
      },
    };
  }

  function readBody(sink: Sink): Promise<void> {
    if (restBytes === 0 && early.length === 0) return Promise.resolve();
    return new Promise((settle, reject) => {
      phase = { kind: 'body', sink, settle, reject };
      const first = early;
      early = Buffer.alloc(0);
      if (first.length === 0 && socket.destroyed) broke(cutOff());
      else if (first.length === 0 || pour(sink, first)) socket.resume();
    });
  }

  function pour(sink: Sink, piece: Uint8Array): boolean {
    if (piece.byteLength > restBytes) {
      socket.destroy(badHead());
      return false;
    }
    restBytes -= piece.byteLength;
    if (isWaiting) {
      backlog.push(Buffer.from(piece));
      return false;
    }
    for (let rest = piece; rest.byteLength > 0; ) {
      const space = sink.space();
      const part = rest.byteLength > space.length ? rest.subarray(0, space.length) : rest;
      if (!isAt(space, part)) space.set(part);
      rest = rest.subarray(part.byteLength);
      const pause = sink.took(part.byteLength);
      if (pause !== undefined) {
        void waitAndPour(sink, rest, pause);
        return false;
      }
    }
    if (restBytes > 0) return true;
    goOn();
    return false;
  }

  /** Meanwhile the socket is paused; what TLS gives out all the same, a few records, is kept. */
  async function waitAndPour(sink: Sink, rest: Uint8Array, pause: Promise<void>): Promise<void> {
    isWaiting = true;
    backlog = rest.byteLength === 0 ? [] : [Buffer.from(rest)];
    try {
      await pause;
      for (let next = backlog.shift(); next !== undefined; next = backlog.shift()) {
        // Whoever gave it up meanwhile has other uses for its memory.
        if (phase.kind !== 'body') return;
        await pourInto(sink, next);
      }
      isWaiting = false;
      goOn();
    } catch (error) {
      broke(error);
      socket.destroy();
    }
  }

  function goOn(): void {
    if (phase.kind !== 'body') return;
    if (restBytes === 0) {
      const { settle } = phase;
      phase = { kind: 'held' };
      settle();
    } else if (socket.destroyed) broke(cutOff());
    else socket.resume();
  }

  return {
    hasAnswered: () => hasAnswered,
    destroy: () => socket.destroy(),
    ask(text, signal) {
      return new Promise((settle, reject) => {
        if (signal.aborted || socket.destroyed) {
          socket.destroy();
          reject(signal.aborted ? signal.reason : cutOff());
          return;
        }
        hasAnswered = false;
        early = Buffer.alloc(0);
        interim = 0;
        phase = { kind: 'head', settle, reject };
        const stop = () => {
          broke(signal.reason);
          socket.destroy();
        };
        signal.addEventListener('abort', stop, { once: true });
        stopListening = () => signal.removeEventListener('abort', stop);
        if (!socket.connecting) socket.setTimeout(0);
        socket.write(text);
        socket.resume();
      });
    },
  };
}

const isAt = (place: Uint8Array, piece: Uint8Array): boolean =>
  place.buffer === piece.buffer && place.byteOffset === piece.byteOffset;

function connect(target: URL, onread: net.OnReadOpts): net.Socket {
  const isSecure = target.protocol === 'https:';
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const port = Number(target.port) || (isSecure ? 443 : 80);
  if (!isSecure) return net.connect({ host, port, onread, autoSelectFamily: true });
  /** By name only: an address is no server name. */
  const name = net.isIP(host) === 0 ? { servername: host } : {};
  /** Said outright: NODE_TLS_REJECT_UNAUTHORIZED in the environment would turn it off. */
  const isVerified = { rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] };
  const options = { host, port, onread, autoSelectFamily: true, ...isVerified, ...name };
  return loadTls().connect(options);
}

const systemError = (code: string, message: string) => Object.assign(new Error(message), { code });
const cutOff = () => systemError('ECONNRESET', 'the connection was closed');
const timedOut = () => systemError('ETIMEDOUT', 'the connection was not made in time');
const badHead = () => systemError('HPE_INVALID_HEADER', 'the answer is not HTTP/1.1');
