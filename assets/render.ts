/** Draws the PNGs of the tray and the app icon from their SVG sources: `node assets/render.ts`, needed after a change only. */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const folder = import.meta.dirname;
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

async function drawAppIcon(browser: Browser): Promise<void> {
  const icon = path.join(folder, 'icon');
  const svg = await readFile(path.join(icon, 'icon.svg'), 'utf8');
  for (const size of [128, 512, 1024]) {
    await writeFile(path.join(icon, `icon-${size}.png`), await draw(browser, svg, 1, size));
  }
}

const executablePath = browsers.find((candidate) => existsSync(candidate));
const browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
try {
  await drawTray(browser);
  await drawAppIcon(browser);
} finally {
  await browser.close();
}
