import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import {
  externalLinks,
  installGuards,
  openExternalLink,
  openSystemSettings,
} from '../../../src-main/shell/guards.ts';

const seen = vi.hoisted(() => ({
  request: [] as ((contents: object, permission: string, decide: (granted: boolean) => void) => void)[],
  check: [] as (() => boolean)[],
  device: [] as (() => boolean)[],
  created: [] as ((event: object, contents: object) => void)[],
  opened: [] as string[],
  openExternal: vi.fn(),
}));

vi.mock('electron', () => ({
  app: { on: (_name: string, listener: (typeof seen.created)[number]) => seen.created.push(listener) },
  session: {
    defaultSession: {
      setPermissionRequestHandler: (handler: (typeof seen.request)[number]) => seen.request.push(handler),
      setPermissionCheckHandler: (handler: () => boolean) => seen.check.push(handler),
      setDevicePermissionHandler: (handler: () => boolean) => seen.device.push(handler),
    },
  },
  shell: {
    openExternal: seen.openExternal.mockImplementation(async (url: string) => void seen.opened.push(url)),
  },
}));

class Contents extends EventEmitter {
  openHandler: (() => { readonly action: string }) | null = null;
  setWindowOpenHandler(handler: () => { readonly action: string }): void {
    this.openHandler = handler;
  }
  /** Whether the page was kept from it. */
  attempt(name: string, url: string): boolean {
    let prevented = false;
    this.emit(name, {
      url,
      preventDefault: () => {
        prevented = true;
      },
    });
    return prevented;
  }
}

function setUp() {
  const logged: string[] = [];
  installGuards({ log: (message) => logged.push(message) });
  const contents = new Contents();
  seen.created.at(-1)?.({}, contents);
  return { contents, logged };
}

describe('guards', () => {
  it('grant no permission', () => {
    setUp();
    const decisions: boolean[] = [];
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal']) {
      seen.request.at(-1)?.({}, permission, (granted) => decisions.push(granted));
    }
    expect(decisions).toEqual([false, false, false, false, false]);
    expect(seen.check.at(-1)?.()).toBe(false);
    expect(seen.device.at(-1)?.()).toBe(false);
  });

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    'stop %s',
    (event) => {
      const { contents, logged } = setUp();
      expect(contents.attempt(event, 'https://example.com/')).toBe(true);
      expect(contents.attempt(event, 'app://ui/other.html')).toBe(true);
      expect(logged).toHaveLength(2);
    },
  );

  it('let the page reload itself', () => {
    const { contents, logged } = setUp();
    expect(contents.attempt('will-navigate', 'app://ui/index.html')).toBe(false);
    expect(logged).toEqual([]);
  });

  it('open no window', () => {
    const { contents } = setUp();
    expect(contents.openHandler?.()).toEqual({ action: 'deny' });
  });

  it('open the page of a model at Hugging Face, whose address is made here', async () => {
    seen.opened.length = 0;
    await openExternalLink({ modelRepo: 'mlx-community/Llama-3.3-70B-Instruct-4bit' });
    expect(seen.opened).toEqual(['https://huggingface.co/mlx-community/Llama-3.3-70B-Instruct-4bit']);
  });

  it.each([
    'https://example.com/x',
    '//example.com/x',
    'a/../b',
    '../../example.com',
    'a/b/c',
    'a/b?c=d',
    'a/b#c',
    'a@example.com/b',
    'a/b\n',
    'javascript:alert(1)/b',
    '',
  ])('open nothing for %j, which is no repository', async (modelRepo) => {
    seen.opened.length = 0;
    await expect(openExternalLink({ modelRepo })).rejects.toThrow('no name of a repository');
    expect(seen.opened).toEqual([]);
  });

  it.each([
    ['a page', () => openExternalLink('openrouter-keys'), 'no-browser'],
    ['System Settings', () => openSystemSettings('menu-bar'), 'system-settings-not-opened'],
  ] as const)('say so with a remedy when macOS cannot open %s', async (_what, open, code) => {
    seen.openExternal.mockRejectedValueOnce(new Error('No application matches.'));
    expect(await open()).toMatchObject({ ok: false, error: { code, hint: expect.any(String) } });
    expect(await open()).toMatchObject({ ok: true });
  });

  it('open only addresses of the table, all of them https', async () => {
    seen.opened.length = 0;
    await openExternalLink('openrouter-keys');
    expect(seen.opened).toEqual([externalLinks['openrouter-keys']]);
    for (const url of Object.values(externalLinks)) expect(new URL(url).protocol).toBe('https:');
  });
});
