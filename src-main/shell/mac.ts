/** The app as a guest of this Mac: login item, the CLI's LaunchAgent, power, memory pressure, the icon's place. */
import { powerMonitor, powerSaveBlocker, screen } from 'electron';
import type { Config } from '../config/config-keys.ts';
import type { MacStatus, macCommands } from '../contract/mac.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { Notice } from '../contract/status.ts';
import { nextPressure, noPressure, readPressure } from '../hardware/memory-pressure.ts';
import { noMac } from '../status/no-mac.ts';
import type { StatusStore } from '../status/store.ts';
import { type Activity, noActivity, readActivity } from '../supervisor/activity.ts';
import type { RunTool } from '../supervisor/child.ts';
import { barTitle } from './bar-title.ts';
import type { CommandHandlers } from './command-handler.ts';
import { openSystemSettings } from './guards.ts';
import { type Area, iconSettleMs, isIconHidden } from './icon-place.ts';
import { createKeepAwake, type SleepBlocker } from './keep-awake.ts';
import { readLoginItem, setLoginItem } from './login-item.ts';
import {
  hiddenIconNotice,
  hiddenIconNoticeId,
  type PressureNotice,
  pointerNotice,
  pressureNoticeOf,
  quitNotice,
  quitNoticeId,
  runsOrReturns,
  watchdogNotice,
  watchdogNoticeId,
} from './mac-notices.ts';
import { createPoll } from './poll.ts';
import type { QuitReason } from './quit-question.ts';
import { createWatchdogAgent } from './watchdog-agent.ts';

/** Only while requests are of interest: the Mac is to stay awake for them, or their speed stands in the menu bar. */
const activityIntervalMs = 3_000;
const activityLimitMs = 1_000;
/** Only while models hold memory. */
export const pressureIntervalMs = 15_000;

export interface MacOptions {
  readonly status: StatusStore;
  readonly run: RunTool;
  readonly userHome: string;
  readonly uid: number;
  readonly platform: NodeJS.Platform;
  readonly post: (notice: Notice) => void;
  readonly withdraw: (noticeId: string) => void;
  /** Nobody has seen the app on this Mac before. */
  readonly isFirstRun: boolean;
  readonly setKeepAwake: (wanted: boolean) => Promise<Result<unknown>>;
  readonly setTitle: (title: string) => void;
  readonly log: (message: string) => void;
}

export interface Mac {
  readonly handlers: Pick<CommandHandlers, keyof typeof macCommands>;
  /** The user opens the menu: what macOS alone knows is asked anew. */
  menuOpened(): void;
  configChanged(config: Config): void;
  /** Whether the icon can be seen, once macOS has laid it out; `onHidden` is called when it cannot. */
  watchIcon(bounds: () => Area, onHidden: () => void): void;
  checkIcon(): void;
  /** Looks for what an earlier installation left. */
  findWatchdog(): Promise<void>;
  readActivity(): Promise<Activity>;
  quitWaits(requests: number | null, reason: QuitReason): void;
  suspend(): void;
  resume(): void;
  close(): void;
}

export function createMac(options: MacOptions): Mac {
  const { status, post, withdraw } = options;
  const watchdog = createWatchdogAgent(options);
  const keepAwake = createKeepAwake(createBlocker(), (state) =>
    publish({ power: { ...power(), keepAwake: state } }),
  );
  let config: Pick<Config, 'keepAwake' | 'menuBarTitle'> = { keepAwake: false, menuBarTitle: 'none' };
  let activity = noActivity;
  let asleep = false;
  let pressure = noPressure;
  let pressureNoticeCount = 0;
  let pressureNotice: PressureNotice | null = null;
  let iconBounds: (() => Area) | null = null;
  let iconTimer: NodeJS.Timeout | undefined;

  const present = (): MacStatus => status.snapshot().mac;
  const power = () => present().power;
  const publish = (parts: Partial<MacStatus>) => status.update({ mac: { ...present(), ...parts } });

  const readingPorts = () =>
    status
      .snapshot()
      .services.filter(({ kind, readySince }) => kind === 'tier' && readySince !== null)
      .map(({ port }) => port);

  const activityPoll = createPoll({
    intervalMs: activityIntervalMs,
    wanted: () =>
      !asleep && (config.keepAwake || config.menuBarTitle === 'speed') && readingPorts().length > 0,
    round: async () => setActivity(await readActivity(readingPorts(), activityLimitMs)),
    onIdle: () => setActivity(noActivity),
  });

  const pressurePoll = createPoll({
    intervalMs: pressureIntervalMs,
    wanted: () => options.platform === 'darwin' && !asleep && status.snapshot().memory.plannedBytes > 0,
    round: async () => setPressure(nextPressure(pressure, await readPressure(options.run, options.platform))),
    onIdle: () => setPressure(noPressure),
  });

  function setActivity(next: Activity): void {
    activity = next;
    keepAwake.setRequests(next.requests);
    showTitle();
  }

  function setPressure(next: typeof pressure): void {
    const isNew = next.told !== pressure.told;
    pressure = next;
    if (isNew) {
      publish({ memoryPressure: next.told });
      endPressureNotice();
    }
    const notice = pressureNoticeOf(next.told, status.snapshot().services, pressureNoticeCount + 1);
    // One about the same model stands, or was put away by the user.
    if (notice === null || notice.action.service === pressureNotice?.action.service) return;
    endPressureNotice();
    pressureNoticeCount += 1;
    pressureNotice = notice;
    post(notice);
  }

  /** What it asks for has happened: whether that was enough is for the next reading to tell. */
  function lookForStop(): void {
    const asked = pressureNotice?.action.service;
    if (asked !== undefined && !runsOrReturns(asked, status.snapshot().services)) endPressureNotice();
  }

  function endPressureNotice(): void {
    if (pressureNotice !== null) withdraw(pressureNotice.id);
    pressureNotice = null;
  }

  function showTitle(): void {
    options.setTitle(barTitle(config.menuBarTitle, status.snapshot(), activity));
  }

  function readPower(): void {
    publish({
      power: {
        source: powerMonitor.isOnBatteryPower() ? 'battery' : 'mains',
        thermal: powerMonitor.getCurrentThermalState(),
        keepAwake: keepAwake.state,
      },
    });
  }

  function checkIcon(): boolean {
    if (iconBounds === null) return false;
    const bounds = iconBounds();
    const hidden = isIconHidden(
      bounds,
      screen.getAllDisplays().map((display) => display.bounds),
    );
    const { x, y, width, height } = bounds;
    options.log(`The menu-bar icon is ${hidden ? 'hidden' : 'shown'} (${x}, ${y}, ${width} × ${height})`);
    if (hidden) {
      withdraw(pointerNotice.id);
      post(hiddenIconNotice);
    } else {
      withdraw(hiddenIconNoticeId);
    }
    return hidden;
  }

  const unsubscribe = status.subscribe((change) => {
    if (change.services !== undefined || change.memory !== undefined || change.order !== undefined) {
      activityPoll.wake();
      pressurePoll.wake();
      lookForStop();
      showTitle();
    }
  }).unsubscribe;

  publish({ ...noMac, login: readLoginItem() });
  readPower();
  powerMonitor.on('on-ac', readPower);
  powerMonitor.on('on-battery', readPower);
  powerMonitor.on('thermal-state-change', readPower);

  return {
    handlers: {
      async 'login.set'({ enabled }) {
        const outcome = setLoginItem(enabled);
        publish({ login: readLoginItem() });
        if (!outcome.ok) return fail(outcome.error);
        return outcome.value === 'needs-approval' ? openSystemSettings('login-items') : ok({});
      },
      'login.openSettings': () => openSystemSettings('login-items'),
      async 'login.removeWatchdog'() {
        const removed = await watchdog.remove();
        if (!removed.ok && removed.error.code !== 'watchdog-not-there') return fail(removed.error);
        if (removed.ok) options.log('The watchdog of the command-line version is removed');
        withdraw(watchdogNoticeId);
        return ok({});
      },
      async 'power.setKeepAwake'({ enabled }) {
        const saved = await options.setKeepAwake(enabled);
        return saved.ok ? ok({}) : fail(saved.error);
      },
      'menuBar.openSettings': () => openSystemSettings('menu-bar'),
    },
    menuOpened() {
      publish({ login: readLoginItem() });
    },
    configChanged(next) {
      config = next;
      keepAwake.setWanted(next.keepAwake);
      activityPoll.wake();
      showTitle();
    },
    watchIcon(bounds, onHidden) {
      iconBounds = bounds;
      iconTimer = setTimeout(() => {
        if (checkIcon()) onHidden();
        else if (options.isFirstRun) post(pointerNotice);
      }, iconSettleMs).unref();
    },
    checkIcon: () => void checkIcon(),
    async findWatchdog() {
      if (await watchdog.isInstalled()) post(watchdogNotice);
    },
    readActivity: () => readActivity(readingPorts(), activityLimitMs),
    quitWaits(requests, reason) {
      if (requests === null) withdraw(quitNoticeId);
      else post(quitNotice(requests, reason));
    },
    suspend() {
      asleep = true;
    },
    resume() {
      asleep = false;
      activityPoll.wake();
      pressurePoll.wake();
      readPower();
    },
    close() {
      unsubscribe();
      clearTimeout(iconTimer);
      activityPoll.close();
      pressurePoll.close();
      keepAwake.setWanted(false);
    },
  };
}

/** `prevent-app-suspension`: the display may go dark, the Mac does not sleep by itself; closing the lid still sends it to sleep. */
function createBlocker(): SleepBlocker {
  let id: number | null = null;
  return {
    start() {
      id ??= powerSaveBlocker.start('prevent-app-suspension');
    },
    stop() {
      if (id !== null) powerSaveBlocker.stop(id);
      id = null;
    },
  };
}
