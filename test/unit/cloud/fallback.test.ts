/** A model that is coming up never pushes its traffic to the cloud. */
import { describe, expect, it } from 'vitest';
import { judgeFallback, justReadyMs, type LocalModel } from '../../../src-main/cloud/fallback.ts';
import { cloudConditions } from '../../../src-main/contract/cloud.ts';
import { type ServiceState, serviceStates } from '../../../src-main/contract/status.ts';

const model = (state: ServiceState, more: Partial<LocalModel> = {}): LocalModel => ({
  state,
  desired: 'on',
  readyForMs: state === 'healthy' || state === 'degraded' ? justReadyMs : null,
  ...more,
});
const isAllowed = (...models: readonly LocalModel[]) => judgeFallback('ready', models) === null;

describe('a request that no local model answered', () => {
  it.each(serviceStates)('with a wanted model that is %s', (state) => {
    const allowed: readonly ServiceState[] = ['healthy', 'degraded', 'failed'];
    expect(isAllowed(model(state))).toBe(allowed.includes(state));
    /** Whatever the others are: each model falls back to all of them. */
    expect(isAllowed(model('failed'), model(state), model('healthy'))).toBe(allowed.includes(state));
  });

  it.each(serviceStates)('with a model that is not wanted and %s goes on', (state) => {
    expect(isAllowed(model(state, { desired: 'off' }))).toBe(true);
  });

  it('waits while a model has only just become ready: the request met it loading', () => {
    expect(isAllowed(model('healthy', { readyForMs: 0 }))).toBe(false);
    expect(isAllowed(model('degraded', { readyForMs: justReadyMs - 1 }))).toBe(false);
    expect(isAllowed(model('healthy', { readyForMs: justReadyMs }))).toBe(true);
  });

  it('is answered as something to try again, and never makes the gateway wait', () => {
    const refusal = judgeFallback('ready', [model('starting')]);
    expect(refusal).toMatchObject({ status: 503, code: 'local-model-starting' });
    expect(refusal?.retryAfterSeconds).toBeUndefined();
  });

  it.each(cloudConditions)('in the condition %s', (condition) => {
    const refusal = judgeFallback(condition, [model('failed')]);
    const goesOn = condition === 'ready' || condition === 'cap-daily' || condition === 'cap-monthly';
    expect(refusal === null).toBe(goesOn);
    if (refusal !== null) expect(refusal).toMatchObject({ status: 503, code: 'no-local-model' });
  });
});
