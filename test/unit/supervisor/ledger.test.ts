import { describe, expect, it } from 'vitest';
import type { HomeFiles, ReadText } from '../../../src-main/files/types.ts';
import {
  createLedger,
  type LaunchRecord,
  loadLedger,
  parseLedger,
} from '../../../src-main/supervisor/ledger.ts';

const record: LaunchRecord = {
  service: 'fast',
  pid: 4711,
  startedAtS: 1_795_375_441,
  executable: '/opt/engines/bin/vllm-mlx',
  launchId: '7b0d3a52-3d2c-4a55-9a53-0c8c2f3f8f11',
  port: 8001,
};
const text = JSON.stringify({ version: 1, launches: [record] });

function filesWith(read: ReadText, written: string[] = []): HomeFiles {
  return {
    readText: async () => read,
    writeText: async (_file, content) => {
      written.push(content);
      return { ok: true, value: undefined };
    },
    setAside: async () => ({ ok: true, value: undefined }),
  };
}

describe('a ledger file', () => {
  it('that is whole is read', () => {
    expect(parseLedger(text)).toEqual([record]);
  });

  it.each([
    ['pid 1', { pid: 1 }],
    ['pid 0', { pid: 0 }],
    ['a negative pid', { pid: -4711 }],
    ['a fractional pid', { pid: 47.11 }],
    ['a pid as text', { pid: '4711' }],
    ['a pid beyond any system', { pid: 2 ** 40 }],
    ['a relative executable', { executable: 'bin/vllm-mlx' }],
    ['no launch id', { launchId: '' }],
    ['a port out of range', { port: 70_000 }],
    ['an unknown member', { extra: true }],
  ])('that names %s is believed in nothing', (_what, change) => {
    expect(
      parseLedger(JSON.stringify({ version: 1, launches: [record, { ...record, ...change }] })),
    ).toBeNull();
  });

  it('cut off at any byte is either not believed or means the same', () => {
    for (let length = 0; length < text.length; length++)
      expect(parseLedger(text.slice(0, length))).toBeNull();
  });

  it('that cannot be read proves nothing and says so', async () => {
    const problem = { code: 'x', message: 'A link.' };
    const refused = await loadLedger('/h/ledger.json', filesWith({ kind: 'refused', problem }));
    expect(refused).toEqual({ records: [], problem });
    const garbage = await loadLedger('/h/ledger.json', filesWith({ kind: 'text', text: '\0garbage' }));
    expect(garbage.records).toEqual([]);
    expect(garbage.problem?.code).toBe('ledger-unreadable');
    expect(await loadLedger('/h/ledger.json', filesWith({ kind: 'absent' }))).toEqual({
      records: [],
      problem: null,
    });
  });
});

describe('a ledger in use', () => {
  it('writes what is there, and changes that come together as one', async () => {
    const written: string[] = [];
    const files = filesWith({ kind: 'absent' }, written);
    const ledger = createLedger({ file: '/h/ledger.json', files, initial: [], onProblem: () => {} });
    const second = {
      ...record,
      service: 'smart',
      pid: 4712,
      launchId: '11111111-1111-4111-8111-111111111111',
    };
    ledger.add(record);
    ledger.add(second);
    ledger.remove(record.launchId);
    ledger.remove('22222222-2222-4222-8222-222222222222');
    await ledger.saved();
    expect(ledger.records()).toEqual([second]);
    expect(written).toHaveLength(1);
    expect(parseLedger(written[0] ?? '')).toEqual([second]);
  });

  it('holds at most as many records as it would read again', async () => {
    const written: string[] = [];
    const ledger = createLedger({
      file: '/h/ledger.json',
      files: filesWith({ kind: 'absent' }, written),
      initial: [],
      onProblem: () => {},
    });
    for (let n = 0; n < 200; n++) {
      const launchId = `7b0d3a52-3d2c-4a55-9a53-${String(n).padStart(12, '0')}`;
      ledger.add({ ...record, pid: 1000 + n, launchId });
    }
    await ledger.saved();
    expect(parseLedger(written.at(-1) ?? '')).toHaveLength(64);
    expect(ledger.records().at(-1)?.pid).toBe(1199);
  });

  const diskFull = { code: 'disk-full', message: 'The disk is full.' };

  function fillable(written: string[] = []) {
    const disk = { isFull: false };
    const good = filesWith({ kind: 'absent' }, written);
    const files: HomeFiles = {
      ...good,
      writeText: async (...write) =>
        disk.isFull ? { ok: false, error: diskFull } : await good.writeText(...write),
    };
    const problems: string[] = [];
    const ledger = createLedger({
      file: '/h/ledger.json',
      files,
      initial: [],
      onProblem: ({ code }) => problems.push(code),
    });
    return { disk, ledger, problems };
  }

  it('answers for each record whether it came to disk, also for those that share a write', async () => {
    const { disk, ledger } = fillable();
    const another = { ...record, launchId: '11111111-1111-4111-8111-111111111111' };
    expect(await ledger.add(record)).toEqual({ ok: true, value: undefined });
    disk.isFull = true;
    const refused = { ok: false, error: diskFull };
    expect(await Promise.all([ledger.add(record), ledger.add(another)])).toEqual([refused, refused]);
    disk.isFull = false;
    expect(await ledger.add(another)).toEqual({ ok: true, value: undefined });
  });

  it('takes nothing from the disk that never came to it, and tells when it cannot take what did', async () => {
    const written: string[] = [];
    const { disk, ledger, problems } = fillable(written);
    disk.isFull = true;
    await ledger.add(record);
    expect(ledger.records()).toEqual([record]);
    ledger.remove(record.launchId);
    await ledger.saved();
    expect(ledger.records()).toEqual([]);
    expect(problems).toEqual([]);

    disk.isFull = false;
    await ledger.add(record);
    disk.isFull = true;
    ledger.remove(record.launchId);
    await ledger.saved();
    expect(problems).toEqual(['disk-full']);
    expect(parseLedger(written.at(-1) ?? '')).toEqual([record]);
  });

  it('takes from the disk what was still on its way there', async () => {
    const written: string[] = [];
    const { ledger } = fillable(written);
    const added = ledger.add(record);
    ledger.remove(record.launchId);
    await added;
    await ledger.saved();
    expect(parseLedger(written.at(-1) ?? '')).toEqual([]);
  });
});
