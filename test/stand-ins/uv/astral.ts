/** astral.sh on loopback: the page that hands out uv's installer, which puts the stand-in uv where the real one goes. */
import { once } from 'node:events';
import https from 'node:https';
import type { Certificate } from '../../tools/certificate.ts';

export interface Astral {
  readonly port: number;
  /** Of the requests so far, method and path. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

/** `uv` is copied to `~/.local/bin` by a script that ends and talks as the standalone installer of uv does. */
export async function startAstral({
  certificate,
  uv,
}: {
  readonly certificate: Certificate;
  readonly uv: string;
}): Promise<Astral> {
  const seen: string[] = [];
  const server = https.createServer(certificate, (request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (request.url !== '/uv/install.sh') {
      response.writeHead(404).end('not found\n');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/x-sh' }).end(installer(uv));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const installer = (uv: string) => `#!/bin/sh
set -eu
echo "downloading uv 0.12.16 aarch64-apple-darwin" >&2
mkdir -p "$HOME/.local/bin"
cp '${uv.replaceAll("'", "'\\''")}' "$HOME/.local/bin/uv"
echo "installing to $HOME/.local/bin" >&2
[ "\${UV_NO_MODIFY_PATH:-}" = 1 ] || echo 'export PATH="$HOME/.local/bin:$PATH"' >> "$HOME/.profile"
echo "everything's installed!" >&2
`;
