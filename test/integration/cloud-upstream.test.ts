/** What is sent again, and what never: connections to OpenRouter that end at the worst moment. */
import http from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { loopbackUpstream } from '../../src-main/cloud/openrouter.ts';
import { createUpstreamClient, readWhole } from '../../src-main/cloud/upstream.ts';

/** Answers the first request and keeps its connection; cuts the second once it has read it whole. */
async function start() {
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      seen.push(request.method ?? '');
      if (seen.length === 2) request.socket.destroy();
      else response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('No port');
  const upstream = loopbackUpstream(`http://127.0.0.1:${address.port}`);
  if (!upstream.ok) throw new Error(upstream.error.message);
  const client = createUpstreamClient({ upstream: upstream.value, connectLimitMs: 2_000, connectionsMax: 1 });
  onTestFinished(() => client.close());

  async function ask(method: 'GET' | 'POST'): Promise<string> {
    const sent = await client.send({
      method,
      path: '/api/v1/x',
      key: null,
      body: method === 'POST' ? '{"messages":[]}' : null,
      accept: 'application/json',
      firstByteLimitMs: 5_000,
    }).answer;
    if (!sent.ok) return sent.error;
    const { stream } = sent.value;
    const text = await readWhole(stream, { maxBytes: 100, silenceLimitMs: 5_000, totalLimitMs: 5_000 });
    /** Only after its end is the connection free for the next. */
    await new Promise((resolve) => setImmediate(resolve));
    return text.ok ? text.value : text.error;
  }
  return { seen, ask };
}

it('A POST whose connection is cut is not sent a second time: it could be billed twice', async () => {
  const { seen, ask } = await start();
  expect(await ask('POST')).toBe('{}');
  expect(await ask('POST')).toBe('cut');
  expect(seen).toEqual(['POST', 'POST']);
  expect(await ask('POST')).toBe('{}');
});

it('A GET whose kept connection is cut is asked once more', async () => {
  const { seen, ask } = await start();
  expect(await ask('GET')).toBe('{}');
  expect(await ask('GET')).toBe('{}');
  expect(seen).toEqual(['GET', 'GET', 'GET']);
});
