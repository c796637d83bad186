/** What of the tray and the bridge only the stand-in for Electron lets a test see or pretend, over the shipped bundle. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { commandChannel } from '../../src-main/contract/bridge.ts';
import { snapshotSchema } from '../../src-main/contract/status.ts';
import { type Preview, screenshotBoth, startPreview } from './harness.ts';

describe('over a running stack', () => {
  let preview: Preview;
  beforeAll(async () => {
    preview = await startPreview({ demo: true });
  });
  afterAll(() => preview.stop());

  it('the menu is drawn', async () => {
    await preview.openMenu();
    expect(await screenshotBoth(preview, await preview.menuBar(), 'tray-menu')).toHaveLength(2);
    await preview.control('menu.close', {});
  });

  it.each([
    ['another page', { url: 'https://example.com/', isMainFrame: true }],
    ['a frame in our page', { url: 'app://ui/index.html', isMainFrame: false }],
  ])('no command is taken from %s', async (_what, sender) => {
    await preview.window();
    const reply = await preview.control('ipc.invoke', {
      channel: commandChannel,
      args: ['stack.stop', {}],
      sender,
    });
    expect(reply).toMatchObject({ ok: false });
    const status = await preview.control('ipc.invoke', {
      channel: commandChannel,
      args: ['status.read', {}],
    });
    const { value } = z.object({ value: z.object({ value: snapshotSchema }) }).parse(status).value;
    expect(value.services.every(({ desired }) => desired === 'on')).toBe(true);
  });
});

describe('without a stack', () => {
  it('the icon is that of a stack that is off', async () => {
    await using preview = await startPreview();
    const read = async () => await preview.control('tray.read', {});
    await expect.poll(async () => (await read())?.rows[0]?.label).toBe('No stack yet');
    expect((await read())?.image).toBe('stack-off-Template.png');
  });
});
