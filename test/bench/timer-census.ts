/** Preloaded into a process: records which of its timers fire, and writes the list when it ends. */
import { createHook } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { censusFileVariable } from './timer-census-file.ts';

const file = process.env[censusFileVariable];
delete process.env[censusFileVariable];
const maxRecorded = 100_000;
/** Epoch milliseconds and delay, one pair for each firing. */
const fired: [atMs: number, delayMs: number][] = [];
const delays = new Map<number, number>();

createHook({
  init(id, type, _trigger, resource) {
    if (type !== 'Timeout') return;
    const delay: unknown = Reflect.get(resource, '_idleTimeout');
    if (typeof delay === 'number') delays.set(id, delay);
  },
  before(id) {
    const delay = delays.get(id);
    if (delay !== undefined && fired.length < maxRecorded) fired.push([Date.now(), delay]);
  },
  destroy(id) {
    delays.delete(id);
  },
}).enable();

if (file !== undefined) process.on('exit', () => writeFileSync(file, JSON.stringify(fired)));
