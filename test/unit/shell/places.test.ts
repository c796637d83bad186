import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { derivePaths, type Paths } from '../../../src-main/paths.ts';
import { openPlace } from '../../../src-main/shell/places.ts';

const seen = vi.hoisted(() => ({ opened: [] as string[], shown: [] as string[], refusal: '' }));

vi.mock('electron', () => ({
  shell: {
    openPath: async (target: string) => {
      seen.opened.push(target);
      return seen.refusal;
    },
    showItemInFolder: (target: string) => seen.shown.push(target),
  },
}));

let paths: Paths;
beforeEach(() => {
  Object.assign(seen, { opened: [], shown: [], refusal: '' });
  paths = derivePaths(mkdtempSync(path.join(os.tmpdir(), 'places-')));
});
afterEach(() => rmSync(paths.home, { recursive: true, force: true }));

describe('openPlace', () => {
  it('opens the place itself', async () => {
    mkdirSync(paths.logs);
    expect(await openPlace('logs', paths)).toEqual({ ok: true, value: {} });
    expect(seen.opened).toEqual([paths.logs]);
  });

  it('opens the nearest folder for what is not there yet', async () => {
    await openPlace('stack', paths);
    mkdirSync(path.dirname(paths.stack));
    await openPlace('stack', paths);
    expect(seen.opened).toEqual([paths.home, path.dirname(paths.stack)]);
  });

  it('shows a file in the Finder when no app opens it', async () => {
    writeFileSync(paths.config, '');
    seen.refusal = 'No application is set to open it.';
    expect(await openPlace('config', paths)).toEqual({ ok: true, value: {} });
    expect(seen.shown).toEqual([paths.config]);
  });

  it('never opens a folder that the settings name, which may be a bundle: it is shown', async () => {
    const models = path.join(paths.home, 'Evil.app');
    mkdirSync(models);
    expect(await openPlace('models', { ...paths, models })).toEqual({ ok: true, value: {} });
    expect(await openPlace('models', { ...paths, models: path.join(models, 'later') })).toEqual({
      ok: true,
      value: {},
    });
    expect(seen).toMatchObject({ opened: [], shown: [models, models] });
  });

  it('says so when even home is gone', async () => {
    rmSync(paths.home, { recursive: true });
    seen.refusal = 'It does not exist.';
    expect(await openPlace('home', paths)).toMatchObject({ ok: false, error: { code: 'place-missing' } });
    expect(seen.shown).toEqual([]);
  });
});
