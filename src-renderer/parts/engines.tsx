/** The engines as they are and as they can be, and uv, which installs them: in the setup, and in the settings for later. */
import type { ComponentChildren } from 'preact';
import type { CommandCall, EngineStatus, EnginesStatus } from '../bridge.ts';
import { joinSentences } from '../words/format.ts';
import { setupWords, engineWords as words } from '../words/index.ts';
import { CommandButton } from './command-button.tsx';
import { ProblemNote } from './problem-note.tsx';
import { ProgressBar } from './progress-bar.tsx';

/** Where the focus goes that is led here. */
export const enginesTitleId = 'engines-title';

/** Not used unless the user chooses it: a setup brings ours. */
const isFound = ({ state }: EngineStatus): boolean => state === 'unchosen';
const isLacking = ({ state }: EngineStatus): boolean => state === 'absent' || state === 'refused';
/** Installing ours would not help: the config names another. */
const isMisnamed = ({ problem }: EngineStatus): boolean => problem?.code === 'executable-missing';

/** An engine has to be installed, and there is nothing to install it with. */
export const lacksUv = ({ engines, uv }: EnginesStatus): boolean =>
  uv.state === 'missing' && (engines.length === 0 || engines.some(({ state }) => state !== 'ready'));

/** One that is not there will be, and ours takes the place of one found: that is no fault. */
const tellsProblem = (engine: EngineStatus, isSetup: boolean): boolean =>
  engine.state === 'refused' || isMisnamed(engine) || (isFound(engine) && !isSetup);

interface EnginesProps {
  readonly engines: EnginesStatus;
  /** They are about to be installed. */
  readonly isSetup?: boolean;
  readonly children?: ComponentChildren;
}

export function Engines({ engines, isSetup = false, children }: EnginesProps) {
  const { job, problem, uv } = engines;
  /** Without uv the click would only be refused. */
  const canInstall = uv.state !== 'missing';
  const lacking = engines.engines.filter((engine) => isLacking(engine) && !isMisnamed(engine));
  const install = (names: readonly EngineStatus[]): CommandCall => ({
    name: 'engines.install',
    input: { names: names.map(({ name }) => name) },
  });

  function offers(engine: EngineStatus): [string, CommandCall][] {
    const { name, pinnedVersion, previousVersion, foundIn, hasUpdate } = engine;
    if (isSetup) {
      return foundIn === 'config' || isMisnamed(engine)
        ? [[words.installInstead(pinnedVersion), { name: 'settings.reset', input: { key: `${name}-path` } }]]
        : found(engine);
    }
    const all: [string, CommandCall][] = [];
    if (canInstall && foundIn === 'engines' && hasUpdate)
      all.push([words.update(pinnedVersion), install([engine])]);
    if (canInstall && (isFound(engine) || (lacking.length === 1 && lacking[0] === engine)))
      all.push([words.install(pinnedVersion), install([engine])]);
    if (foundIn === 'engines' && previousVersion !== null)
      all.push([words.goBack(previousVersion), { name: 'engines.rollBack', input: { name } }]);
    return [...all, ...found(engine)];
  }

  return (
    <section class="card panel" aria-labelledby={enginesTitleId}>
      <div class="row">
        <div>
          <h2 id={enginesTitleId} tabIndex={-1}>
            {words.title}
          </h2>
          <p class="card-note">{words.text}</p>
        </div>
        {job === null && (
          <CommandButton call={{ name: 'engines.refresh', input: {} }} label={words.lookAgain} />
        )}
      </div>
      <dl class="fact-rows">
        {engines.engines.map((engine) => (
          <div key={engine.name} class="fact-row">
            <dt>{engine.name}</dt>
            <dd>
              <span>{engineText(engine, isSetup)}</span>
              {engine.problem !== null && tellsProblem(engine, isSetup) && (
                <span class="engine-problem">
                  {joinSentences(engine.problem.message, engine.problem.hint)}
                </span>
              )}
              {job === null && (
                <span class="engine-offers">
                  {offers(engine).map(([label, call]) => (
                    <CommandButton
                      key={call.name}
                      call={call}
                      label={label}
                      name={words.of(label, engine.name)}
                    />
                  ))}
                </span>
              )}
            </dd>
          </div>
        ))}
        <div class="fact-row">
          <dt>{words.uv}</dt>
          <dd>{uvText(uv)}</dd>
        </div>
      </dl>
      {problem !== null && job === null && <ProblemNote problem={problem} />}
      {uv.state === 'missing' && job === null && <LackingUv engines={engines} />}
      {canInstall && lacking.length > 1 && !isSetup && job === null && (
        <div>
          <CommandButton call={install(lacking)} label={words.installBoth} />
        </div>
      )}
      {job !== null && (
        <div class="job">
          <div class="row">
            <p class="card-note">{job.detail}</p>
            <CommandButton call={{ name: 'engines.cancel', input: {} }} label={words.cancel} />
          </div>
          <ProgressBar label={setupWords.progressOf(job.detail)} fraction={job.fraction} />
        </div>
      )}
      {children}
    </section>
  );
}

const found = (engine: EngineStatus): [string, CommandCall][] =>
  isFound(engine) ? [[words.useFound, { name: 'engines.useFound', input: { name: engine.name } }]] : [];

function LackingUv({ engines }: { readonly engines: EnginesStatus }) {
  const { problem, installCommand } = engines.uv;
  if (problem !== null) {
    return (
      <div class="uv">
        <ProblemNote problem={problem} />
        <CommandButton
          call={{ name: 'settings.reset', input: { key: 'uv-path' } }}
          label={words.forgetUvPath}
        />
      </div>
    );
  }
  return (
    <div class="uv">
      <p class="card-note">{words.uvText}</p>
      {installCommand !== '' && <code class="field-value uv-command">{installCommand}</code>}
      <CommandButton
        call={{ name: 'engines.installUv', input: {} }}
        label={words.installUv}
        kind={lacksUv(engines) ? 'primary' : 'plain'}
      />
    </div>
  );
}

function engineText(engine: EngineStatus, isSetup: boolean): string {
  const { state, version, pinnedVersion, foundIn } = engine;
  const say = state === 'unchosen' ? words.foundIn : words.chosenIn;
  const found = say(version ?? words.unknownVersion, engine.path?.replace(/\/[^/]*$/, '') ?? '');
  switch (state) {
    case 'ready':
      if (foundIn === 'engines') return version === null ? words.readyAny : words.ready(version);
      return version === pinnedVersion ? found : `${found}; ${words.recommended(pinnedVersion)}`;
    case 'unchosen':
      return isSetup ? `${words.will(pinnedVersion)}; ${found}` : `${found}; ${words.unchosen}`;
    case 'refused':
      return words.refused;
    case 'absent':
      return isSetup && !isMisnamed(engine) ? words.will(pinnedVersion) : words.absent;
    case 'unknown':
      return words.looking;
  }
}

function uvText({ state, version }: EnginesStatus['uv']): string {
  switch (state) {
    case 'found':
      return version === null ? words.uvFoundAny : words.uvFound(version);
    case 'missing':
      return words.uvMissing;
    case 'unknown':
      return words.looking;
  }
}
