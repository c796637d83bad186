/**
 * A program that has nothing to do with us: it may listen on a port, answer like a model server, and remembers every
 * signal that it was ever sent. Asked by a line on its standard input, it tells which.
 */
import { createServer } from 'node:http';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import * as z from 'zod';

const request = z
  .object({
    host: z.string().optional(),
    port: z.number().optional(),
    answers: z.boolean().optional(),
    /** Listens only when told to, and then at once. */
    waits: z.boolean().optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const received: string[] = [];
for (const name of Object.keys(constants.signals)) {
  try {
    process.on(name, () => received.push(name));
  } catch {
    // KILL and STOP cannot be caught: a stranger that still answers did not get them.
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'listen') listen();
  else process.stdout.write(`${JSON.stringify(received)}\n`);
});

const healthy = { status: 'healthy', model_loaded: true, choices: [{}] };
const { port, host, answers, waits } = request;

function listen(): void {
  createServer((_request, response) => {
    if (answers === true) response.end(JSON.stringify(healthy));
    else response.writeHead(404).end();
  }).listen({ port, host, exclusive: true }, () => process.stdout.write('ready\n'));
}

if (port === undefined || waits === true) process.stdout.write('ready\n');
else listen();
