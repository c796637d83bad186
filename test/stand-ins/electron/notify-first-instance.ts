/** Hands stdin to the socket named by the argument, and tells by its exit code whether somebody took it. */
import net from 'node:net';
import { text } from 'node:stream/consumers';

const delivered = 0;
/** As in single-instance.ts, which is not imported here: this process should start quickly. */
const nobodyThere = 3;

const message = await text(process.stdin);
const connection = net.connect({ path: process.argv[2] ?? '', allowHalfOpen: true }, () =>
  connection.end(message),
);
let answer = '';
connection.setEncoding('utf8');
connection.on('data', (chunk) => {
  answer += chunk;
});
connection.on('error', () => process.exit(nobodyThere));
connection.on('close', () => process.exit(answer === 'ok' ? delivered : nobodyThere));
