/** Node's own HTTP client as a transport: for answers whose length is not said beforehand. */
import http from 'node:http';
import https from 'node:https';
import { pourInto, type Transport } from './transport.ts';

const maxSockets = 16;

export function createNodeClient(): Transport {
  const options = { keepAlive: true, maxSockets };
  const plain = new http.Agent(options);
  /** Said outright: NODE_TLS_REJECT_UNAUTHORIZED in the environment would turn it off. */
  const secure = new https.Agent({ ...options, rejectUnauthorized: true });
  return {
    get: (url, { headers, signal }) =>
      new Promise((resolve, reject) => {
        const isSecure = url.startsWith('https:');
        const agent = isSecure ? secure : plain;
        const request = (isSecure ? https : http).get(url, { agent, headers, signal }, (response) => {
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
      secure.destroy();
    },
  };
}
