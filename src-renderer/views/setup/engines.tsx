/** The engines as they are and as they will be, and uv, which installs them. */
import type { EngineStatus, EnginesStatus } from '../../bridge.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { joinSentences } from '../../words/format.ts';
import { setupWords as words } from '../../words/index.ts';

/** An engine has to be installed, and there is nothing to install it with. */
export const lacksUv = ({ engines, uv }: EnginesStatus): boolean =>
  uv.state === 'missing' && (engines.length === 0 || engines.some(({ state }) => state !== 'ready'));

export function Engines({ engines }: { readonly engines: EnginesStatus }) {
  const { job, problem, uv } = engines;
  return (
    <section class="card panel" aria-labelledby="setup-engines">
      <div class="row">
        <div>
          <h2 id="setup-engines">{words.engines}</h2>
          <p class="card-note">{words.enginesText}</p>
        </div>
        {job === null && (
          <CommandButton call={{ name: 'engines.refresh', input: {} }} label={words.lookAgain} />
        )}
      </div>
      <dl class="engine-facts">
        {engines.engines.map((engine) => (
          <div key={engine.name} class="engine-fact">
            <dt>{engine.name}</dt>
            <dd>
              {engineText(engine)}
              {/* One that is not there will be: that is no fault of its own. */}
              {engine.problem !== null && engine.state !== 'absent' && (
                <span class="engine-problem">
                  {joinSentences(engine.problem.message, engine.problem.hint)}
                </span>
              )}
            </dd>
          </div>
        ))}
        <div class="engine-fact">
          <dt>{words.uv}</dt>
          <dd>{uvText(uv)}</dd>
        </div>
      </dl>
      {problem !== null && job === null && <ProblemNote problem={problem} />}
      {uv.state === 'missing' && job === null && (
        <div class="uv">
          <p class="card-note">{words.uvText}</p>
          {uv.installCommand !== '' && <code class="field-value uv-command">{uv.installCommand}</code>}
          <CommandButton
            call={{ name: 'engines.installUv', input: {} }}
            label={words.installUv}
            kind={lacksUv(engines) ? 'primary' : 'plain'}
          />
        </div>
      )}
      {job !== null && <Job job={job} />}
    </section>
  );
}

export function Job({ job }: { readonly job: NonNullable<EnginesStatus['job']> }) {
  return (
    <div class="job">
      <div class="row">
        <p class="card-note">{job.detail}</p>
        <CommandButton call={{ name: 'engines.cancel', input: {} }} label={words.cancelInstall} />
      </div>
      <ProgressBar label={words.progressOf(job.detail)} fraction={job.fraction} />
    </div>
  );
}

function engineText({ state, version, pinnedVersion }: EngineStatus): string {
  switch (state) {
    case 'ready':
      return version === null ? words.engineReadyAny : words.engineReady(version);
    case 'refused':
      return words.engineRefused;
    case 'absent':
      return words.engineWill(pinnedVersion);
    case 'unknown':
      return words.engineLooking;
  }
}

function uvText({ state, version }: EnginesStatus['uv']): string {
  switch (state) {
    case 'found':
      return version === null ? words.uvFoundAny : words.uvFound(version);
    case 'missing':
      return words.uvMissing;
    case 'unknown':
      return words.engineLooking;
  }
}
