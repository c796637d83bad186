/** Node's own HTTP client as a transport: for answers whose length is not said beforehand. */
import http from 'node:http';
import type https from 'node:https';
import { loadHttps } from '../secure-connections.ts';
import { pourInto, type Transport } from './transport.ts';

const maxSockets = 16;

export function createNodeClient(): Transport {
  const options = { keepAlive: true, maxSockets };
  const plain = new http.Agent(options);
  let secure: https.Agent | null = null;

  function secureAgent(): https.Agent {
    /** Said outright: NODE_TLS_REJECT_UNAUTHORIZED in the environment would turn it off. */
    secure ??= new (loadHttps().Agent)({ ...options, rejectUnauthorized: true });
    return secure;
  }

  return {
    get: (url, { headers, signal }) =>
      new Promise((resolve, reject) => {
        const isSecure = url.startsWith('https:');
        const agent = isSecure ? secureAgent() : plain;
        const request = (isSecure ? loadHttps() : http).get(url, { agent, headers, signal }, (response) => {
          /** Whoever receives hears of it; whoever does not has cancelled. */
          response.on('error', () => {});
          resolve({
            status: response.statusCode ?? 0,
            header: (name) => {
              const value = response.headers[name];
              return Array.isArray(value) ? value.join(', ') : (value ?? null);
            },
            async receive(sink) {
              for await (const bytes of response) await pourInto(sink, bytes);
            },
            cancel: () => request.destroy(),
          });
        });
        request.on('error', reject);
      }),
    close() {
      plain.destroy();
      secure?.destroy();
    },
  };
}
