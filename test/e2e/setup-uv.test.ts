/** A Mac without uv: it is told so with uv's own command, which real curl then runs on a click, over the shipped bundle. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HuggingFace, startHuggingFace } from '../stand-ins/huggingface/huggingface.ts';
import { type Astral, startAstral } from '../stand-ins/uv/astral.ts';
import { writeUv } from '../stand-ins/uv/write-uv.ts';
import { makeCertificate } from '../tools/certificate.ts';
import { expectClean } from './clean-window.ts';
import { createEmptyHome } from './empty-home.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

const certificate = makeCertificate('DNS:astral.sh');
const planned = 'mlx-community/Qwen3.5-9B-4bit';
let root: string;
let userHome: string;
let hub: HuggingFace;
let astral: Astral;
let preview: Preview;
let page: Page;

beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-uv-'));
  userHome = path.join(root, 'user');
  const home = path.join(root, 'home');
  mkdirSync(userHome, { mode: 0o700 });
  createEmptyHome(home);
  const uv = writeUv(path.join(root, 'handed-out'), { packageMs: 10 });
  [hub, astral] = await Promise.all([startHuggingFace(), startAstral({ certificate, uv })]);
  preview = await startPreview({
    home,
    huggingface: hub.address,
    env: { HOME: userHome, PATH: '/usr/bin:/bin' },
  });
  page = await preview.window();
});
afterAll(async () => {
  await preview?.stop();
  await Promise.all([hub?.close(), astral?.close()]);
  rmSync(root, { recursive: true, force: true });
});

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

/** What real curl makes of `https://astral.sh` in this user's home: our server, or a port that nobody holds. */
function letAstralBe(port: number): void {
  const file = path.join(root, 'authority.pem');
  writeFileSync(file, certificate.cert);
  const lines = [`connect-to = "astral.sh:443:127.0.0.1:${port}"`, `cacert = "${file}"`, 'noproxy = "*"'];
  writeFileSync(path.join(userHome, '.curlrc'), `${lines.join('\n')}\n`);
}

it('is told what lacks, with the command that would be run, and cannot go on', async () => {
  await button('Continue').click();
  await page.getByText('curl -LsSf https://astral.sh/uv/install.sh | env UV_NO_MODIFY_PATH=1 sh').waitFor();
  await page.getByText('Install uv first.').waitFor();
  const begin = page.getByRole('button', { name: /^(Download .* and )?Set Up$/ });
  expect(await begin.getAttribute('aria-disabled')).toBe('true');
  expect(astral.seen).toEqual([]);
  await expectClean(page);
  await screenshotBoth(preview, page, 'setup-2-no-uv');
});

it('an installer that cannot be reached is said so, in its own words, and can be tried again', async () => {
  letAstralBe(1);
  await button('Install uv').click();
  await page.getByText(/^uv could not be installed\. The installer said: curl: \(7\)/).waitFor();
  await expectClean(page);
  await screenshotBoth(preview, page, 'setup-2-uv-failed');
});

it('a click later uv is there, the shell’s own files are as they were, and the setup can go on', async () => {
  letAstralBe(astral.port);
  await button('Install uv').click();
  await page.getByText('0.12.16, found').waitFor();
  expect(astral.seen).toEqual(['GET /uv/install.sh']);
  expect(existsSync(path.join(userHome, '.profile'))).toBe(false);
  await page.getByText('Install uv first.').waitFor({ state: 'detached' });
  // Or all would be there before it is cancelled.
  hub.faults.set(planned, '*', { bytesPerSecond: 500 });
  await page.getByRole('button', { name: /^(Download .* and )?Set Up$/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Setting up your Mac' }).waitFor();
  await page.getByRole('progressbar').first().waitFor();
  await button('Cancel Setup…').click();
  await button('Cancel Setup').click();
  await page.getByRole('heading', { level: 1, name: 'The plan for this Mac' }).waitFor();
});

it('nothing was refused by the page’s policy, and nothing thrown', async () => {
  expect(await preview.control('pageErrors.read', {})).toEqual([]);
  expect(await preview.control('blocked.read', {})).toEqual([]);
});
