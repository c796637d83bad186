/** The stand-in as a process; says where it listens in one line of JSON. */
import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startHuggingFace } from './huggingface.ts';

const usage = `huggingface [--port N] [--token TOKEN]… [--bytes-per-second N]
  --token TOKEN           an account, which may read no private or gated repository
  --bytes-per-second N    how fast each connection is, for all files
`;

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      token: { type: 'string', multiple: true, default: [] },
      'bytes-per-second': { type: 'string' },
    },
  });
  const rate = values['bytes-per-second'];
  const standIn = await startHuggingFace({
    port: Number(values.port),
    tokens: Object.fromEntries(values.token.map((token) => [token, []])),
    ...(rate === undefined ? {} : { bytesPerSecond: Number(rate) }),
  });
  const { address, cdnAddress } = standIn;
  process.stdout.write(`${JSON.stringify({ address, cdnAddress })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void standIn.close());
  /** Whoever started it with a pipe is gone. */
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket()) {
    process.stdin.on('end', () => void standIn.close()).resume();
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 2;
}
