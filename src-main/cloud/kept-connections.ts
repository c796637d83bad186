/** Connections to OpenRouter that wait for the next request: for a short time, and only while nothing speaks against them. */
import http from 'node:http';
import type https from 'node:https';
import net from 'node:net';
import { loadHttps } from '../secure-connections.ts';

export interface KeptConnections {
  readonly agent: http.Agent | https.Agent;
  /**
   * Lets go of each that may not be open any more, and tells of the one that the agent then takes: to be asked in the
   * same turn in which the request is made.
   */
  dropDoubtful(): NextConnection;
  close(): void;
}

/** `unseen`: its end may have arrived, with nobody having looked since. */
export type NextConnection = 'new' | 'fresh' | 'unseen';

/**
 * Below what servers wait before they end an idle connection: the shortest in wide use is 5 s (Node, Apache, uvicorn).
 * One that says less in `Keep-Alive: timeout=…` is believed by Node's agent, less a second.
 */
export const keptConnectionMs = 4_000;
/**
 * For so long after its last answer a connection counts as seen. Servers end one that was idle for seconds, and a look
 * costs a turn of the event loop: beside 50 streams a third of what the relay may add to a request.
 */
export const freshConnectionMs = 100;
const keptConnectionsMax = 64;

interface Idle {
  readonly sinceMs: number;
  readonly limitMs: number;
}

export interface ConnectionOptions {
  readonly secure: boolean;
  /** A certificate authority to trust instead of the system's. */
  readonly ca?: string | undefined;
  readonly connectionsMax: number;
}

export function createKeptConnections(options: ConnectionOptions): KeptConnections {
  const pool = {
    keepAlive: true,
    maxSockets: options.connectionsMax,
    maxFreeSockets: keptConnectionsMax,
    timeout: keptConnectionMs,
    scheduling: 'lifo' as const,
  };
  const agent = options.secure
    ? new (loadHttps().Agent)({
        ...pool,
        /** Said here, so that NODE_TLS_REJECT_UNAUTHORIZED cannot take it back. */
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      })
    : new http.Agent(pool);
  const idle = new Map<net.Socket, Idle>();

  /** At once and out of the agent's list: until its `close` the agent would still hand it out. */
  function drop(socket: net.Socket): void {
    forget(socket);
    socket.destroy();
    socket.emit('agentRemove');
  }
  function forget(socket: net.Socket): void {
    if (!idle.delete(socket)) return;
    socket.off('data', onSign);
    socket.off('end', onSign);
    socket.off('close', onClose);
  }
  /** Nothing was asked: whatever comes would be taken for the next answer, and an end means that there is none. */
  function onSign(this: net.Socket): void {
    drop(this);
  }
  function onClose(this: net.Socket): void {
    forget(this);
  }

  const keepSocketAlive = agent.keepSocketAlive.bind(agent);
  /** Node's own refuses with `false`, where its types say nothing. */
  agent.keepSocketAlive = (socket): boolean => {
    const agreed: unknown = keepSocketAlive(socket);
    if (agreed === false || !(socket instanceof net.Socket) || !isClean(socket)) return false;
    idle.set(socket, { sinceMs: Date.now(), limitMs: socket.timeout ?? keptConnectionMs });
    socket.on('data', onSign);
    socket.on('end', onSign);
    socket.on('close', onClose);
    return true;
  };
  const reuseSocket = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    if (socket instanceof net.Socket) forget(socket);
    reuseSocket(socket, request);
  };

  return {
    agent,
    dropDoubtful() {
      const nowMs = Date.now();
      let next: NextConnection = 'new';
      for (const [socket, { sinceMs, limitMs }] of idle) {
        const ageMs = nowMs - sinceMs;
        /** By the clock, since no timer runs while the Mac sleeps; one that was set back says nothing. */
        if (ageMs < 0 || ageMs >= limitMs || !isClean(socket)) {
          drop(socket);
          continue;
        }
        /** The agent takes the one that was last in use, and the map has them in that order. */
        next = ageMs < freshConnectionMs ? 'fresh' : 'unseen';
      }
      return next;
    },
    close: () => agent.destroy(),
  };
}

const isClean = (socket: net.Socket): boolean =>
  !socket.destroyed &&
  socket.writable &&
  !socket.readableEnded &&
  socket.readableLength === 0 &&
  socket.writableLength === 0;
