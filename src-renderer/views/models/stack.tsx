/** The stack in force, and its changes: each says beforehand what restarts. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import {
  describeState,
  formatGigabytes,
  isServing,
  type MeasuredSpeed,
  type Result,
  type ServiceStatus,
  type Snapshot,
} from '../../bridge.ts';
import { Button } from '../../parts/button.tsx';
import { ChangeForm } from '../../parts/change-form.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { EmptyNote } from '../../parts/empty-note.tsx';
import { StateIcon } from '../../parts/icons.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { Select } from '../../parts/select.tsx';
import { useStore } from '../../state/store.ts';
import { joinFacts } from '../../words/format.ts';
import { overviewWords, modelWords as words } from '../../words/index.ts';
import { formatContext } from './figures.ts';
import { contextOptions, isRefused, useWeight, Weight } from './weight.tsx';

interface StackTabProps {
  readonly status: Snapshot;
  readonly onChange: (tier: string) => void;
  readonly onAdd: () => void;
}

export function StackTab({ status, onChange, onAdd }: StackTabProps) {
  const store = useStore();
  const tiers = status.services.filter(({ kind }) => kind === 'tier');
  const setUp = () => store.show({ id: 'setup' });
  if (tiers.length === 0) {
    return (
      <EmptyNote title={words.stackEmpty} text={words.stackEmptyText}>
        <Button kind="primary" onClick={setUp}>
          {words.setUp}
        </Button>
      </EmptyNote>
    );
  }
  return (
    <>
      <p class="card-note">{words.stackText}</p>
      <ul class="card library-list">
        {tiers.map((tier) => (
          <TierItem key={tier.id} tier={tier} onChange={onChange} />
        ))}
      </ul>
      <div class="buttons">
        <Button kind="primary" onClick={onAdd}>
          {words.addTier}
        </Button>
        <Button onClick={setUp}>{overviewWords.setUpAgain}</Button>
      </div>
    </>
  );
}

/** Apps know a tier by its id; what else it is called is its model's name. */
export const modelOf = ({ id, name, model }: ServiceStatus): string => (name === id ? (model ?? '') : name);

interface TierItemProps {
  readonly tier: ServiceStatus;
  readonly onChange: (tier: string) => void;
}

function TierItem({ tier, onChange }: TierItemProps) {
  const [open, setOpen] = useState<'context' | 'rename' | null>(null);
  /** The focus goes back to the button that opened what is closed. */
  const openers = { context: useRef<HTMLButtonElement>(null), rename: useRef<HTMLButtonElement>(null) };
  const close = (): void => {
    if (open !== null) openers[open].current?.focus();
    setOpen(null);
  };
  const toggle = (form: keyof typeof openers): void => setOpen(open === form ? null : form);
  const { id, memoryBytes, state } = tier;
  const { speed, measure } = useMeasuring(id);
  const { word } = describeState(tier);
  const facts = [word, memoryBytes > 0 ? words.memory(formatGigabytes(memoryBytes)) : ''];
  return (
    <li class="library-item library-item-wide">
      <div class="library-row">
        <span class={`state-${state} library-state`}>
          <StateIcon state={state} />
        </span>
        <div class="library-text">
          <h2 class="library-name">{id}</h2>
          <p class="ellipsis" title={tier.model ?? undefined}>
            {modelOf(tier)}
          </p>
          <p class="card-note card-note-small">{joinFacts(...facts)}</p>
        </div>
        <div class="library-buttons">
          <Button aria-label={words.changeOf(id)} onClick={() => onChange(id)}>
            {words.change}
          </Button>
          <Button
            ref={openers.context}
            aria-label={words.contextOf(id)}
            aria-expanded={open === 'context'}
            onClick={() => toggle('context')}
          >
            {words.contextEdit}
          </Button>
          {isServing(tier) && (
            <Button
              aria-label={words.measureOf(id)}
              isBusy={speed === 'measuring'}
              onClick={() => void measure()}
            >
              {words.measure}
            </Button>
          )}
          <Button
            ref={openers.rename}
            aria-label={words.renameOf(id)}
            aria-expanded={open === 'rename'}
            onClick={() => toggle('rename')}
          >
            {words.rename}
          </Button>
          <ConfirmButton
            call={{ name: 'stack.removeTier', input: { name: id } }}
            label={words.remove}
            name={words.removeOf(id)}
            isNamed
            question={words.removeQuestion(id)}
            confirm={words.removeConfirm}
            done={words.removed(id)}
          />
        </div>
      </div>
      {speed !== null && <Speed id={id} speed={speed} />}
      {open === 'context' && <ContextForm id={id} onDone={close} />}
      {open === 'rename' && <RenameForm id={id} onDone={close} />}
    </li>
  );
}

type Measuring = Result<MeasuredSpeed> | 'measuring' | null;

function useMeasuring(id: string): { readonly speed: Measuring; readonly measure: () => Promise<void> } {
  const { ask } = useStore();
  const [speed, setSpeed] = useState<Measuring>(null);
  const measure = async (): Promise<void> => {
    if (speed === 'measuring') return;
    setSpeed('measuring');
    setSpeed(await ask('stack.measureSpeed', { name: id }));
  };
  return { speed, measure };
}

function Speed({ id, speed }: { readonly id: string; readonly speed: Exclude<Measuring, null> }) {
  return (
    <div role="status">
      {speed === 'measuring' ? (
        <p class="card-note card-note-small">{words.measuring(id)}</p>
      ) : speed.ok ? (
        <p class="card-note card-note-small">{words.measured(speed.value)}</p>
      ) : (
        <ProblemNote problem={speed.error} />
      )}
    </div>
  );
}

interface FormProps {
  readonly id: string;
  readonly onDone: () => void;
}

/** The model stays: what it takes with each context, and what the choice comes to, stands there before it is made. */
function ContextForm({ id, onDone }: FormProps) {
  const store = useStore();
  const [chosen, setChosen] = useState<number | null>(null);
  const weighed = useWeight({ tier: id, repo: null, contextTokens: chosen });
  const weight = weighed?.ok === true ? weighed.value : null;
  const field = useRef<HTMLSelectElement>(null);
  const isShown = weight !== null;
  useLayoutEffect(() => field.current?.focus(), [isShown]);

  async function save(): Promise<void> {
    if (chosen === null) return onDone();
    const input = { name: id, contextTokens: chosen };
    if (!(await store.act({ name: 'stack.setContext', input }, words.contextOf(id)))) return;
    store.say(words.contextChanged(id, formatContext(chosen)));
    onDone();
  }

  return (
    <ChangeForm
      label={words.contextNew(id)}
      save={words.save}
      isBarred={isRefused(weighed)}
      onSave={save}
      onCancel={onDone}
    >
      {weight !== null && (
        <Select
          field={field}
          caption={words.contextChoice}
          value={String(chosen ?? weight.contextTokens)}
          options={contextOptions(weight)}
          onChange={(tokens) => setChosen(Number(tokens))}
        />
      )}
      <Weight weighed={weighed} />
      <p class="card-note card-note-small">{words.contextEffect(id)}</p>
    </ChangeForm>
  );
}

function RenameForm({ id, onDone }: FormProps) {
  const store = useStore();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.select(), []);

  async function save(): Promise<void> {
    const newName = field.current?.value.trim() ?? '';
    if (newName === '' || newName === id) return onDone();
    const isDone = await store.act(
      { name: 'stack.renameTier', input: { name: id, newName } },
      words.renameOf(id),
    );
    if (!isDone) return field.current?.focus();
    store.say(words.renamed(id, newName));
    onDone();
  }

  return (
    <ChangeForm label={words.renameOf(id)} save={words.save} onSave={save} onCancel={onDone}>
      <label>
        <span class="field-label">{words.name}</span>
        <input
          ref={field}
          class="input"
          aria-label={words.newName(id)}
          aria-describedby={`rename-${id}`}
          spellcheck={false}
          maxLength={64}
          defaultValue={id}
        />
      </label>
      <p id={`rename-${id}`} class="card-note card-note-small">
        {words.renameEffect(id)}
      </p>
    </ChangeForm>
  );
}
