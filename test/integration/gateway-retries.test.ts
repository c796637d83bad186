/** What the gateway asks again, by the configuration that it gets: a local model once more, the cloud never. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { type GatewayCloud, type GatewayTier, gatewayConfig } from '../../src-main/stack/gateway-config.ts';
import { ENGINE_BIN, type LaunchedEngine, launchEngine } from '../stand-ins/engines/launch-engine.ts';

const key = 'sk-test-master';
const cloudModel = 'openai/gpt-5.4';

let dir: string;
let gateway: LaunchedEngine | null = null;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gateway-retries-'));
});
afterEach(async () => {
  await gateway?.dispose();
  gateway = null;
  rmSync(dir, { recursive: true, force: true });
});

interface Upstream {
  readonly port: number;
  /** The bodies of all that was asked. */
  readonly asked: string[];
}

async function startUpstream(
  answer: (count: number, response: http.ServerResponse) => void,
): Promise<Upstream> {
  const asked: string[] = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    asked.push(body);
    answer(asked.length, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: portOf(server), asked };
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('No port');
  return address.port;
}

/** Nobody listens there. */
async function deadPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

const fails = (status: number) => (_count: number, response: http.ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"lost"}}');

const answers = (response: http.ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}');

async function ask(tiers: readonly GatewayTier[], relayPort: number, model: string): Promise<Response> {
  const cloud: GatewayCloud = {
    baseUrl: `http://127.0.0.1:${relayPort}/api/v1`,
    secretHeader: 'x-relay',
    fallbackHeader: 'x-fallback',
    models: [cloudModel],
  };
  const file = path.join(dir, 'litellm.yaml');
  writeFileSync(file, gatewayConfig(tiers, cloud));
  gateway = launchEngine({
    file: path.join(ENGINE_BIN, 'litellm'),
    args: ['--config', file, '--host', '127.0.0.1', '--port', '0'],
    cwd: dir,
    env: { LITELLM_MODE: 'PRODUCTION', LITELLM_OFFLINE_MODE: 'true', LITELLM_MASTER_KEY: key },
  });
  return await fetch(`${await gateway.address()}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
  });
}

const tier = (name: string, port: number): GatewayTier => ({ name, port, contextTokens: null });

it.each([
  ['premium', 502],
  [cloudModel, 502],
  ['premium', 503],
  ['premium', 504],
  ['premium', 429],
])('asks the cloud once for %s, though it answers %i', async (model, status) => {
  const relay = await startUpstream(fails(status));
  const answer = await ask([], relay.port, model);
  expect(answer.status).toBe(status);
  expect(relay.asked).toHaveLength(1);
});

it('asks the cloud once for a request that no tier answers, however many tiers are down', async () => {
  const relay = await startUpstream(fails(502));
  const port = await deadPort();
  const answer = await ask(
    ['standard', 'fast', 'longctx'].map((name) => tier(name, port)),
    relay.port,
    'standard',
  );
  expect(answer.status).toBe(500);
  expect(relay.asked).toHaveLength(1);
});

it('tries every tier before the cloud, and a local one a second time', async () => {
  const relay = await startUpstream((_count, response) => answers(response));
  const broken = await startUpstream(fails(503));
  const shaky = await startUpstream((count, response) =>
    count === 1 ? fails(503)(count, response) : answers(response),
  );
  const answer = await ask(
    [tier('standard', broken.port), tier('fast', broken.port), tier('longctx', shaky.port)],
    relay.port,
    'standard',
  );
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-litellm-model-id')).toBe('local-longctx');
  expect(broken.asked).toHaveLength(4);
  expect(shaky.asked).toHaveLength(2);
  expect(relay.asked).toHaveLength(0);
});
