import { describe, expect, test } from 'vitest';
import {
  parseAvailableBytes,
  parseGpuCores,
  parseSysctl,
  parseWiredLimitBytes,
} from '../../../src-main/hardware/readings.ts';

const gib = 1024 ** 3;

/** As macOS 15 prints it on a Mac with 48 GB. */
const vmStatText = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                              200000.
Pages active:                           1000000.
Pages inactive:                          900000.
Pages speculative:                        50000.
Pages throttled:                              0.
Pages wired down:                        300000.
Pages purgeable:                          40000.
"Translation faults":                1234567890.
Pages copy-on-write:                   12345678.
Pages zero filled:                    123456789.
Pages reactivated:                       123456.
Pages purged:                            234567.
File-backed pages:                       800000.
Anonymous pages:                        1150000.
Pages stored in compressor:              500000.
Pages occupied by compressor:            250000.
Decompressions:                               0.
Compressions:                                 0.
Pageins:                                1234567.
Pageouts:                                     0.
Swapins:                                      0.
Swapouts:                                     0.
`;

describe('vm_stat', () => {
  test('what is free is all that is not in use; cached files and purgeable pages are not in use', () => {
    const usedPages = 1_000_000 + 900_000 + 50_000 + 300_000 + 250_000 - 40_000 - 800_000;
    expect(parseAvailableBytes(vmStatText, 48 * gib)).toBe(48 * gib - usedPages * 16_384);
  });

  test('never says more than there is, nor less than nothing', () => {
    expect(parseAvailableBytes(vmStatText, 8 * gib)).toBe(0);
    const idle = vmStatText.replace(/^File-backed pages:.*$/m, 'File-backed pages: 9000000.');
    expect(parseAvailableBytes(idle, 48 * gib)).toBe(48 * gib);
  });

  test.each(['Pages wired down', 'File-backed pages', 'Pages occupied by compressor'])(
    'without “%s” nothing is known',
    (label) => {
      expect(parseAvailableBytes(vmStatText.replace(label, 'Pages renamed'), 48 * gib)).toBeNull();
    },
  );

  test.each(['', 'vm_stat: not found', 'Pages free: 1.'])('“%s” says nothing', (text) => {
    expect(parseAvailableBytes(text, 48 * gib)).toBeNull();
  });
});

describe('sysctl', () => {
  test('gives each name its value and leaves out what is not known', () => {
    const values = parseSysctl(
      'machdep.cpu.brand_string: Apple M4 Pro\nhw.memsize: 51539607552\nsysctl: unknown oid\n',
    );
    expect([...values]).toEqual([
      ['machdep.cpu.brand_string', 'Apple M4 Pro'],
      ['hw.memsize', '51539607552'],
    ]);
  });

  test('a wired limit of 0 is the default of the system', () => {
    expect(parseWiredLimitBytes('0')).toBeNull();
    expect(parseWiredLimitBytes('40960')).toBe(40 * gib);
    expect(parseWiredLimitBytes('lots')).toBeNull();
    expect(parseWiredLimitBytes('-1')).toBeNull();
    expect(parseWiredLimitBytes(undefined)).toBeNull();
  });
});

describe('system_profiler', () => {
  test('gives the GPU cores of the chip', () => {
    const text = JSON.stringify({
      SPDisplaysDataType: [
        { _name: 'Apple M4 Pro', sppci_cores: '20', sppci_model: 'Apple M4 Pro', spdisplays_ndrvs: [{}] },
      ],
    });
    expect(parseGpuCores(text)).toBe(20);
    expect(parseGpuCores(text.replace('"20"', '20'))).toBe(20);
  });

  test.each([
    '',
    '{',
    '[]',
    '{"SPDisplaysDataType":{}}',
    '{"SPDisplaysDataType":[]}',
    '{"SPDisplaysDataType":[{"sppci_cores":"many"}]}',
    '{"SPDisplaysDataType":[{"sppci_cores":"99999"}]}',
    '{"SPDisplaysDataType":[{"sppci_cores":"0"}]}',
  ])('%s says nothing', (text) => {
    expect(parseGpuCores(text)).toBeNull();
  });
});
