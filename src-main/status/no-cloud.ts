/** The cloud before anything is known of it: off, without a key, nothing used. Pure. */
import type { CloudFigures, CloudStatus } from '../contract/cloud.ts';

export const noFigures: CloudFigures = {
  requests: 0,
  failed: 0,
  promptTokens: 0,
  completionTokens: 0,
  costUsd: 0,
  estimatedUsd: 0,
  firstByteMs: null,
};

export const noCloud: CloudStatus = {
  condition: 'no-key',
  key: { state: 'absent', last4: null, checkedAt: null, problem: null },
  account: null,
  enabled: false,
  localOnly: false,
  dailyCapUsd: null,
  monthlyCapUsd: null,
  privacy: 'zero-retention',
  usage: { today: noFigures, month: noFigures, byModel: [], days: [] },
  models: [],
  signIn: { waiting: false, problem: null },
  trouble: null,
};
