/** What is sent again, and what never: connections to OpenRouter that are kept, and that end at the worst moment. */
import { once } from 'node:events';
import { stat } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { freshConnectionMs, keptConnectionMs } from '../../src-main/cloud/kept-connections.ts';
import { loopbackUpstream } from '../../src-main/cloud/openrouter.ts';
import { createUpstreamClient, readWhole, type UpstreamClient } from '../../src-main/cloud/upstream.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function clientOf(port: number, connectionsMax = 1): UpstreamClient {
  const upstream = loopbackUpstream(`http://127.0.0.1:${port}`);
  if (!upstream.ok) throw new Error(upstream.error.message);
  const client = createUpstreamClient({ upstream: upstream.value, connectLimitMs: 2_000, connectionsMax });
  onTestFinished(() => client.close());
  return client;
}

function send(client: UpstreamClient, method: 'GET' | 'POST') {
  return client.send({
    method,
    path: '/api/v1/x',
    key: null,
    body: method === 'POST' ? '{"messages":[]}' : null,
    accept: 'application/json',
    firstByteLimitMs: 5_000,
  });
}

async function ask(client: UpstreamClient, method: 'GET' | 'POST' = 'POST'): Promise<string> {
  const sent = await send(client, method).answer;
  if (!sent.ok) return sent.error;
  const { stream } = sent.value;
  const text = await readWhole(stream, { maxBytes: 100, silenceLimitMs: 5_000, totalLimitMs: 5_000 });
  /** Only after its end is the connection free for the next. */
  await nextTurn();
  return text.ok ? text.value : text.error;
}

const portOf = (server: net.Server): number => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('No port');
  return address.port;
};

/** Answers the first request and keeps its connection; cuts the second once it has read it whole. */
async function startCutting() {
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      seen.push(request.method ?? '');
      if (seen.length === 2) request.socket.destroy();
      else response.end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = clientOf(portOf(server));
  return { seen, ask: (method: 'GET' | 'POST') => ask(client, method) };
}

interface Seen {
  /** Which connection it came by. */
  readonly connection: number;
  readonly head: string;
}

const okHead = (...more: string[]) =>
  ['HTTP/1.1 200 OK', 'content-type: application/json', 'content-length: 2', ...more, '', ''].join('\r\n');

/** Byte by byte in the test's hands: each request that has come in whole is answered with what `answer` gives. */
async function startRaw(answer: (seen: Seen, socket: net.Socket) => string) {
  const seen: Seen[] = [];
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    const connection = sockets.push(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (part: Buffer) => {
      text += part.toString('latin1');
      const [head = '', body] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body === undefined || body.length < length) return;
      text = '';
      const one = { connection, head };
      seen.push(one);
      socket.write(answer(one, socket));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { seen, sockets, client: clientOf(portOf(server), 4) };
}

const connectionsOf = (seen: readonly Seen[]) => seen.map(({ connection }) => connection);

it('A POST whose connection is cut is not sent a second time: it could be billed twice', async () => {
  const { seen, ask } = await startCutting();
  expect(await ask('POST')).toBe('{}');
  expect(await ask('POST')).toBe('cut');
  expect(seen).toEqual(['POST', 'POST']);
  expect(await ask('POST')).toBe('{}');
});

it('A GET whose kept connection is cut is asked once more', async () => {
  const { seen, ask } = await startCutting();
  expect(await ask('GET')).toBe('{}');
  expect(await ask('GET')).toBe('{}');
  expect(seen).toEqual(['GET', 'GET', 'GET']);
});

describe('a kept connection', () => {
  afterEach(() => void vi.useRealTimers());

  it('carries the next POST', async () => {
    const { seen, client } = await startRaw(() => `${okHead()}{}`);
    for (let count = 0; count < 3; count += 1) expect(await ask(client)).toBe('{}');
    expect(connectionsOf(seen)).toEqual([1, 1, 1]);
  });

  it('is not asked again by a POST that gets no answer there, whether or not it was read', async () => {
    const { seen, client } = await startRaw(({ head }, socket) => {
      if (seen.length < 2) return `${okHead()}{}`;
      expect(head).toContain('POST');
      socket.destroy();
      return '';
    });
    expect(await ask(client)).toBe('{}');
    expect(await ask(client)).toBe('cut');
    await nextTurn();
    expect(connectionsOf(seen)).toEqual([1, 1]);
  });

  it('is not used when the server has ended it', async () => {
    const { seen, sockets, client } = await startRaw(() => `${okHead()}{}`);
    expect(await ask(client)).toBe('{}');
    const [first] = sockets;
    if (first === undefined) throw new Error('There is no connection');
    const closed = once(first, 'close');
    first.end();
    await closed;
    expect(await ask(client)).toBe('{}');
    expect(connectionsOf(seen)).toEqual([1, 2]);
  });

  it('is dropped when something comes by it that nobody asked for: it would be taken for the next answer', async () => {
    const { seen, sockets, client } = await startRaw(() => `${okHead()}{}`);
    expect(await ask(client)).toBe('{}');
    const [first] = sockets;
    if (first === undefined) throw new Error('There is no connection');
    const closed = once(first, 'close');
    first.write(`${okHead()}[]`);
    await closed;
    expect(await ask(client)).toBe('{}');
    expect(connectionsOf(seen)).toEqual([1, 2]);
  });

  it.each([
    ['too old by the clock, as after the Mac slept', keptConnectionMs],
    ['from the future, as after the clock was set back', -60_000],
  ])('is not used when it is %s', async (_, byMs) => {
    const { seen, client } = await startRaw(() => `${okHead()}{}`);
    expect(await ask(client)).toBe('{}');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
    expect(await ask(client)).toBe('{}');
    expect(connectionsOf(seen)).toEqual([1, 2]);
  });

  it('is used for as long as the server says less a second, and not at all when that is nothing', async () => {
    const { seen, client } = await startRaw(() => `${okHead(`keep-alive: timeout=${limits.shift()}`)}{}`);
    const limits = [3, 3, 1, 5];
    expect(await ask(client)).toBe('{}');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_500 });
    expect(await ask(client)).toBe('{}');
    vi.setSystemTime(Date.now() + 2_000);
    expect(await ask(client)).toBe('{}');
    expect(await ask(client)).toBe('{}');
    expect(connectionsOf(seen)).toEqual([1, 1, 2, 3]);
  });

  it('is not made from one whose answer was cancelled', async () => {
    const { seen, client } = await startRaw(
      ({ connection }) => `${okHead()}${connection === 1 ? '{' : '{}'}`,
    );
    const call = send(client, 'POST');
    const sent = await call.answer;
    expect(sent.ok).toBe(true);
    call.cancel();
    expect(await ask(client)).toBe('{}');
    expect(connectionsOf(seen)).toEqual([1, 2]);
  });

  it('gives a cancelled POST no connection when it was cancelled before it went out', async () => {
    const { seen, client } = await startRaw(() => `${okHead()}{}`);
    expect(await ask(client)).toBe('{}');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + freshConnectionMs });
    const call = send(client, 'POST');
    call.cancel();
    expect(await call.answer).toEqual({ ok: false, error: 'cancelled' });
    expect(await ask(client)).toBe('{}');
    expect(connectionsOf(seen)).toEqual([1, 1]);
  });

  it('is not used when its end has arrived and nobody looked yet: the app was busy, or slept', async () => {
    const state = new Int32Array(new SharedArrayBuffer(4));
    /** In a thread of its own, so that it can end the connection while this one stands still. */
    const worker = new Worker(
      `const http = require('node:http');
       const { parentPort, workerData: state } = require('node:worker_threads');
       let connections = 0;
       const server = http.createServer((request, response) => {
         request.resume().on('end', () => response.end(String(connections)));
       });
       server.on('connection', (socket) => {
         connections += 1;
         socket.on('close', () => { Atomics.store(state, 0, 1); Atomics.notify(state, 0); });
       });
       parentPort.on('message', () => server.closeAllConnections());
       server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
      { eval: true, workerData: state },
    );
    onTestFinished(() => void worker.terminate());
    const [port]: unknown[] = await once(worker, 'message');
    const client = clientOf(Number(port));
    expect(await ask(client)).toBe('1');
    /** As a request arrives: in the part of a turn in which the system is asked, with the rest of the turn to come. */
    await new Promise((resolve) => stat(import.meta.filename, resolve));
    worker.postMessage('end them');
    expect(Atomics.wait(state, 0, 0, 5_000)).not.toBe('timed-out');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + freshConnectionMs });
    expect(await ask(client)).toBe('2');
  });
});
