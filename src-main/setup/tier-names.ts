/** Whether a tier may have a name. Pure. */
import { type Problem, problem } from '../contract/result.ts';
import { quotable } from '../files/located-problem.ts';
import { reservedTierNames, tierNamePattern } from '../stack/stack-file.ts';

export function tierNameProblem(name: string, others: readonly string[]): Problem | null {
  const shown = quotable(name) ?? 'This';
  if (!tierNamePattern.test(name)) {
    return problem(
      'tier-name-invalid',
      `${shown} cannot be the name of a tier.`,
      'Use a-z, 0-9 and “-”, at most 32 characters, beginning with a letter or digit.',
    );
  }
  if (reservedTierNames.includes(name)) {
    return problem('tier-name-reserved', `${shown} is the name of something else.`, 'Choose another name.');
  }
  if (others.includes(name)) {
    return problem('tier-name-taken', `There is a tier ${shown} already.`, 'Choose another name.');
  }
  return null;
}
