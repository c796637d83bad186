import { describe, expect, it } from 'vitest';
import { cloudConditions } from '../../../src-main/contract/cloud.ts';
import { cloudLine, cloudSentence, cloudUse, formatUsd } from '../../../src-main/status/cloud-summary.ts';
import { noCloud } from '../../../src-main/status/no-cloud.ts';
import { cloudInUse } from './snapshots.ts';

describe('the cloud in words', () => {
  it.each([
    [0, '$0.00'],
    [0.0004, '<$0.01'],
    [0.02, '$0.02'],
    [1204.5, '$1,204.50'],
  ])('%d dollars', (usd, text) => expect(formatUsd(usd)).toBe(text));

  it('says the state and what was spent today', () => {
    expect(cloudLine(cloudInUse)).toBe('OpenRouter · $0.02 today');
    expect(cloudLine({ ...cloudInUse, condition: 'local-only' })).toBe('Local only · $0.02 today');
    expect(cloudLine({ ...cloudInUse, condition: 'cap-daily' })).toBe('Daily cap reached · $0.02 today');
    expect(cloudLine({ ...noCloud, condition: 'off' })).toBe('Off');
    expect(cloudLine({ ...noCloud, condition: 'ready' })).toBe('OpenRouter · $0.00 today');
    expect(cloudUse(cloudInUse)).toBe('3 requests today · $3.40 this month');
  });

  it('has a sentence for every state, and names the cap that is reached', () => {
    const sentences = cloudConditions.map((condition) => cloudSentence({ ...cloudInUse, condition }));
    expect(new Set(sentences).size).toBe(cloudConditions.length);
    expect(cloudSentence({ ...cloudInUse, condition: 'cap-daily' })).toContain('$2.00');
    expect(cloudSentence({ ...cloudInUse, condition: 'cap-monthly' })).toContain('$20.00');
  });
});
