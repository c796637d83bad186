/** The transport of downloads over TLS and plain: bodies in order under pauses, connections used again, breaks told. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createNodeClient } from '../../src-main/models/node-client.ts';
import { createTransport } from '../../src-main/models/transport.ts';
import { temporaryFolder } from './support/rig.ts';

const data = randomBytes(5_000_001);

const answer: RequestListener = (request, response) => {
  if (request.url === '/chunked') {
    response.write('hello ');
    response.end('world');
  } else if (request.url === '/cut') {
    response.writeHead(200, { 'content-length': data.length });
    response.write(data.subarray(0, 1_000), () => response.destroy());
  } else {
    response.writeHead(200, { 'content-length': data.length });
    response.end(data);
  }
};

async function serve(scheme: 'http' | 'https') {
  const server = scheme === 'http' ? http.createServer(answer) : https.createServer(certificate(), answer);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  const transport = createTransport();
  onTestFinished(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });
  const url = `${scheme}://localhost:${bound.port}`;

  /** Into memory that is used again, with a pause whenever it is full. */
  async function read(place: string): Promise<Buffer> {
    const { signal } = new AbortController();
    const got = await transport.get(`${url}${place}`, { headers: {}, signal });
    const memory = Buffer.alloc(70_000);
    const parts: Buffer[] = [];
    let filled = 0;
    await got.receive({
      space: () => memory.subarray(filled),
      took(bytes) {
        filled += bytes;
        if (filled < memory.length) return undefined;
        parts.push(Buffer.from(memory));
        filled = 0;
        return new Promise((resolve) => setImmediate(resolve));
      },
    });
    return Buffer.concat([...parts, memory.subarray(0, filled)]);
  }
  return { transport, url, read, connections: () => connections };
}

function certificate() {
  const folder = temporaryFolder();
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...name], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  const trusted = async () => {
    const before = tls.getCACertificates('default');
    const server = await serve(scheme);
    if (scheme === 'https') await trust(server.url);
    onTestFinished(() => tls.setDefaultCACertificates(before));
    return server;
  };

  it('a body arrives whole and in order whatever pauses its receiver makes, by one connection', async () => {
    const { read, connections } = await trusted();
    const before = connections();
    for (let round = 0; round < 3; round += 1) expect((await read('/')).equals(data)).toBe(true);
    expect(connections() - before).toBe(1);
  });

  it('a body of unknown length arrives too', async () => {
    const { read } = await trusted();
    expect(String(await read('/chunked'))).toBe('hello world');
  });

  it('a body that breaks off is an error', async () => {
    const { read } = await trusted();
    await expect(read('/cut')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

/** As an authority's certificate in the system would be. */
async function trust(url: string): Promise<void> {
  const socket = tls.connect({
    host: 'localhost',
    port: Number(new URL(url).port),
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  const text = `-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`;
  tls.setDefaultCACertificates([text]);
}

it('a certificate that nobody vouches for is an error', async () => {
  const { read } = await serve('https');
  await expect(read('/')).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

it('no environment turns the check of certificates off, whichever client reads the body', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { read, url } = await serve('https');
  await expect(read('/')).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const client = createNodeClient();
  onTestFinished(() => client.close());
  const request = { headers: {}, signal: AbortSignal.timeout(5_000) };
  await expect(client.get(url, request)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});
