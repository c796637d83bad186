/** What a line says of itself: time, source, level; and that a filter by level skips no line it should show. */
import { describe, expect, it } from 'vitest';
import type { LogLevel } from '../../../src-main/contract/log-limits.ts';
import {
  isAtLeast,
  isInStamp,
  levelOf,
  levelSearch,
  readHead,
} from '../../../src-main/logs/reader/line-format.ts';

const time = '2026-11-22T20:23:15.123Z';

const samples: readonly (readonly [string, LogLevel])[] = [
  [`${time} err INFO:     Started server process [4711]`, 'info'],
  [`${time} err ERROR:    [Errno 48] error while attempting to bind on address`, 'error'],
  [`${time} err WARNING:  StatReload detected changes`, 'warning'],
  [`${time} out INFO:     127.0.0.1:1 - "GET /ERROR HTTP/1.1" 200 OK`, 'info'],
  [`${time} err 2026-11-22 20:23:15,001 - DEBUG - Starting new HTTPS connection`, 'debug'],
  [`${time} err 20:23:15 - LiteLLM Proxy:ERROR: proxy_server.py:1028 - boom`, 'error'],
  [`${time} err Traceback (most recent call last):`, 'error'],
  [`${time} err   File "x.py", line 3, in <module>`, 'info'],
  [`${time} err ModuleNotFoundError: No module named 'mlx'`, 'error'],
  [`${time} err huggingface_hub.errors.GatedRepoError: 401 Client Error.`, 'error'],
  [`${time} err vllm-mlx: error: unrecognized arguments: --api-key`, 'error'],
  [`${time} err vllm-mlx serve: error: argument --tool-call-parser: invalid choice`, 'error'],
  [`${time} err libc++abi: terminating due to uncaught exception of type std::runtime_error: x`, 'error'],
  [`${time} err /x/resource_tracker.py:301: UserWarning: resource_tracker: leaked`, 'warning'],
  [`${time} out {"level": "ERROR", "message": "no"}`, 'error'],
  [`${time} out {"message": "yes", "level": "WARNING"}`, 'warning'],
  [`${time} app started, process 4711, port 8000`, 'info'],
  [`${time} app exited with code 1`, 'warning'],
  [`${time} app exited with code 0`, 'info'],
  [`${time} app ended by SIGKILL`, 'warning'],
  [`${time} app ended by SIGTERM`, 'info'],
  [`${time} ERR The app could not start`, 'error'],
  [`${time} WRN fast failed`, 'warning'],
  [`${time} inf Everything is stopped`, 'info'],
  ['ERROR: a line of the CLI', 'error'],
  ['plain words', 'info'],
];

describe('a line', () => {
  it('tells time, source and body; another program’s line is all body', () => {
    expect(readHead(`${time} err no`)).toEqual({
      timeMs: Date.UTC(2026, 10, 22, 20, 23, 15, 123),
      source: 'err',
      bodyAt: 29,
      level: null,
    });
    for (const foreign of ['no', `${time} xyz no`, `${time}out no`, '2026-13-45T99:99:99.999Z out no', '']) {
      expect(readHead(foreign)).toEqual({ timeMs: null, source: 'foreign', bodyAt: 0, level: null });
    }
  });

  it.each(samples)('%s: %s', (line, level) => {
    const head = readHead(line);
    expect(levelOf(head, line.slice(head.bodyAt))).toBe(level);
  });

  it('of a level that is wanted is never skipped', () => {
    for (const least of ['warning', 'error'] as const) {
      const search = levelSearch(least);
      for (const [line, level] of samples) {
        if (!isAtLeast(level, least)) continue;
        const isSeen =
          search?.marks.some((mark) => line.includes(mark)) || line.search(search?.words ?? /$^/) >= 0;
        expect(isSeen, `${least}: ${line}`).toBe(true);
      }
    }
    expect(levelSearch('info')).toBeNull();
  });

  it('what is found in its stamp is told apart from what is found in its body', () => {
    const line = `${time} out out`;
    expect(isInStamp(line, 0, line.indexOf('out'))).toBe(true);
    expect(isInStamp(line, 0, 29)).toBe(false);
    expect(isInStamp(`${time} xyz out`, 0, 25)).toBe(false);
    expect(isInStamp('out', 0, 0)).toBe(false);
  });
});
