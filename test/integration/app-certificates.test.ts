/** Whoever sets the app's environment cannot turn the check of certificates off, not even for what `fetch` asks. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../tools/certificate.ts';
import { createHome, invoke, launch, serverPids } from './support/app.ts';

const token = `hf_${'Ca1'.repeat(12)}`;
const hub = 'huggingface.co';
const variable = 'NODE_TLS_REJECT_UNAUTHORIZED';

interface Impostor {
  /** Says that it is the hub, with a certificate that nobody vouches for, and takes note of each token it is sent. */
  readonly proxy: string;
  readonly tunnels: readonly string[];
  readonly tokens: readonly string[];
}

async function listening(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A proxy that leads every connection to itself: what a hostile network does. */
async function startImpostor(): Promise<Impostor> {
  const tokens: string[] = [];
  const tunnels: string[] = [];
  const fake = https.createServer(makeCertificate(`DNS:${hub}`), ({ headers }, response) => {
    tokens.push(headers.authorization ?? '');
    response.end('{"name":"somebody","auth":{"accessToken":{"role":"read"}}}');
  });
  const fakePort = await listening(fake);
  const proxy = http.createServer((_request, response) => response.writeHead(400).end());
  proxy.on('connect', (request, client: net.Socket) => {
    tunnels.push(request.url ?? '');
    const inner = net.connect(fakePort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      inner.pipe(client).pipe(inner);
    });
    for (const socket of [client, inner]) socket.on('error', () => inner.destroy());
    onTestFinished(() => void inner.destroy());
  });
  const port = await listening(proxy);
  return { proxy: `http://127.0.0.1:${port}`, tunnels, tokens };
}

it.skipIf(process.platform !== 'linux')(
  'NODE_TLS_REJECT_UNAUTHORIZED reaches no server, and no token goes to whoever merely says to be the hub',
  async () => {
    const impostor = await startImpostor();
    const running = await launch(await createHome({ tiers: ['fast'] }), {
      env: { [variable]: '0', NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: impostor.proxy, NO_PROXY: '127.0.0.1' },
      hidden: false,
    });
    await running.untilReady();
    const servers = Object.values(await serverPids(running.home));
    expect(servers).toHaveLength(2);
    const environmentOf = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'utf8');
    expect(environmentOf(running.app.pid)).toContain(`${variable}=0`);
    for (const pid of servers) expect(environmentOf(pid)).not.toContain(variable);

    await invoke(running, 'models.setToken', { token });
    expect(impostor.tunnels).toContain(`${hub}:443`);
    expect(impostor.tokens).toEqual([]);
  },
);
