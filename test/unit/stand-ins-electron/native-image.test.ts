import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeImage, viewOfImage } from '../../stand-ins/electron/native-image.ts';

const icon = path.join(import.meta.dirname, 'fixture/iconTemplate.png');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'native-image-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a template is known by its name, and its @2x companion is found', () => {
  const image = nativeImage.createFromPath(icon);
  expect(image.isTemplateImage()).toBe(true);
  expect(image.getScaleFactors()).toEqual([1, 2]);
  expect(image.getSize()).toEqual({ width: 18, height: 18 });
  expect(image.getSize(2)).toEqual({ width: 36, height: 36 });
});

test('a missing file gives an empty image, as in Electron', () => {
  const image = nativeImage.createFromPath(path.join(folder, 'missing.png'));
  expect(image.isEmpty()).toBe(true);
  expect(viewOfImage(image)).toBeNull();
});

test('another format than PNG is refused', async () => {
  const file = path.join(folder, 'x.png');
  await writeFile(file, 'GIF89a, and then some');
  expect(() => nativeImage.createFromPath(file)).toThrow('PNG only');
});

test('representations can be added and come out as they went in', async () => {
  const png = await readFile(icon);
  const image = nativeImage.createEmpty();
  image.addRepresentation({ scaleFactor: 2, buffer: png });
  expect(image.getSize()).toEqual({ width: 9, height: 9 });
  expect(image.toPNG({ scaleFactor: 2 }).equals(png)).toBe(true);
  expect(nativeImage.createFromDataURL(image.toDataURL({ scaleFactor: 2 })).getSize()).toEqual({
    width: 18,
    height: 18,
  });
});
