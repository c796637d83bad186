import { expect, it } from 'vitest';
import type { Notice } from '../../../src-main/contract/status.ts';
import { createDismissals } from '../../../src-main/status/dismissals.ts';

const notice = (id: string, dismissible = true): Notice => ({
  id,
  severity: 'warning',
  title: id,
  message: '',
  action: null,
  dismissible,
});
const idsOf = (notices: readonly Notice[]) => notices.map(({ id }) => id);

it('a notice that was dismissed stays away while it is there, and is seen when it comes again', () => {
  const dismissals = createDismissals();
  const present = [notice('disk'), notice('other')];
  dismissals.dismiss('disk', present);
  expect(idsOf(dismissals.shown(present))).toEqual(['other']);
  expect(idsOf(dismissals.shown(present))).toEqual(['other']);
  dismissals.shown([notice('other')]);
  expect(idsOf(dismissals.shown(present))).toEqual(['disk', 'other']);
});

it('what cannot be dismissed stays, and what is not there is not remembered', () => {
  const dismissals = createDismissals();
  dismissals.dismiss('broken file', [notice('broken file', false)]);
  dismissals.dismiss('later', []);
  const present = [notice('broken file', false), notice('later')];
  expect(idsOf(dismissals.shown(present))).toEqual(['broken file', 'later']);
});
