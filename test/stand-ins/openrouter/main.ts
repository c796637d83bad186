/** The stand-in as a process: `node main.ts [--key KEY]… [--port N]`; says where it listens in one line of JSON. */
import { parseArgs } from 'node:util';
import { startOpenRouter } from './openrouter.ts';

const { values } = parseArgs({
  options: {
    key: { type: 'string', multiple: true, default: [] },
    port: { type: 'string', default: '0' },
    parts: { type: 'string', default: '5' },
    'part-delay-ms': { type: 'string', default: '0' },
  },
});

const standIn = await startOpenRouter({
  keys: values.key,
  port: Number(values.port),
  behaviour: { parts: Number(values.parts), partDelayMs: Number(values['part-delay-ms']) },
});
process.stdout.write(`${JSON.stringify({ origin: standIn.origin })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void standIn.close());
/** Whoever started it is gone. */
process.stdin.on('end', () => void standIn.close()).resume();
