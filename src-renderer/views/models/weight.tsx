/** What a choice for the stack comes to, before it is made: its memory, the sum, and why it is refused or not wise. */
import { type CommandInput, formatGigabytes, type Result, type TierWeight } from '../../bridge.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { useAnswer } from '../../state/answer.ts';
import { useValue } from '../../state/signal.ts';
import { useStore } from '../../state/store.ts';
import { joinFacts } from '../../words/format.ts';
import { modelWords as words } from '../../words/index.ts';
import { formatContext } from './figures.ts';

export type Weighed = Result<TierWeight> | null;

/** Asked anew when a model starts, stops or changes, for what is free then is another sum. */
export function useWeight(question: CommandInput<'stack.weighTier'>): Weighed {
  const services = useValue(useStore().snapshot)?.services ?? [];
  const memoryInUse = services.map(({ id, state, memoryBytes }) => `${id} ${state} ${memoryBytes}`).join();
  return useAnswer('stack.weighTier', question, memoryInUse);
}

export const isRefused = (weighed: Weighed): boolean =>
  weighed !== null && !(weighed.ok && weighed.value.problem === null);

/** For a pop-up: each context with the memory it takes; what the GPU could not hold even alone cannot be chosen. */
export const contextOptions = ({ contexts }: TierWeight) =>
  contexts.map(
    ({ tokens, memoryBytes, fits }) =>
      [String(tokens), joinFacts(formatContext(tokens), formatGigabytes(memoryBytes)), !fits] as const,
  );

export function Weight({ weighed }: { readonly weighed: Weighed }) {
  return (
    <div class="weight" role="status" aria-busy={weighed === null}>
      {weighed === null ? (
        <p class="card-note card-note-small">{words.weighing}</p>
      ) : weighed.ok ? (
        <Figures {...weighed.value} />
      ) : (
        <ProblemNote problem={weighed.error} />
      )}
    </div>
  );
}

function Figures({ memoryBytes, sumBytes, budgetBytes, budgetWords, gpuLimitBytes, ...found }: TierWeight) {
  const share = (bytes: number): string => `${(bytes / Math.max(sumBytes, gpuLimitBytes)) * 100}%`;
  const others = share(sumBytes - memoryBytes);
  const problem = found.problem ?? found.warning;
  return (
    <>
      <svg class={sumBytes > budgetBytes ? 'bar bar-over' : 'bar'} aria-hidden="true" width="100%" height="8">
        <rect class="bar-track" width="100%" height="8" rx="4" />
        <rect class="bar-fill bar-others" width={others} height="8" />
        <rect class="bar-fill" x={others} width={share(memoryBytes)} height="8" />
        <rect class="bar-mark" x={share(budgetBytes)} width="2" height="8" />
      </svg>
      <p class="card-note card-note-small">
        {joinFacts(
          words.weightOwn(formatGigabytes(memoryBytes)),
          words.weightSum(formatGigabytes(sumBytes), budgetWords),
          words.weightLimit(formatGigabytes(gpuLimitBytes)),
        )}
      </p>
      {problem !== null && <ProblemNote problem={problem} isMild={found.problem === null} />}
    </>
  );
}
