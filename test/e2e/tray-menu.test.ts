/** The tray of the shipped bundle: over a demo stack with real processes, and over a home with no stack or a bad one. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MenuRow } from '../stand-ins/electron/control-protocol.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

function gatewayOf({ ready }: Preview) {
  if (ready.gateway === null) throw new Error('the preview has no gateway');
  return ready.gateway;
}

const patient = { timeout: 30_000 };

function trayOf(preview: Preview) {
  const read = async () => {
    const tray = await preview.control('tray.read', {});
    if (tray === null) throw new Error('there is no tray');
    return tray;
  };
  const firstRow = async () => (await read()).rows[0]?.label;
  return {
    read,
    click: (...labels: string[]) => preview.control('menu.click', { path: labels }),
    rowOf: async (id: string): Promise<MenuRow> => {
      const row = (await read()).rows.find((each) => each.id === id);
      if (row === undefined) throw new Error(`the menu has no ${id}`);
      return row;
    },
    hasRow: async (id: string) => (await read()).rows.some((row) => row.id === id),
    answers: (label: string) => expect.poll(firstRow, patient).toBe(label),
  };
}

describe('over a running stack', () => {
  let preview: Preview;
  let tray: ReturnType<typeof trayOf>;

  beforeAll(async () => {
    preview = await startPreview({ demo: true });
    tray = trayOf(preview);
  });
  afterAll(() => preview.stop());

  it('says in its first row that it is working, and where', async () => {
    await tray.answers('MLX Stack is ready');
    const { host } = new URL(gatewayOf(preview).baseUrl);
    const status = await tray.rowOf('status');
    expect(status.enabled).toBe(false);
    expect(status.sublabel.startsWith(`${host} · about `)).toBe(true);
    expect(await tray.read()).toMatchObject({ image: 'stack-ready-Template.png', template: true });
  });

  it('has a row for each model with its state by shape, in words and to VoiceOver', async () => {
    for (const name of ['standard', 'fast', 'longctx']) {
      const row = await tray.rowOf(`service:${name}`);
      expect(row).toMatchObject({ type: 'submenu', label: name, icon: 'state-healthy-Template.png' });
      expect(row.sublabel).toMatch(/^Ready · .+ · port \d+$/);
      expect(row.name).toMatch(new RegExp(`^${name}, Ready, .+, port \\d+$`));
    }
    expect(await tray.hasRow('service:gateway')).toBe(false);
  });

  it('copies the address, and says so for a second beside the icon', async () => {
    await preview.control('clipboard.write', { text: '' });
    /** A click each time: on a busy machine the second may be over before it is looked. */
    const titleAfterCopy = async () => {
      await tray.click('Copy Address');
      return (await tray.read()).title;
    };
    await expect.poll(titleAfterCopy).toBe('Copied');
    expect(await preview.control('clipboard.read', {})).toEqual({ text: gatewayOf(preview).baseUrl });
    await expect.poll(async () => (await tray.read()).title, patient).toBe('');
  });

  it('copies what an app puts in “model”', async () => {
    await tray.click('fast', 'Copy Model Name');
    await expect.poll(() => preview.control('clipboard.read', {})).toEqual({ text: 'fast' });
  });

  it('leaves an open menu as it is; what has changed meanwhile comes when it is closed', async () => {
    const labels = async () => (await tray.rowOf('service:fast')).children.map((child) => child.label);
    const page = await preview.window();
    await preview.control('menu.open', {});
    await page.getByRole('button', { name: 'Stop fast', exact: true }).click();
    await page.getByRole('button', { name: 'Start fast', exact: true }).waitFor();
    expect(await labels()).toContain('Stop');
    expect(await labels()).not.toContain('Start');
    await preview.control('menu.close', {});
    await expect.poll(labels, patient).toContain('Start');
    expect(await labels()).not.toContain('Stop');
    await tray.click('fast', 'Start');
    await expect
      .poll(async () => (await tray.rowOf('service:fast')).icon, patient)
      .toBe('state-healthy-Template.png');
  });

  it('stops everything and starts it again, offering only what applies', async () => {
    await tray.answers('MLX Stack is ready');
    expect(await tray.hasRow('stack:start')).toBe(false);
    await tray.click('Stop Everything');
    await tray.answers('MLX Stack is off');
    expect((await tray.read()).image).toBe('stack-off-Template.png');
    await expect.poll(() => tray.hasRow('stack:stop'), patient).toBe(false);
    await tray.click('Start Everything');
    await tray.answers('MLX Stack is ready');
  });
});

describe('without a usable stack', () => {
  it('says what is missing, then what is wrong, in the tray and in the window, as soon as it is so', async () => {
    await using preview = await startPreview();
    const tray = trayOf(preview);
    await tray.answers('No stack yet');
    const page = await preview.window();
    await page.getByRole('heading', { level: 1, name: 'Welcome to MLX Stack' }).waitFor();
    await page.getByRole('button', { name: 'Open the MLX Stack Folder' }).click();
    await expect
      .poll(() => preview.control('opened.read', {}))
      .toContainEqual({ via: 'openPath', target: preview.ready.home });
    await screenshotBoth(preview, page, 'window-no-stack');

    const folder = path.join(preview.ready.home, 'stacks');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path.join(folder, 'default.yaml'), 'schema_version: 1\ntiers: [', { mode: 0o600 });
    await tray.answers('The stack file cannot be used');
    expect((await tray.read()).image).toBe('stack-attention-Template.png');
    await page.getByRole('heading', { level: 1, name: 'The stack file cannot be used' }).waitFor();
    await screenshotBoth(preview, page, 'window-invalid-stack');
    await tray.click('Open the Stack File');
    await expect
      .poll(() => preview.control('opened.read', {}))
      .toContainEqual({ via: 'openPath', target: path.join(folder, 'default.yaml') });
  });
});
