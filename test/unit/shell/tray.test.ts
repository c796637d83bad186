import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Result } from '../../../src-main/contract/result.ts';
import { copiedFlashMs, createTray, loadTrayIcons } from '../../../src-main/shell/tray.ts';
import type { TrayAction } from '../../../src-main/shell/tray-menu.ts';
import { snapshots } from '../status/snapshots.ts';

interface Built {
  readonly template: readonly { readonly id?: string; readonly click?: () => void }[];
}

const seen = vi.hoisted(() => {
  const calls: string[] = [];
  const menus: Built[] = [];
  const files: string[] = [];
  return { calls, menus, files };
});

vi.mock('electron', () => ({
  Tray: class {
    setIgnoreDoubleClickEvents() {}
    setImage(image: { readonly file: string }) {
      seen.calls.push(`image ${image.file}`);
    }
    setToolTip(text: string) {
      seen.calls.push(`tooltip ${text}`);
    }
    setTitle(text: string) {
      seen.calls.push(`title "${text}"`);
    }
    setContextMenu() {
      seen.calls.push('menu');
    }
    isDestroyed() {
      return seen.calls.includes('destroyed');
    }
    destroy() {
      seen.calls.push('destroyed');
    }
  },
  Menu: {
    buildFromTemplate(template: Built['template']) {
      seen.menus.push({ template });
      return { items: template.map((item) => ({ ...item })), on() {} };
    },
  },
  nativeImage: {
    createFromPath(file: string) {
      seen.files.push(file);
      return { file: file.split('/').at(-1), setTemplateImage() {} };
    },
  },
}));

const open = (perform: (action: TrayAction) => Promise<Result<unknown>>) =>
  createTray({ icons: loadTrayIcons('/icons'), perform });
const succeed = async (): Promise<Result<unknown>> => ({ ok: true, value: {} });

async function click(id: string): Promise<void> {
  const item = seen.menus.at(-1)?.template.find((each) => each.id === id);
  item?.click?.();
  await Promise.resolve();
  await Promise.resolve();
}

describe('the tray', () => {
  beforeEach(() => {
    seen.calls.length = 0;
    seen.menus.length = 0;
    seen.files.length = 0;
  });

  it('sets image, tooltip and menu only when they change', () => {
    const tray = open(succeed);
    tray.update(snapshots.healthy);
    tray.update({ ...snapshots.healthy, revision: 2 });
    expect(seen.calls).toEqual(['image stack-ready-Template.png', 'tooltip MLX Stack is ready', 'menu']);
    tray.update(snapshots.mixedFailures);
    expect(seen.calls.slice(3)).toEqual([
      'image stack-attention-Template.png',
      'tooltip MLX Stack: standard: Port 8001 is in use by Python (pid 812)',
      'menu',
    ]);
  });

  it('shows what no notification could say while it is true, and does what it says on a click', async () => {
    const performed: TrayAction[] = [];
    const tray = open(async (action) => {
      performed.push(action);
      return { ok: true, value: {} };
    });
    const shown = () => seen.menus.at(-1)?.template.some(({ id }) => id === 'unshown:1');
    tray.setUnshown([
      {
        number: 1,
        kind: 'failure',
        about: 'standard',
        title: 'standard needs attention',
        body: '',
        view: 'logs',
      },
    ]);
    expect(seen.menus).toEqual([]);
    tray.update(snapshots.healthy);
    expect(shown()).toBe(false);
    tray.update(snapshots.mixedFailures);
    expect(shown()).toBe(true);
    await click('unshown:1');
    expect(performed).toEqual([{ kind: 'open-window', view: 'logs' }]);
    tray.setUnshown([]);
    expect(shown()).toBe(false);
  });

  it('confirms a copy for a second, and nothing else', async () => {
    vi.useFakeTimers();
    const tray = open(succeed);
    tray.update(snapshots.healthy);
    seen.calls.length = 0;
    await click('open');
    expect(seen.calls).toEqual([]);
    await click('copy:address');
    expect(seen.calls).toEqual(['title "Copied"']);
    vi.advanceTimersByTime(copiedFlashMs);
    expect(seen.calls).toEqual(['title "Copied"', 'title ""']);
    vi.useRealTimers();
  });

  it('shows a title beside the icon, keeps it through a confirmation, and never sets the same twice', async () => {
    vi.useFakeTimers();
    const tray = open(succeed);
    tray.update(snapshots.healthy);
    seen.calls.length = 0;
    tray.setTitle('2/3');
    tray.setTitle('2/3');
    expect(seen.calls).toEqual(['title "2/3"']);
    await click('copy:address');
    tray.setTitle('3/3');
    vi.advanceTimersByTime(copiedFlashMs);
    expect(seen.calls).toEqual(['title "2/3"', 'title "Copied"', 'title "3/3"']);
    vi.useRealTimers();
  });

  it('does not confirm a copy that failed', async () => {
    const tray = open(async () => ({ ok: false, error: { code: 'nope', message: 'No.' } }));
    tray.update(snapshots.healthy);
    seen.calls.length = 0;
    await click('copy:key');
    expect(seen.calls).toEqual([]);
  });

  it('leaves a destroyed tray alone', async () => {
    const tray = open(succeed);
    tray.update(snapshots.healthy);
    tray.destroy();
    seen.calls.length = 0;
    seen.calls.push('destroyed');
    tray.update(snapshots.off);
    tray.destroy();
    expect(seen.calls).toEqual(['destroyed']);
  });

  it('loads only template images, which macOS tints', () => {
    loadTrayIcons('/icons');
    expect(seen.files).toHaveLength(13);
    expect(seen.files.filter((file) => !file.endsWith('Template.png'))).toEqual([]);
  });
});
