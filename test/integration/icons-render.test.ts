/** The icons that ship are what `assets/render.ts` makes of their sources today. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ensureChromium, sentenceOf } from '../tools/chromium.ts';
import { readPicture } from '../unit/assets/read-png.ts';
import { temporaryFolder } from './support/rig.ts';

const assets = path.resolve(import.meta.dirname, '../../assets');
/** Another Chromium smooths edges a little otherwise: all four channels of a pixel together, on average over a picture. */
const smoothing = 4;

it('every picture of the tray, and the app icon', async () => {
  const folder = temporaryFolder();
  for (const kind of ['tray', 'icon']) {
    mkdirSync(path.join(folder, kind));
    for (const file of readdirSync(path.join(assets, kind)).filter((name) => name.endsWith('.svg')))
      copyFileSync(path.join(assets, kind, file), path.join(folder, kind, file));
  }
  const chromium = ensureChromium({ headed: false });
  if (!chromium.ok) throw new Error(sentenceOf(chromium.error));
  await promisify(execFile)(process.execPath, [path.join(assets, 'render.ts'), folder], {
    env: { ...process.env, CHROMIUM: chromium.value },
  });

  for (const kind of ['tray', 'icon'])
    expect(readdirSync(path.join(folder, kind))).toEqual(readdirSync(path.join(assets, kind)));
  const pictures = readdirSync(path.join(assets, 'tray')).filter((name) => name.endsWith('.png'));
  const differing = ['icon/icon-512.png', ...pictures.map((name) => `tray/${name}`)].filter((name) => {
    const [made, kept] = [folder, assets].map((place) => readPicture(readFileSync(path.join(place, name))));
    if (made === undefined || kept === undefined || made.width !== kept.width) return true;
    const off = made.pixels.reduce((sum, value, at) => sum + Math.abs(value - (kept.pixels[at] ?? 0)), 0);
    return off / (made.width * made.width) > smoothing;
  });
  expect(differing).toEqual([]);
});
