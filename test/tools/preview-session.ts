/** Starts the shipped bundle as the preview does, and knows when it is ready. Used by the command and by tests. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Problem, problem, type Result } from '../../src-main/contract/result.ts';
import { type AppExit, type AppProcess, EndedBeforeReady, startApp } from './app-process.ts';
import { ensureChromium, ensureSystemTools } from './chromium.ts';
import { type DemoPorts, prepareDemo } from './demo.ts';
import type { PreviewOptions } from './preview-options.ts';

const root = path.resolve(import.meta.dirname, '../..');
const mainScript = path.join(root, 'dist/main/main.cjs');

/** Engines, gateway and their probes on a slow, busy machine. */
const demoLimitMs = 120_000;
const pollMs = 100;
const copyLimitMs = 30_000;

export interface PreviewReady {
  readonly ready: true;
  /** Of the app's own process. */
  readonly pid: number;
  readonly home: string;
  /** Chromium's address for `connectOverCDP`. */
  readonly cdp: string;
  /** `null` while there is no stack. */
  readonly gateway: { readonly baseUrl: string; readonly apiKey: string } | null;
}

export interface PreviewSession {
  readonly home: string;
  readonly app: AppProcess;
  /** Waits for the app, with `--demo` for the whole stack to be healthy. */
  waitUntilReady(): Promise<Result<PreviewReady>>;
  /** As the user would; resolves when the app and what it showed are gone. */
  stop(): Promise<AppExit>;
  /** When the app has ended: what was temporary is removed. */
  dispose(): Promise<void>;
}

/** Whatever it runs on. */
export type ControlledApp = Pick<AppProcess, 'control'>;

export interface SessionOptions extends PreviewOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where a demo looks for free ports. */
  readonly demoPorts?: DemoPorts;
  /** Without Chromium: the control channel only. Takes a fraction of the memory and time. */
  readonly screen?: boolean;
  /** Packaged and in the Applications folder, as far as the app can tell. */
  readonly installed?: boolean;
  /** Its menu-bar icon, which macOS lets the user hide, is not to be seen from the first moment on. */
  readonly iconHidden?: boolean;
  /** A CommonJS file that is loaded before the app is ready, as by Electron's `-r`. */
  readonly preload?: string;
  /** Becomes Node, after whatever it has to do before. */
  readonly execPath?: string;
  /** Its folder of resources. */
  readonly resources?: string;
  /** `system`: the real keytar. Unless told, keys are kept in the app's memory and end with it. */
  readonly keychain?: 'memory' | 'system';
  /** The app's own output; to stderr unless told. */
  readonly output?: 'stderr' | 'pipe';
}

export async function startPreviewSession(options: SessionOptions): Promise<Result<PreviewSession>> {
  if (!existsSync(mainScript)) {
    return fail(problem('not-built', 'The app is not built yet.', 'Run “npm run build” first.'));
  }
  const tools = ensureSystemTools();
  if (!tools.ok) return tools;
  const chromium = options.screen === false ? ok(null) : findScreen(options);
  if (!chromium.ok) return chromium;

  const isTemporary = options.home === null;
  const home = options.home ?? (await mkdtemp(path.join(os.tmpdir(), 'mlx-stack-preview-')));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const realHome = realpathSync(home);
  if (options.demo) await prepareDemo(realHome, options.demoPorts);
  const app = startApp({
    main: mainScript,
    env: environment(realHome, options),
    ...(options.execPath === undefined ? {} : { execPath: options.execPath }),
    output: options.output ?? 'stderr',
    settings: {
      chromium: chromium.value,
      headed: options.headed,
      openedAtLogin: options.hidden,
      userData: userDataFor(realHome),
      ipcLog: options.ipcLog,
      followParent: true,
      removeWithoutParent: [userDataFor(realHome), ...(isTemporary ? [realHome] : [])],
      keychain: options.keychain ?? 'memory',
      installed: options.installed ?? false,
      iconHidden: options.iconHidden ?? false,
      ...(options.preload === undefined ? {} : { preload: options.preload }),
      ...(options.resources === undefined ? {} : { resources: options.resources }),
    },
  });
  return ok({
    home: realHome,
    app,
    waitUntilReady: () => waitUntilReady(app, realHome, options.demo),
    async stop() {
      if (!app.ended()) await app.control('app.quit', {}).catch(() => {});
      return app.exited;
    },
    async dispose() {
      await app.exited;
      await rm(userDataFor(realHome), { recursive: true, force: true });
      if (isTemporary) await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  });
}

function findScreen({ headed }: PreviewOptions): Result<string> {
  const hasDisplay =
    process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
  if (headed && !hasDisplay) {
    return fail(
      problem('no-display', '--headed needs a display, and there is none here.', 'Leave the flag out.'),
    );
  }
  return ensureChromium({ headed });
}

/** What npm and a test runner put into the environment is not the app's business. */
function environment(home: string, { env, openrouter, huggingface }: SessionOptions): NodeJS.ProcessEnv {
  const foreign = /^(npm_|VITEST|ELECTRON_|NODE_OPTIONS$|NODE_ENV$|NODE_V8_COVERAGE$|TEST$)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    MLX_STACK_HOME: home,
    ...(openrouter === null ? {} : { MLX_STACK_OPENROUTER_URL: openrouter }),
    ...(huggingface === null ? {} : { MLX_STACK_HUGGINGFACE_URL: huggingface }),
    ...env,
  };
}

/** Electron's own data, outside home; the same home always gets the same, so that two previews of it meet. */
function userDataFor(home: string): string {
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return path.join(os.tmpdir(), `mlx-stack-preview-${process.getuid?.() ?? 0}-${digest}`);
}

async function waitUntilReady(app: AppProcess, home: string, demo: boolean): Promise<Result<PreviewReady>> {
  try {
    const cdp = (await app.ready) ?? '';
    if (demo) {
      const healthy = await waitForHealth(app);
      if (!healthy.ok) return healthy;
    }
    return ok({ ready: true, pid: app.pid, home, cdp, gateway: await readGateway(app) });
  } catch (error) {
    if (error instanceof EndedBeforeReady && error.exit.code === 0) {
      return fail(
        problem('already-running', `MLX Stack already runs with ${home}; it was asked to show its window.`),
      );
    }
    const message = error instanceof Error ? error.message : String(error);
    return fail(problem('not-started', `MLX Stack did not start: ${message}.`));
  }
}

/** As the user sees it: the icon in the menu bar. */
export async function waitForHealth(app: ControlledApp): Promise<Result<void>> {
  const deadline = performance.now() + demoLimitMs;
  let headline = '';
  while (performance.now() < deadline) {
    const tray = await app.control('tray.read', {});
    if (tray?.image.includes('-ready-')) return ok(undefined);
    headline = tray?.toolTip ?? '';
    await delay(pollMs);
  }
  return fail(
    problem('not-healthy', `The stack was not healthy within ${demoLimitMs / 1000} s (${headline}).`),
  );
}

/** Address and key are on nobody's screen: they are copied from the menu, as a user would, and wiped. */
export async function readGateway(app: ControlledApp): Promise<PreviewReady['gateway']> {
  const baseUrl = await copyFromMenu(app, 'copy:address');
  const apiKey = await copyFromMenu(app, 'copy:key');
  await waitForQuietTray(app);
  return baseUrl === null || apiKey === null ? null : { baseUrl, apiKey };
}

/** The app says "Copied" beside its icon for a moment; whoever looks next should find it as it was. */
async function waitForQuietTray(app: ControlledApp): Promise<void> {
  const deadline = performance.now() + copyLimitMs;
  while (performance.now() < deadline) {
    const tray = await app.control('tray.read', {});
    if (tray === null || tray.title === '') return;
    await delay(pollMs);
  }
}

async function copyFromMenu(app: ControlledApp, id: string): Promise<string | null> {
  const tray = await app.control('tray.read', {});
  const row = tray?.rows.find((each) => each.id === id && each.enabled);
  if (row === undefined) return null;
  await app.control('clipboard.write', { text: '' });
  await app.control('menu.click', { path: [row.label] });
  const deadline = performance.now() + copyLimitMs;
  while (performance.now() < deadline) {
    const { text } = await app.control('clipboard.read', {});
    if (text !== '') {
      await app.control('clipboard.write', { text: '' });
      return text;
    }
    await delay(pollMs / 5);
  }
  return null;
}

export const hintOf = ({ message, hint }: Problem): string =>
  hint === undefined ? message : `${message}\n${hint}`;
