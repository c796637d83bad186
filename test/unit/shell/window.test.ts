import type { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWindowController, showLatestMs } from '../../../src-main/shell/window.ts';

interface FakeWindow extends EventEmitter {
  readonly options: Record<string, unknown>;
  readonly webContents: EventEmitter & { readonly sent: unknown[][] };
  readonly did: string[];
  close(): void;
}

const seen = vi.hoisted(() => ({ windows: [] as FakeWindow[], focused: 0, dark: false }));

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  class Contents extends Emitter {
    readonly sent: unknown[][] = [];
    isDestroyed = () => false;
    send = (...args: unknown[]) => this.sent.push(args);
  }
  class BrowserWindow extends Emitter {
    readonly webContents = new Contents();
    readonly did: string[] = [];
    readonly options: Record<string, unknown>;
    #destroyed = false;
    constructor(options: Record<string, unknown>) {
      super();
      this.options = options;
      seen.windows.push(this);
    }
    loadURL = async (url: string) => void this.did.push(`load ${url}`);
    isDestroyed = () => this.#destroyed;
    isMinimized = () => this.did.at(-1) === 'minimize';
    restore = () => void this.did.push('restore');
    getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 });
    setBackgroundColor = (color: string) => void this.did.push(`background ${color}`);
    show() {
      this.did.push('show');
      this.emit('show');
    }
    close() {
      this.emit('close');
      this.destroy();
    }
    destroy() {
      this.#destroyed = true;
      this.emit('closed');
    }
  }
  const nativeTheme = Object.assign(new Emitter(), {
    get shouldUseDarkColors() {
      return seen.dark;
    },
  });
  const focus = () => {
    seen.focused += 1;
  };
  return { BrowserWindow, nativeTheme, app: { focus }, ipcMain: {} };
});

function setUp() {
  const logged: string[] = [];
  const opened: string[] = [];
  let place: { x: number; y: number; width: number; height: number } | null = null;
  const controller = createWindowController({
    preloadPath: '/p.cjs',
    log: (text) => logged.push(text),
    place: () => place,
    onPlace: (next) => {
      place = next;
    },
    onOpened: () => opened.push('opened'),
  });
  const present = (): FakeWindow => {
    const window = seen.windows.at(-1);
    if (window === undefined) throw new Error('there is no window');
    return window;
  };
  return { controller, logged, opened, present };
}

describe('the window', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    Object.assign(seen, { windows: [], focused: 0, dark: false });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is made on demand, sandboxed, and shown when it has something to show', () => {
    const { controller, opened, present } = setUp();
    expect([seen.windows, opened]).toEqual([[], []]);
    controller.open();
    expect(opened).toEqual(['opened']);
    expect(present().options).toMatchObject({
      width: 900,
      height: 620,
      minWidth: 720,
      minHeight: 480,
      show: false,
      title: 'MLX Stack',
      webPreferences: { preload: '/p.cjs', sandbox: true, contextIsolation: true, nodeIntegration: false },
    });
    expect(present().did).toEqual(['load app://ui/index.html']);
    present().emit('ready-to-show');
    expect(present().did.at(-1)).toBe('show');
    expect(seen.focused).toBe(1);
  });

  it('is shown at the latest after the limit, once', () => {
    const { controller, present } = setUp();
    controller.open();
    vi.advanceTimersByTime(showLatestMs);
    expect(present().did.filter((what) => what === 'show')).toHaveLength(1);
    const other = setUp();
    other.controller.open();
    other.present().emit('ready-to-show');
    vi.advanceTimersByTime(showLatestMs);
    expect(other.present().did.filter((what) => what === 'show')).toHaveLength(1);
  });

  it('is not sent what does not fit its contract, which is logged without its value and ends nothing', () => {
    const { controller, logged, present } = setUp();
    controller.open();
    const sent = present().webContents.sent;
    const before = sent.length;
    controller.send('view.chosen', JSON.parse('{"view":"sk-or-v1-secret"}'));
    expect(sent).toHaveLength(before);
    expect(logged).toEqual(['The event view.chosen has an unexpected value at “view” and is not sent']);
    controller.send('view.chosen', { view: 'logs' });
    expect(sent).toHaveLength(before + 1);
  });

  it('is brought to the front, not made twice', () => {
    const { controller, present } = setUp();
    controller.open();
    present().emit('ready-to-show');
    present().did.push('minimize');
    controller.open();
    expect(seen.windows).toHaveLength(1);
    expect(present().did.slice(-2)).toEqual(['restore', 'show']);
    expect(seen.focused).toBe(2);
  });

  it('comes with the view that was asked for while its page still loaded', () => {
    const { controller, present } = setUp();
    const views = () => present().webContents.sent.filter(([, name]) => name === 'view.chosen');
    controller.open();
    controller.open('cloud');
    expect(views()).toEqual([]);
    present().webContents.emit('did-finish-load');
    expect(views().map(([, , payload]) => payload)).toEqual([{ view: 'cloud' }]);
    controller.open('logs');
    expect(views().map(([, , payload]) => payload)).toEqual([{ view: 'cloud' }, { view: 'logs' }]);
  });

  it('is gone when it is closed, and the next one stands where it was', () => {
    const { controller, present } = setUp();
    controller.open();
    controller.close();
    expect(controller.isOpen).toBe(false);
    controller.send('window.visibilityChanged', { visible: true });
    expect(present().webContents.sent).toEqual([]);
    controller.open();
    expect(seen.windows).toHaveLength(2);
    expect(present().options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
  });

  it.each(['moved', 'resized'])(
    'remembers its place also when the app ends without closing it: %s',
    (event) => {
      const { controller, present } = setUp();
      controller.open();
      const first = present();
      first.emit(event);
      first.emit('closed');
      controller.open();
      expect(present()).not.toBe(first);
      expect(present().options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
    },
  );

  it('tells the page when it is seen and when it is not', () => {
    const { controller, present } = setUp();
    controller.open();
    for (const event of ['show', 'minimize', 'restore', 'hide']) present().emit(event);
    expect(present().webContents.sent.map((args) => args[2])).toEqual([
      { visible: true },
      { visible: false },
      { visible: true },
      { visible: false },
    ]);
  });

  it('owns its own page alone', () => {
    const { controller, present } = setUp();
    const owns: (sender: never) => boolean = controller.owns;
    controller.open();
    const own: unknown = present().webContents;
    const isAnything = (_value: unknown): _value is never => true;
    if (isAnything(own)) expect(owns(own)).toBe(true);
    const other: unknown = {};
    if (isAnything(other)) expect(owns(other)).toBe(false);
  });

  it('drops a page that died, and says why', () => {
    const { controller, logged, present } = setUp();
    controller.open();
    present().webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(controller.isOpen).toBe(false);
    expect(logged).toEqual(["The window's page ended unexpectedly: crashed."]);
  });
});
