/** One model of the plan: its name, its figures, its reason, and what may be had instead. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatDiskBytes, formatGigabytes, type PlannedTier } from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { Select } from '../../parts/select.tsx';
import { commonWords, setupWords as words } from '../../words/index.ts';
import { formatContext, formatQuant, formatRange, pagesOf } from '../models/figures.ts';
import { type PlanDraft, withContext, withModel, withName, without } from './plan-draft.ts';

interface TierRowProps {
  readonly tier: PlannedTier;
  readonly index: number;
  readonly plan: PlanDraft;
  /** Of all tiers, this one's too. */
  readonly names: readonly string[];
  readonly isOnly: boolean;
}

export function TierRow({ tier, index, plan, names, isOnly }: TierRowProps) {
  const [isChoosing, setChoosing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const { name, speed } = tier;
  const range = formatRange(speed);
  const facts = [
    speed.basis === 'measured' ? words.speedMeasured(range) : words.speed(range),
    words.bases[speed.basis],
    words.needs(formatGigabytes(tier.memoryBytes)),
    tier.downloadBytes > 0 ? words.download(formatDiskBytes(tier.downloadBytes)) : words.onDisk,
  ];
  return (
    <article class="card panel tier" aria-label={`${name}: ${tier.modelName}`}>
      <div class="tier-head">
        <TierName name={name} index={index} plan={plan} names={names} />
        {!isOnly && (
          <Button
            aria-label={words.removeOf(name)}
            onClick={() => plan.changeTiers((tiers) => without(tiers, index))}
          >
            {words.remove}
          </Button>
        )}
      </div>
      <div>
        <h3 class="tier-model">
          {tier.modelName} <span class="tier-quant">{formatQuant(tier.quant)}</span>
        </h3>
        <p class="tier-facts">{facts.join(' · ')}</p>
      </div>
      {tier.reason !== '' && <p class="card-note tier-reason">{tier.reason}</p>}
      {tier.problem !== null && <ProblemNote problem={tier.problem} />}
      <div class="tier-choices">
        <Select
          caption={words.context}
          label={words.contextOf(name)}
          value={String(tier.contextTokens)}
          options={tier.contextChoices.map((tokens) => [
            String(tokens),
            words.contextChoice(formatContext(tokens), commonWords.pages(pagesOf(tokens))),
          ])}
          onChange={(tokens) => plan.changeTiers((tiers) => withContext(tiers, index, Number(tokens)))}
        />
        <Button
          ref={opener}
          aria-expanded={isChoosing}
          aria-label={words.changeModelOf(name)}
          onClick={() => setChoosing(!isChoosing)}
        >
          {words.changeModel}
        </Button>
      </div>
      {isChoosing && (
        <Alternatives
          tier={tier}
          onChoose={(repo) => {
            setChoosing(false);
            opener.current?.focus();
            plan.changeTiers((tiers) => withModel(tiers, index, repo));
          }}
        />
      )}
    </article>
  );
}

/** Saved when it is left or Enter is pressed; what cannot be a name stays to be corrected. */
function TierName({
  name,
  index,
  plan,
  names,
}: Pick<TierRowProps, 'index' | 'plan' | 'names'> & { name: string }) {
  const [problem, setProblem] = useState('');

  function save(input: HTMLInputElement): void {
    const wanted = input.value.trim();
    const isTaken = names.some((other, at) => at !== index && other === wanted);
    const next = wanted === '' ? words.nameEmpty : isTaken ? words.nameTaken : '';
    setProblem(next);
    if (next === '' && wanted !== name) plan.changeTiers((tiers) => withName(tiers, index, wanted));
  }

  return (
    <div class="tier-name">
      <input
        class="tier-name-field"
        aria-label={words.tierName(index)}
        aria-invalid={problem !== '' || undefined}
        title={words.tierName(index)}
        spellcheck={false}
        maxLength={64}
        defaultValue={name}
        onBlur={({ currentTarget }) => save(currentTarget)}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Enter') save(currentTarget);
          if (key === 'Escape') {
            currentTarget.value = name;
            setProblem('');
          }
        }}
      />
      {problem !== '' && (
        <p class="input-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

interface AlternativesProps {
  readonly tier: PlannedTier;
  readonly onChoose: (repo: string) => void;
}

function Alternatives({ tier, onChoose }: AlternativesProps) {
  const first = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    first.current?.querySelector('button')?.focus();
  }, []);
  if (tier.alternatives.length === 0) return <p class="card-note">{words.noAlternatives}</p>;
  return (
    <ul ref={first} class="library-list alternatives" aria-label={words.otherModels(tier.name)}>
      {tier.alternatives.map(({ repo, modelName, quant, sentence }) => (
        <li key={repo} class="library-item">
          <div class="library-text">
            <p>
              <span class="model-name">{modelName}</span> <span class="tier-quant">{formatQuant(quant)}</span>
            </p>
            <p class="card-note card-note-small">{sentence}</p>
          </div>
          <Button aria-label={words.useOf(modelName, tier.name)} onClick={() => onChoose(repo)}>
            {words.use}
          </Button>
        </li>
      ))}
    </ul>
  );
}
