/** Whether a tier may have a name. Pure. */
import { type Problem, problem } from '../contract/result.ts';
import { quotable } from '../files/located-problem.ts';
import { reservedTierNames, tierNamePattern } from '../stack/stack-file.ts';
import { commonWords, setupWords } from '../words/index.ts';

export function tierNameProblem(name: string, others: readonly string[]): Problem | null {
  const shown = quotable(name) ?? commonWords.unnamed;
  if (!tierNamePattern.test(name)) {
    return problem('tier-name-invalid', setupWords.cannotBeTierName(shown), setupWords.tierNameForm);
  }
  if (reservedTierNames.includes(name)) {
    return problem(
      'tier-name-reserved',
      setupWords.isNameOfSomethingElse(shown),
      setupWords.chooseAnotherName,
    );
  }
  if (others.includes(name)) {
    return problem('tier-name-taken', setupWords.tierNameTaken(shown), setupWords.chooseAnotherName);
  }
  return null;
}
