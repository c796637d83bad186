/** What of the main process's sources the window may use: types, and the few pure files that carry no schema. */
export type { Bridge } from '../src-main/contract/bridge.ts';
export type {
  CloudCondition,
  CloudFigures,
  CloudModelEntry,
  CloudStatus,
} from '../src-main/contract/cloud.ts';
export type { CommandCall, CommandInput, CommandName, CommandOutput } from '../src-main/contract/commands.ts';
export type { EngineStatus, EnginesStatus } from '../src-main/contract/engines.ts';
export type { EventPayload } from '../src-main/contract/events.ts';
export type { LogLevel } from '../src-main/contract/log-limits.ts';
export type {
  LogAnchor,
  LogCursor,
  LogFilter,
  LogPage,
  LogPlace,
  LogQuery,
  LogRow,
  LogSummary,
  Ranges,
} from '../src-main/contract/logs.ts';
export type { LoginStatus, MacStatus } from '../src-main/contract/mac.ts';
export type {
  BrowsedModel,
  Download,
  FoundModel,
  InstalledModel,
  ModelCheck,
  ModelInformation,
  ModelsStatus,
} from '../src-main/contract/models.ts';
export type { Problem, Result } from '../src-main/contract/result.ts';
export type {
  Setting,
  SettingChange,
  SettingKey,
  Settings,
  SettingTime,
} from '../src-main/contract/settings.ts';
export type {
  Machine,
  MeasuredSpeed,
  PlannedTier,
  SetupPlan,
  SetupStatus,
  TierChoice,
  TierWeight,
} from '../src-main/contract/setup.ts';
export type {
  Failure,
  Notice,
  ServiceState,
  ServiceStatus,
  Snapshot,
  StatusChange,
} from '../src-main/contract/status.ts';
export { applyStatusChange } from '../src-main/contract/status-change.ts';
export type { UpdateStatus } from '../src-main/contract/updates.ts';
export { cloudSentence, formatUsd } from '../src-main/status/cloud-summary.ts';
export { curlSample } from '../src-main/status/curl-sample.ts';
export {
  formatDiskBytes,
  formatDiskBytesOf,
  formatDuration,
  formatGigabytes,
  formatGigabytesOf,
} from '../src-main/status/format.ts';
export {
  actionsOf,
  type Condition,
  callOfNotice,
  describeState,
  exitWords,
  isServing,
  progressLine,
  type Summary,
  summarise,
} from '../src-main/status/summary.ts';
export { statusWords } from '../src-main/words/index.ts';
