/** What the relay is told until the user turns the cloud on. */
import type { CloudSettings } from '../../../src-main/cloud/settings.ts';

export const cloudOff: CloudSettings = {
  enabled: false,
  localOnly: false,
  dailyCapUsd: null,
  monthlyCapUsd: null,
  privacy: 'zero-retention',
  models: [],
};
