/**
 * Loaded before the app by a test that cannot wait: with each signal a minute goes by at once, for timers of a minute or
 * longer. Shorter ones come by themselves.
 */

const minuteMs = 60_000;

interface Alarm {
  readonly ring: () => void;
  dueMs: number;
}

const alarms = new Map<NodeJS.Timeout, Alarm>();
const { setTimeout: setRealTimeout, clearTimeout: clearRealTimeout } = globalThis;

function setAlarm<A extends unknown[]>(call: (...args: A) => void, delayMs?: number, ...args: A) {
  const ring = () => {
    alarms.delete(timer);
    call(...args);
  };
  const timer = setRealTimeout(ring, delayMs);
  if ((delayMs ?? 0) >= minuteMs) alarms.set(timer, { ring, dueMs: performance.now() + (delayMs ?? 0) });
  return timer;
}

function clearAlarm(timer: Parameters<typeof clearTimeout>[0]): void {
  if (typeof timer === 'object') alarms.delete(timer);
  clearRealTimeout(timer);
}

globalThis.setTimeout = Object.assign(setAlarm, setRealTimeout);
globalThis.clearTimeout = clearAlarm;

process.on('SIGVTALRM', () => {
  for (const [timer, alarm] of [...alarms]) {
    alarm.dueMs -= minuteMs;
    if (alarm.dueMs > performance.now()) continue;
    clearAlarm(timer);
    alarm.ring();
  }
  process.stderr.write('A minute has gone by.\n');
});
