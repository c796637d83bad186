/** Puts a model into the stack: as one more, or instead of another; what restarts is said before. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type CommandCall, formatDiskBytes, type Snapshot } from '../../bridge.ts';
import { ChangeForm } from '../../parts/change-form.tsx';
import { Select } from '../../parts/select.tsx';
import { useStore } from '../../state/store.ts';
import { joinSentences } from '../../words/format.ts';
import { commonWords, modelWords as words } from '../../words/index.ts';
import { freeName } from '../setup/plan-draft.ts';
import { contextSteps, formatContext } from './figures.ts';
import { modelOf } from './stack.tsx';
import { contextOptions, isRefused, useWeight, Weight } from './weight.tsx';

/** Not a possible name of a tier. */
export const newTier = '';

export interface UsableModel {
  readonly repo: string;
  readonly name: string;
  readonly contextTokens: number | null;
  /** What is to be downloaded before it runs; `null` where nothing is, or it is not known. */
  readonly downloadBytes: number | null;
}

interface UseFormProps {
  readonly status: Snapshot;
  readonly model: UsableModel;
  /** The tier it is meant for, when that is known. */
  readonly target: string | null;
  readonly onUsed: () => void;
  readonly onCancel: () => void;
}

export function UseForm({ status, model, target, onUsed, onCancel }: UseFormProps) {
  const store = useStore();
  const tiers = status.services.filter(({ kind }) => kind === 'tier');
  const [chosen, setChosen] = useState(target ?? tiers[0]?.id ?? newTier);
  const [name, setName] = useState(() => freeName(tiers.map(({ id }) => id)));
  const [context, setContext] = useState<number | null>(null);
  const weighed = useWeight({
    tier: chosen === newTier ? null : chosen,
    repo: model.repo,
    contextTokens: context,
  });
  const weight = weighed?.ok === true ? weighed.value : null;
  const form = useRef<HTMLFormElement>(null);
  const replaced = tiers.find(({ id }) => id === chosen);
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>('select, input')?.focus(), []);

  async function submit(): Promise<void> {
    const tierName = replaced?.id ?? name.trim();
    if (tierName === '') return form.current?.querySelector<HTMLElement>('input')?.focus();
    const input = { name: tierName, repo: model.repo, contextTokens: context };
    const call: CommandCall =
      replaced === undefined ? { name: 'stack.addTier', input } : { name: 'stack.swapModel', input };
    if (!(await store.act(call, commonWords.useInStackOf(model.name)))) return;
    store.say(
      replaced === undefined ? words.added(tierName, model.name) : words.swapped(replaced.id, model.name),
    );
    onUsed();
  }

  const download = model.downloadBytes !== null && words.downloadsFirst(formatDiskBytes(model.downloadBytes));
  return (
    <ChangeForm
      form={form}
      label={words.useTitle(model.name)}
      save={replaced === undefined ? words.addGo : words.swapGo(replaced.id)}
      isBarred={isRefused(weighed)}
      onSave={submit}
      onCancel={onCancel}
    >
      <Select
        caption={words.as}
        value={chosen}
        options={[
          ...tiers.map((tier) => [tier.id, words.asTier(tier.id, modelOf(tier))] as const),
          [newTier, words.asNew],
        ]}
        onChange={setChosen}
      />
      {replaced === undefined && (
        <label>
          <span class="field-label">{words.name}</span>
          <input
            class="input"
            spellcheck={false}
            maxLength={64}
            required
            title={words.nameNote}
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
      )}
      <Select
        caption={words.contextChoice}
        value={String(context ?? '')}
        options={[
          [
            '',
            weight === null || context !== null
              ? words.contextSuits
              : words.contextSuitsNow(formatContext(weight.contextTokens)),
          ],
          ...(weight === null
            ? contextSteps(model.contextTokens).map(
                (tokens) => [String(tokens), formatContext(tokens)] as const,
              )
            : contextOptions(weight)),
        ]}
        onChange={(tokens) => setContext(tokens === '' ? null : Number(tokens))}
      />
      <Weight weighed={weighed} />
      <p class="card-note card-note-small">
        {joinSentences(replaced === undefined ? words.addEffect : words.swapEffect(replaced.id), download)}
      </p>
    </ChangeForm>
  );
}
