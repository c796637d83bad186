/** What the main process reads at start must not bring TLS with it, which would stay in memory for nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadHttps, loadTls } from '../../src-main/secure-connections.ts';

const folder = path.resolve(import.meta.dirname, '../../src-main');

describe('TLS', () => {
  it('is imported by no file of the main process', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(100);
    const importing = files.filter((name) =>
      /^import (?!type ).*'node:(https|tls)'/m.test(readFileSync(path.join(folder, name), 'utf8')),
    );
    expect(importing).toEqual([]);
  });

  it('is there when a connection needs it', () => {
    expect(loadHttps().Agent).toBeTypeOf('function');
    expect(loadTls().connect).toBeTypeOf('function');
  });
});
