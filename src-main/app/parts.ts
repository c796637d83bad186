/** What the phases of the app hand to each other. */
import type { CloudControl } from '../cloud/cloud-control.ts';
import type { ConfigStore } from '../config/config-store.ts';
import type { SettingsControl } from '../config/settings-control.ts';
import { type Problem, problem } from '../contract/result.ts';
import type { Settings } from '../contract/settings.ts';
import type { Notice } from '../contract/status.ts';
import type { Hardware } from '../hardware/hardware.ts';
import type { createLogs } from '../logs/logs.ts';
import type { Redactor } from '../logs/redact.ts';
import type { AppLog } from '../logs/types.ts';
import type { Models } from '../models/room.ts';
import type { Paths } from '../paths.ts';
import type { GatewayKey } from '../secrets/gateway-key.ts';
import type { KeysControl } from '../secrets/keys-control.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { Setup } from '../setup/setup.ts';
import type { Mac } from '../shell/mac.ts';
import type { Updates } from '../shell/updates.ts';
import type { Alert } from '../status/alerts.ts';
import type { StatusStore } from '../status/store.ts';
import type { StackControl } from '../supervisor/stack-control.ts';
import type { createSupervisor } from '../supervisor/supervisor.ts';
import type { Toolchain } from '../toolchain/types.ts';
import { appWords, commonWords } from '../words/index.ts';

export interface Parts {
  readonly paths: Paths;
  readonly totalBytes: number;
  readonly status: StatusStore;
  readonly logs: ReturnType<typeof createLogs>;
  readonly appLog: AppLog;
  readonly redactor: Redactor;
  readonly registerSecret: (value: string) => void;
  readonly secrets: SecretStore;
  readonly gatewayKey: GatewayKey;
  readonly standingNotices: ReadonlyMap<string, Notice>;
  readonly board: NoticeBoard;
  readonly note: (found: Problem, severity?: Notice['severity']) => void;
}

/** Notices that come and go with what they are about. */
export interface NoticeBoard {
  readonly post: (notice: Notice) => void;
  readonly withdraw: (id: string) => void;
}

export interface Engine {
  readonly hardware: Hardware;
  readonly config: ConfigStore;
  readonly supervisor: ReturnType<typeof createSupervisor>;
  readonly control: StackControl;
  readonly cloud: CloudControl;
  readonly keys: KeysControl;
  readonly models: Models;
  readonly setup: Setup;
  readonly toolchain: Toolchain;
  readonly settings: SettingsControl;
  readonly close: () => Promise<void>;
}

export interface Shell {
  readonly mac: Mac;
  readonly updates: Updates;
  readonly openWindow: () => void;
  readonly alert: (alert: Alert) => void;
  readonly isWindowOpen: () => boolean;
  readonly tellSettings: (settings: Settings) => void;
  /** Resolves when what the user did to the window is kept. */
  readonly settle: () => Promise<void>;
  readonly announceCloud: (title: string, body: string) => void;
}

export const openingStill = problem('still-opening', appWords.stillOpening, commonWords.tryAgainSoon);

/** The folder of models may be another one than that in home. */
export const inForce = (paths: Paths, config: ConfigStore | undefined): Paths =>
  config === undefined ? paths : { ...paths, models: config.state().value.config.modelDir };
