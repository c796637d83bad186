/** Ports for servers under test, outside the range from which the system takes ports for outgoing connections. */
import { isPortFree } from '../../../src-main/supervisor/ports.ts';
import { drawPort } from '../../tools/port-lane.ts';

const lowest = 20_000;
const end = 32_000;

/** `count` ports that were free a moment ago, and that nobody else draws at the same time. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = drawPort(lowest, end);
    if (await isPortFree(port)) found.push(port);
  }
  return found;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port');
  return port;
}
