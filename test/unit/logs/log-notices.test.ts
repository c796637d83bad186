import { beforeEach, describe, expect, it } from 'vitest';
import { type Problem, problem } from '../../../src-main/contract/result.ts';
import { createLogNotices } from '../../../src-main/logs/log-notices.ts';
import type { LogEvent } from '../../../src-main/logs/types.ts';

let standing: string[];
let tell: (log: string, state: LogEvent['state'], found: Problem) => void;

beforeEach(() => {
  standing = [];
  const take = createLogNotices({
    note: ({ code, message }, severity) => standing.push(`${severity} ${code} ${message}`),
    forget({ code, message }) {
      standing = standing.filter((line) => !line.endsWith(` ${code} ${message}`));
    },
  });
  tell = (log, state, found) => take({ log, state, problem: found });
});

const full = (log: string) => problem('disk-full', log);
const link = (log: string) => problem('log-not-a-file', log);

describe('the notice of a log', () => {
  it('stands while it cannot be written, each log by itself', () => {
    tell('fast', 'failing', full('fast'));
    tell('slow', 'failing', full('slow'));
    expect(standing).toEqual(['warning disk-full fast', 'warning disk-full slow']);
    tell('fast', 'recovered', full('fast'));
    expect(standing).toEqual(['warning disk-full slow']);
  });

  it('gives way to another reason, and none is left at the end', () => {
    tell('fast', 'failing', full('fast'));
    tell('fast', 'failing', link('fast'));
    expect(standing).toEqual(['warning log-not-a-file fast']);
    tell('fast', 'recovered', link('fast'));
    expect(standing).toEqual([]);
  });

  it('says of a file that was taken away that another was begun', () => {
    tell('fast', 'recovered', problem('log-removed', 'fast'));
    expect(standing).toEqual(['info log-removed fast']);
  });
});
