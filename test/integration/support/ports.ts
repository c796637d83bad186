/** Ports for servers under test, outside the range from which the system takes ports for outgoing connections. */
import { randomInt } from 'node:crypto';
import { isPortFree } from '../../../src-main/supervisor/ports.ts';

const lowest = 20_000;
const highest = 32_000;

/** `count` different ports that were free a moment ago. Two test files may draw at once: the range is wide. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(lowest, highest);
    if (!found.has(port) && (await isPortFree(port))) found.add(port);
  }
  return [...found];
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port');
  return port;
}
