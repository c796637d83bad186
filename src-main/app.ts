/** The composition root: starts the app in phases, each of which builds its objects once and hands them what they need, and ends it. */

import os from 'node:os';
import { openShell } from './app/open-shell.ts';
import type { Engine, NoticeBoard, Parts, Shell } from './app/parts.ts';
import { startEngine } from './app/start-engine.ts';
import type { Problem } from './contract/result.ts';
import type { Notice } from './contract/status.ts';
import { createAppLog } from './logs/app-log.ts';
import { createLogNotices } from './logs/log-notices.ts';
import { createLogs } from './logs/logs.ts';
import { createRedactor } from './logs/redact.ts';
import type { AppLog } from './logs/types.ts';
import { derivePaths } from './paths.ts';
import { createGatewayKey } from './secrets/gateway-key.ts';
import { createKeychain } from './secrets/keychain.ts';
import { createSecretStore } from './secrets/secret-store.ts';
import { clearCopiedSecret } from './shell/clipboard.ts';
import { ask } from './shell/dialogs.ts';
import {
  appVersion,
  exitApp,
  onQuitWish,
  reopenApp,
  wasOpenedAtLogin,
  whenReady,
} from './shell/lifecycle.ts';
import { createQuitCoordinator, type QuitCoordinator } from './shell/quit.ts';
import { createUserQuit, type UserQuit } from './shell/quit-question.ts';
import { gpuLimitBytes } from './stack/memory.ts';
import { releaseWhenSettled } from './start-memory.ts';
import { createStatusStore, type StatusStore } from './status/store.ts';
import { noActivity } from './supervisor/activity.ts';
import { emptySnapshot, problemNotice } from './supervisor/stack-control.ts';

/** Beside the services' logs; a tier's name has no dot, so the two cannot meet. */
const appLogName = 'mlx-stack.app';

/** Everything that lives as long as the app. Called once, when this is the only instance. */
export function startApp(home: string): void {
  const paths = derivePaths(home);
  const totalBytes = os.totalmem();
  const appFacts = { version: appVersion(), home };
  const status = createStatusStore(
    emptySnapshot({ ...appFacts, phase: 'starting' }, totalBytes, gpuLimitBytes(totalBytes)),
  );
  const redactor = createRedactor();
  const logs = createLogs({
    dir: paths.logs,
    redactor,
    onProblem: createLogNotices({ note, forget }),
  });
  const appLog = createAppLog({ file: logs.file(appLogName), redactor });
  const registerSecret = (value: string) => void redactor.register(value);
  const secrets = createSecretStore({ keychain: createKeychain(), registerSecret });
  const gatewayKey = createGatewayKey({ secrets, registerSecret });
  const standing = new Map<string, Notice>();
  const board: NoticeBoard = {
    post(notice) {
      standing.set(notice.id, notice);
      engine?.control.publishNotices();
    },
    withdraw(id) {
      if (standing.delete(id)) engine?.control.publishNotices();
    },
  };
  const parts: Parts = {
    paths,
    totalBytes,
    status,
    logs,
    appLog,
    redactor,
    registerSecret,
    secrets,
    gatewayKey,
    standingNotices: standing,
    board,
    note,
  };
  let engine: Engine | null = null;
  let shell: Shell | null = null;
  let restartsForUpdate = false;

  function note(found: Problem, severity: Notice['severity'] = 'warning'): void {
    const notice = problemNotice(found, severity);
    // The first to report a thing says how bad it is; a later look at the same file adds nothing.
    if (!standing.has(notice.id)) standing.set(notice.id, notice);
    engine?.control.publishNotices();
  }

  function forget(found: Problem): void {
    if (standing.delete(problemNotice(found).id)) engine?.control.publishNotices();
  }

  const quit = createQuitCoordinator({
    steps: [
      { name: 'letting go of the Mac', run: () => restShell(shell) },
      { name: 'stopping the servers', run: (deadlineMs) => endServers(engine, status, deadlineMs) },
      { name: 'writing the logs', run: () => closeLogs(logs, appLog) },
    ],
    force: () => engine?.supervisor.forceAll(),
    exit: (code) => {
      if (!restartsForUpdate || !shell?.updates.install(reopenApp)) exitApp(code);
    },
    log: (message) => appLog.info(message),
  });
  const wish = createUserQuit({
    readActivity: async () => (await shell?.mac.readActivity()) ?? noActivity,
    ask,
    quit: (reason) => {
      restartsForUpdate = reason === 'update';
      quit.request('user');
    },
    isQuitting: () => quit.phase !== 'running',
    onWaiting: (requests, reason) => shell?.mac.quitWaits(requests, reason),
  });
  installExits(quit, wish, appLog);

  async function run(): Promise<void> {
    await whenReady();
    const opened = await openShell(parts, quit, wish, () => engine);
    shell = opened;
    if (!wasOpenedAtLogin()) opened.openWindow();
    engine = await startEngine(parts, opened);
    await opened.mac.findWatchdog();
    opened.updates.start();
    status.update({ app: { ...appFacts, phase: 'running' } });
    releaseWhenSettled(status);
  }
  run().catch((error: unknown) => {
    appLog.error('The app could not start', error);
    quit.request('bug');
  });
}

/** The ways out, all to the same door. */
function installExits(quit: QuitCoordinator, wish: UserQuit, appLog: AppLog): void {
  onQuitWish(() => {
    // A logout asks this too, once it has been told of the shutdown: that is under way and needs no push.
    if (quit.phase !== 'done' && quit.cause !== 'shutdown') wish.request();
    return quit.phase === 'done';
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => quit.request('signal'));
  }
  const fatal = (what: string) => (error: unknown) => {
    appLog.error(what, error);
    quit.request('bug');
  };
  process.on('uncaughtException', fatal('Uncaught exception'));
  process.on('unhandledRejection', fatal('Unhandled rejection'));
}

async function endServers(engine: Engine | null, status: StatusStore, deadlineMs: number): Promise<void> {
  status.update({ app: { ...status.snapshot().app, phase: 'quitting' } });
  // First, so that it does not take the servers' end for a failure.
  const resting = engine?.setup.close();
  await engine?.supervisor.stopAll(deadlineMs);
  await resting;
  await engine?.close();
}

/** No timer of the shell starts anything any more, and the Mac may sleep again. */
async function restShell(shell: Shell | null): Promise<void> {
  shell?.mac.close();
  shell?.updates.close();
  await shell?.settle();
}

async function closeLogs(logs: Parts['logs'], appLog: AppLog): Promise<void> {
  await clearCopiedSecret();
  appLog.info('Everything is stopped');
  await logs.close();
}
