/** The shipped bundle without a screen, on a home of its own, with engines that have the faults a test asks for. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { commandChannel } from '../../../src-main/contract/bridge.ts';
import { type CommandName, replySchema } from '../../../src-main/contract/commands.ts';
import type { Result } from '../../../src-main/contract/result.ts';
import { type ServiceState, type Snapshot, snapshotSchema } from '../../../src-main/contract/status.ts';
import {
  type LitellmSwitchesInput,
  type VllmMlxSwitchesInput,
  writeEngine,
  writeModelFolder,
} from '../../stand-ins/engines/write-engine.ts';
import type { MacTools } from '../../stand-ins/macos/mac-tools.ts';
import type { AppProcess } from '../../tools/app-process.ts';
import { type PreviewSession, startPreviewSession } from '../../tools/preview-session.ts';
import { replaceFile } from '../../tools/replace-file.ts';
import { freePorts } from './ports.ts';
import { processTable } from './processes.ts';
import { temporaryFolder } from './rig.ts';

export interface TestHome {
  readonly home: string;
  readonly gatewayPort: number;
  readonly tierPorts: Readonly<Record<string, number>>;
}

export interface HomeOptions {
  readonly tiers?: readonly string[];
  readonly vllmMlx?: Readonly<Record<string, VllmMlxSwitchesInput>>;
  readonly litellm?: LitellmSwitchesInput;
  readonly desired?: 'on' | 'off';
}

/** A home as a CLI user has it: stack file, settings, model folders; removed when the test is over. */
export async function createHome(options: HomeOptions = {}): Promise<TestHome> {
  const home = path.join(temporaryFolder(), 'home');
  mkdirSync(path.join(home, 'stacks'), { recursive: true, mode: 0o700 });
  const tiers = options.tiers ?? ['standard', 'fast'];
  const [gatewayPort = 0, ...ports] = await freePorts(tiers.length + 1);
  const tierPorts = Object.fromEntries(tiers.map((tier, index) => [tier, ports[index] ?? 0]));
  const bin = path.join(home, 'run', 'bin');
  const vllmMlx = writeEngine({ dir: bin, name: 'vllm-mlx', switches: options.vllmMlx ?? {} });
  const litellm = writeEngine({ dir: bin, name: 'litellm', switches: options.litellm ?? {} });
  for (const tier of tiers) writeModelFolder(path.join(home, 'models', `model-${tier}`));
  write(home, 'stacks/default.yaml', stringify(stackOf(tierPorts)));
  write(
    home,
    'config.yaml',
    stringify({ 'litellm-port': gatewayPort, 'vllm-mlx-path': vllmMlx, 'litellm-path': litellm }),
  );
  const services = Object.fromEntries(tiers.map((tier) => [tier, options.desired ?? 'on']));
  write(home, 'desired.json', JSON.stringify({ version: 1, services }));
  return { home, gatewayPort, tierPorts };
}

export const stackOf = (tierPorts: Readonly<Record<string, number>>) => ({
  schema_version: 1,
  name: 'default',
  hardware_profile: 'm4-pro-48',
  intent: 'balanced',
  created: '2026-04-02T10:00:00+00:00',
  tiers: Object.entries(tierPorts).map(([name, port]) => ({
    name,
    model: `Model ${name}`,
    quant: 'int4',
    source: `test-org/model-${name}`,
    port,
    vllm_flags: { continuous_batching: true },
  })),
});

export function write(home: string, file: string, content: string | Buffer): void {
  replaceFile(home, path.join(home, file), content);
}

export interface RunningApp {
  readonly home: string;
  readonly session: PreviewSession;
  readonly app: AppProcess;
  readonly tray: () => Promise<TrayView>;
  /** Waits until the tray shows `condition`; fails with what it shows instead. */
  readonly untilTray: (
    what: string,
    condition: (tray: TrayView) => boolean,
    limitMs?: number,
  ) => Promise<TrayView>;
  readonly untilReady: () => Promise<TrayView>;
  readonly click: (...labels: string[]) => Promise<void>;
  /** Base URL and key, as the user copies them. */
  readonly gateway: () => Promise<{ baseUrl: string; apiKey: string }>;
}

export interface TrayView {
  readonly image: string;
  readonly headline: string;
  readonly sublabel: string;
  /** All labels and tooltips, submenus included. */
  readonly text: string;
  stateOf(tier: string): string;
}

export interface LaunchOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** As macOS starts it at login, unless told: no window. */
  readonly hidden?: boolean;
  readonly installed?: boolean;
  readonly iconHidden?: boolean;
  readonly resources?: string;
  /** `system`: the real one of this machine; otherwise one in memory. */
  readonly keychain?: 'memory' | 'system';
  /** With the tools of a Mac, and as if on one. */
  readonly mac?: MacTools;
}

export async function launch(
  { home }: Pick<TestHome, 'home'>,
  {
    env = {},
    hidden = true,
    installed = false,
    iconHidden = false,
    resources,
    keychain = 'memory',
    mac,
  }: LaunchOptions = {},
): Promise<RunningApp> {
  const started = await startPreviewSession({
    home,
    demo: false,
    headed: false,
    hidden,
    installed,
    iconHidden,
    keychain,
    ...(resources === undefined ? {} : { resources }),
    ...(mac === undefined ? {} : { execPath: mac.execPath, preload: mac.preload }),
    openrouter: null,
    huggingface: null,
    ipcLog: null,
    screen: false,
    output: 'pipe',
    env,
  });
  if (!started.ok) throw new Error(started.error.message);
  const session = started.value;
  const { app } = session;
  app.child.stdout?.resume();
  let said = '';
  app.child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  onTestFinished(async () => {
    if (!app.ended()) app.child.kill('SIGKILL');
    await session.dispose();
  });

  async function tray(): Promise<TrayView> {
    const read = await app.control('tray.read', {});
    if (read === null) throw new Error('there is no tray');
    const texts: string[] = [];
    const walk = (rows: readonly (typeof read.rows)[number][]): void => {
      for (const row of rows) {
        texts.push(`${row.label} ${row.sublabel} ${row.toolTip}`);
        walk(row.children);
      }
    };
    walk(read.rows);
    const [first] = read.rows;
    return {
      image: read.image,
      headline: first?.label ?? '',
      sublabel: first?.sublabel ?? '',
      text: texts.join('\n'),
      stateOf: (tier) =>
        read.rows.find((row) => row.id === `service:${tier}`)?.sublabel.split(' · ')[0] ?? 'none',
    };
  }

  async function untilTray(what: string, condition: (view: TrayView) => boolean, limitMs = 30_000) {
    const deadlineMs = performance.now() + limitMs;
    for (;;) {
      const view = await tray().catch(() => null);
      if (view !== null && condition(view)) return view;
      if (performance.now() > deadlineMs || app.ended()) {
        throw new Error(`waited for ${what}; the tray shows:\n${view?.text ?? 'nothing'}\nstderr: ${said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const click = (...labels: string[]) => app.control('menu.click', { path: labels }).then(() => {});

  async function copied(label: string): Promise<string> {
    await app.control('clipboard.write', { text: '' });
    await click(label);
    for (;;) {
      const { text } = await app.control('clipboard.read', {});
      if (text !== '') return text;
    }
  }

  await app.ready;
  return {
    home,
    session,
    app,
    tray,
    untilTray,
    untilReady: () => untilTray('a ready stack', (view) => view.image.startsWith('stack-ready')),
    click,
    gateway: async () => ({ baseUrl: await copied('Copy Address'), apiKey: await copied('Copy API Key') }),
  };
}

/** A command as the page of the window gives it. Throws while there is no window that it could come from. */
export async function invoke(
  { app }: RunningApp,
  name: CommandName,
  input: object = {},
): Promise<Result<unknown>> {
  const reply = await app.control('ipc.invoke', {
    channel: commandChannel,
    args: [name, input],
    sender: { url: 'app://ui/index.html', isMainFrame: true },
  });
  if (!reply.ok) throw new Error(reply.error);
  return replySchema.parse(reply.value);
}

/** What the command answers; a refusal is thrown. */
export async function answerTo(running: RunningApp, name: CommandName, input: object = {}): Promise<unknown> {
  const reply = await invoke(running, name, input);
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.value;
}

export const snapshotOf = async (running: RunningApp): Promise<Snapshot> =>
  snapshotSchema.parse(await answerTo(running, 'status.read'));

/** For what the app tells by no event: reads again and again until it is `good`; fails with what it was last. */
export async function until<T>(
  what: string,
  read: () => Promise<T>,
  good: (value: T) => boolean,
  limitMs = 30_000,
): Promise<T> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (performance.now() > deadlineMs) throw new Error(`waited for ${what}: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface OwnProcess {
  readonly pid: number;
  readonly service: string;
  /** The server itself, or the watcher of its dead-man's switch. */
  readonly role: 'server' | 'watcher';
}

/** What runs for a home, known by the path of its engines. */
export async function enginesOf(home: string): Promise<OwnProcess[]> {
  const table = await processTable();
  return table
    .filter((row) => !row.zombie && row.command.includes(path.join(home, 'run', 'bin')))
    .map((row) => ({
      pid: row.pid,
      role: row.command.startsWith('/bin/sh -c') ? ('watcher' as const) : ('server' as const),
      service: /--served-model-name (\S+)/.exec(row.command)?.[1] ?? 'gateway',
    }));
}

export async function serverPids(home: string): Promise<Readonly<Record<string, number>>> {
  const servers = (await enginesOf(home)).filter(({ role }) => role === 'server');
  return Object.fromEntries(servers.map(({ service, pid }) => [service, pid]));
}

/**
 * Resolves when no engine of the home is left; fails with what still runs when a look that began after `limitMs` shows
 * one: how long a busy machine takes to look counts for nobody.
 */
export async function untilNoEngines(home: string, limitMs: number): Promise<void> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const isLate = performance.now() > deadlineMs;
    const left = await enginesOf(home);
    if (left.length === 0) return;
    if (isLate) throw new Error(`still running: ${JSON.stringify(left)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export type { ServiceState };
