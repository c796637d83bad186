/** Asks a model's server how it is, by its `/v1/status`: it costs no model call, and its answer is read within bounds. */
import http from 'node:http';

/** Its `requests` list grows with each one. */
const maxBodyBytes = 1024 * 1024;

/** The text of the answer; `null` for a server that does not give one whole in time. */
export function readServerStatus(port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const settle = (text: string | null) => {
      clearTimeout(limit);
      resolve(text);
      request.destroy();
    };
    const request = http.get(
      { host: '127.0.0.1', port, path: '/v1/status', agent: false, headers: { connection: 'close' } },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxBodyBytes) settle(null);
          else chunks.push(chunk);
        });
        response.on('end', () =>
          settle(response.statusCode === 200 ? Buffer.concat(chunks).toString('utf8') : null),
        );
        response.on('error', () => settle(null));
      },
    );
    const limit = setTimeout(() => settle(null), timeoutMs);
    request.on('error', () => settle(null));
  });
}

export function parseServerStatus(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
