import { describe, expect, it } from 'vitest';
import type { EnginesStatus } from '../../../src-main/contract/engines.ts';
import type { Download } from '../../../src-main/contract/models.ts';
import type { Snapshot } from '../../../src-main/contract/status.ts';
import { jobNotices } from '../../../src-main/status/job-notices.ts';
import { noEngines, noModels, noSetup } from '../../../src-main/status/no-setup.ts';
import { modelMissing } from '../../../src-main/supervisor/failures.ts';
import { tier } from './snapshots.ts';

const repo = 'org/model';
const tiers = [{ name: 'standard', source: repo }];
const waits = tier('standard', 'failed', { name: 'Standard', lastFailure: modelMissing(0, repo, '/m') });
const line: Download = {
  repo,
  name: 'Model',
  state: 'downloading',
  detail: 'Downloading',
  doneBytes: 4.1e9,
  totalBytes: 18.2e9,
  bytesPerSecond: null,
  secondsLeft: null,
  problem: null,
};
const problem = { code: 'uv-missing', message: 'uv was not found.', hint: 'Install it.' };
const job: EnginesStatus['job'] = {
  kind: 'install',
  engine: 'litellm',
  step: 'installing',
  detail: 'Installing litellm: 34 of 61 packages',
  fraction: 0.5,
  startedAt: 0,
};

function noticesOf(parts: Partial<Snapshot>) {
  const whole = { engines: noEngines, models: noModels, services: [waits], setup: noSetup, ...parts };
  return jobNotices(whole, tiers).map(({ severity, title, message }) => [severity, title, message]);
}

describe('a click that begins something long', () => {
  it('says how far the download is, for as long as a service waits for it', () => {
    const models = { ...noModels, downloads: [line] };
    const progress = 'Downloading (4.1 of 18.2 GB). Standard starts by itself when it is there.';
    expect(noticesOf({ models })).toEqual([['info', 'The model of Standard is not there yet', progress]]);
    expect(noticesOf({ models, services: [{ ...waits, state: 'healthy' }] })).toEqual([]);
    expect(noticesOf({ models: { ...noModels, downloads: [{ ...line, repo: 'org/other' }] } })).toEqual([]);
    expect(noticesOf({ models: { ...noModels, downloads: [{ ...line, state: 'done' }] } })).toEqual([]);
  });

  it('says why the download failed', () => {
    const models = { ...noModels, downloads: [{ ...line, state: 'failed' as const, problem }] };
    expect(noticesOf({ models })).toEqual([['warning', 'uv was not found.', 'Install it.']]);
  });

  it('says how far the installation is, and why it failed', () => {
    expect(noticesOf({ engines: { ...noEngines, job } })).toEqual([
      [
        'info',
        'Installing litellm',
        'Installing litellm: 34 of 61 packages. What waits for it starts by itself.',
      ],
    ]);
    expect(noticesOf({ engines: { ...noEngines, problem } })).toEqual([
      ['warning', 'uv was not found.', 'Install it.'],
    ]);
  });

  it('says nothing in setup, which shows its steps itself', () => {
    const setup = { ...noSetup, phase: 'working' as const };
    expect(noticesOf({ setup, engines: { ...noEngines, job } })).toEqual([]);
    expect(noticesOf({ services: [], engines: { ...noEngines, problem } })).toEqual([]);
  });
});
