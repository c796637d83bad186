/** Bodies are read straight into the receiver's memory, so nothing may ever come there that is not of the body. */
import { once } from 'node:events';
import net from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createConnections } from '../../src-main/models/connections.ts';

const bodyBytes = 300_000;

/** Answers each request with a body of sevens, in pieces; `after` comes behind it. */
async function serve(after: (socket: net.Socket) => void) {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bodyBytes}\r\n\r\n`);
      for (let sent = 0; sent < bodyBytes; sent += 100_000) socket.write(Buffer.alloc(100_000, 7));
      after(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  const connections = createConnections();
  onTestFinished(() => {
    connections.close();
    server.close();
  });
  return { connections, server, url: `http://127.0.0.1:${bound.port}/` };
}

it('what a server sends beyond the body goes nowhere, and the connection is not used again', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const { connections, server, url } = await serve((socket) => {
    closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(Buffer.alloc(100_000, 9));
  });
  let made = 0;
  server.on('connection', () => {
    made += 1;
  });
  const memory = Buffer.alloc(bodyBytes + 200_000);
  const { signal } = new AbortController();
  for (let round = 0; round < 2; round += 1) {
    memory.fill(0);
    let filled = 0;
    const answer = await connections.get(url, { headers: {}, signal });
    await answer.receive({
      space: () => memory.subarray(filled),
      took(bytes) {
        filled += bytes;
        return undefined;
      },
    });
    await closed;
    expect(filled).toBe(bodyBytes);
    expect(memory.subarray(0, bodyBytes).every((byte) => byte === 7)).toBe(true);
    expect(memory.subarray(bodyBytes).every((byte) => byte === 0)).toBe(true);
  }
  expect(made).toBe(2);
});

it('once a receiver has given up, its memory is written to no more', async () => {
  const { connections, url } = await serve((socket) => {
    socket.write(Buffer.alloc(1_000_000, 9));
  });
  const stop = new AbortController();
  const answer = await connections.get(url, { headers: {}, signal: stop.signal });
  const memory = Buffer.alloc(1_000);
  const stopped = answer.receive({
    space: () => memory,
    took() {
      stop.abort(new Error('stopped'));
      memory.fill(1);
      return undefined;
    },
  });
  await expect(stopped).rejects.toThrow('stopped');
  await new Promise((resolve) => setImmediate(resolve));
  expect(memory.every((byte) => byte === 1)).toBe(true);
});
