import { describe, expect, it } from 'vitest';
import type { HomeFiles, ReadText } from '../../../src-main/files/types.ts';
import { createWindowPlaceStore, minSize, reachablePlace } from '../../../src-main/shell/window-place.ts';

const main = { x: 0, y: 33, width: 1512, height: 949 };
const left = { x: -1920, y: 0, width: 1920, height: 1080 };
const place = { x: 100, y: 80, width: 900, height: 620 };

describe('the place of the window', () => {
  it.each([
    ['on the screen', place, [main], place],
    ['on another screen', { ...place, x: -1800 }, [main, left], { ...place, x: -1800 }],
    ['on a screen that is gone', { ...place, x: -1800 }, [main], null],
    ['below the screen', { ...place, y: 2_000 }, [main], null],
    ['all but its edge beyond the right', { ...place, x: 1_400 }, [main], null],
    ['half beyond the right', { ...place, x: 1_300 }, [main], { ...place, x: 1_300 }],
    ['with its title bar above the screen', { ...place, y: -200 }, [main], null],
    ['a little under the menu bar', { ...place, y: 25 }, [main], { ...place, y: 33 }],
    [
      'larger than the screen',
      { ...place, width: 5_000, height: 4_000 },
      [main],
      { ...place, width: 1512, height: 949 },
    ],
    [
      'smaller than the window can be',
      { ...place, width: 200, height: 100 },
      [main],
      { ...place, ...minSize },
    ],
    ['without a screen', place, [], null],
  ])('%s', (_where, saved, areas, expected) => {
    expect(reachablePlace(saved, areas)).toEqual(expected);
  });
});

describe('the file of the window’s place', () => {
  function store(read: ReadText) {
    const written: string[] = [];
    const files: HomeFiles = {
      readText: async () => read,
      writeText: async (_file, text) => {
        written.push(text);
        return { ok: true, value: undefined };
      },
      setAside: async () => ({ ok: true, value: undefined }),
    };
    return { written, places: createWindowPlaceStore({ files, file: '/home/window.json' }) };
  }

  it('gives back what was saved', async () => {
    const first = store({ kind: 'absent' });
    await first.places.load();
    expect(first.places.last()).toBeNull();
    first.places.save({ ...place, x: 100.4 });
    expect(first.places.last()).toEqual(place);
    const second = store({ kind: 'text', text: first.written[0] ?? '' });
    await second.places.load();
    expect(second.places.last()).toEqual(place);
  });

  it.each(['', '{', '{"version":2}', '{"version":1,"x":1e99,"y":0,"width":1,"height":1}', '[]'])(
    'a file that says %j is as none',
    async (text) => {
      const { places } = store({ kind: 'text', text });
      await places.load();
      expect(places.last()).toBeNull();
    },
  );

  it('a move before the file was read is not undone by it', async () => {
    const { places } = store({ kind: 'text', text: JSON.stringify({ version: 1, ...place }) });
    places.save({ ...place, x: 7 });
    await places.load();
    expect(places.last()?.x).toBe(7);
  });
});
