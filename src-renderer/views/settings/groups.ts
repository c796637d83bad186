/** Which settings stand together, in the order of the view. Pure. */
import type { SettingKey } from '../../bridge.ts';

export const groups = {
  general: ['keep-awake', 'menu-bar-title', 'auto-update'],
  notifications: ['notify-failures', 'notify-recovery', 'notify-disk'],
  models: ['memory-budget-pct', 'default-quant', 'ranking', 'model-dir', 'auto-health-check'],
  gateway: ['litellm-port'],
  logs: ['log-max-size-mb', 'log-max-files', 'log-total-max-mb'],
  engines: ['vllm-mlx-path', 'litellm-path', 'uv-path'],
} as const satisfies Record<string, readonly SettingKey[]>;
export type GroupName = keyof typeof groups;

/** Set where what they are about is shown. */
export const elsewhere: readonly SettingKey[] = [
  'model-folders',
  'local-only',
  'cloud',
  'cloud-daily-cap-usd',
  'cloud-monthly-cap-usd',
  'cloud-privacy',
  'cloud-models',
];
