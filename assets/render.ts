/** Draws the PNGs of the tray and the app icon from their SVG sources: `node assets/render.ts [folder]`, needed after a change only. */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { type IcnsImage, icnsTypes, packIcns } from './icns.ts';

/** With `tray` and `icon` in it. */
const folder = process.argv[2] ?? import.meta.dirname;
const browsers = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** One pixel density of an SVG, on a transparent ground. */
async function draw(browser: Browser, svg: string, scale: number, size: number): Promise<Buffer> {
  const context = await browser.newContext({
    deviceScaleFactor: scale,
    viewport: { width: size, height: size },
  });
  const page = await context.newPage();
  await page.setContent(
    `<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
  );
  const png = await page.screenshot({ omitBackground: true });
  await context.close();
  return png;
}

/** The `Template` in the name is what makes macOS tint the image. */
async function drawTray(browser: Browser): Promise<void> {
  const tray = path.join(folder, 'tray');
  for (const file of await readdir(tray)) {
    if (!file.endsWith('.svg')) continue;
    const svg = await readFile(path.join(tray, file), 'utf8');
    const size = Number(/width="(\d+)"/.exec(svg)?.[1]);
    const name = path.join(tray, `${path.basename(file, '.svg')}-Template`);
    await writeFile(`${name}.png`, await draw(browser, svg, 1, size));
    await writeFile(`${name}@2x.png`, await draw(browser, svg, 2, size));
  }
}

/** Fewer and thicker lines up to this size. */
const smallUpTo = 32;

async function drawAppIcon(browser: Browser): Promise<void> {
  const icon = path.join(folder, 'icon');
  const large = await readFile(path.join(icon, 'icon.svg'), 'utf8');
  const small = await readFile(path.join(icon, 'icon-small.svg'), 'utf8');
  const images: IcnsImage[] = [];
  for (const { size, kind } of icnsTypes) {
    const png = await draw(browser, size <= smallUpTo ? small : large, 1, size);
    images.push(
      kind === 'png' ? { kind, size, png } : { kind, size, rgba: await pixelsOf(browser, png, size) },
    );
    if (kind === 'png' && size === 512) await writeFile(path.join(icon, 'icon-512.png'), png);
  }
  await writeFile(path.join(icon, 'icon.icns'), packIcns(images));
}

async function pixelsOf(browser: Browser, png: Buffer, size: number): Promise<Uint8Array> {
  const page = await browser.newPage();
  const pixels = await page.evaluate(
    async ([source, width]) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const context = new OffscreenCanvas(width, width).getContext('2d');
      context?.drawImage(image, 0, 0);
      return Array.from(context?.getImageData(0, 0, width, width).data ?? []);
    },
    [`data:image/png;base64,${png.toString('base64')}`, size] as const,
  );
  await page.close();
  return Uint8Array.from(pixels);
}

const executablePath = process.env['CHROMIUM'] ?? browsers.find((candidate) => existsSync(candidate));
const browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
try {
  await drawTray(browser);
  await drawAppIcon(browser);
} finally {
  await browser.close();
}
