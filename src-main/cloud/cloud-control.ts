/** The cloud as a whole: key, relay, settings and figures in step with each other, and the commands that change them. */
import type { ConfigKey } from '../config/config-keys.ts';
import type { ConfigStore } from '../config/config-store.ts';
import type { CloudStatus } from '../contract/cloud.ts';
import type { CommandOutput } from '../contract/commands.ts';
import { fail, ok, type Problem, problem, type Result } from '../contract/result.ts';
import type { YamlScalar } from '../files/yaml-edit.ts';
import { checkSecret } from '../secrets/accounts.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { CloudFacts } from '../stack/definition.ts';
import { cloudWords } from '../words/index.ts';
import { type Account, checkAccount } from './account.ts';
import { cloudStatus, conditionOf, listedEntry } from './cloud-status.ts';
import { judgeFallback, type LocalModel } from './fallback.ts';
import { relayLimits } from './limits.ts';
import { chooseModels, createModelLists, type ListedModel, premiumFirst } from './models.ts';
import { defaultPremiumModels, type Upstream } from './openrouter.ts';
import { dollars } from './policy.ts';
import { createRelay, type RelayAddress, type RelayEvent } from './relay.ts';
import { relayFallbackHeader } from './request-guard.ts';
import type { CloudModel, CloudSettings } from './settings.ts';
import { type SignIn, startSignIn, type WantedKey } from './sign-in.ts';
import { createSpendGuard } from './spend.ts';
import { troubleOf } from './troubles.ts';
import { createUpstreamClient } from './upstream.ts';
import type { Usage } from './usage.ts';
import type { UsageRecord } from './usage-record.ts';

export type Done = Result<Record<string, never>>;
const done: Done = ok({});

export interface CloudOptions {
  readonly enabled?: boolean | undefined;
  readonly localOnly?: boolean | undefined;
  readonly dailyCapUsd?: number | null | undefined;
  readonly monthlyCapUsd?: number | null | undefined;
  readonly privacy?: CloudStatus['privacy'] | undefined;
}

export interface CloudControlDeps {
  readonly config: ConfigStore;
  readonly secrets: SecretStore;
  readonly usage: Usage;
  readonly upstream: Upstream;
  readonly registerSecret: (value: string) => void;
  /** The models on this Mac, as they are at this moment. */
  readonly localModels: () => readonly LocalModel[];
  readonly openInBrowser: (url: string) => Promise<void>;
  readonly publish: (cloud: CloudStatus) => void;
  /** What the gateway must know of the cloud may have changed. */
  readonly onFactsChange: () => void;
  readonly notify: (title: string, body: string) => void;
  readonly note: (found: Problem) => void;
  readonly log: (line: string) => void;
  readonly now?: () => number;
}

export type ListedModels = CommandOutput<'cloud.listModels'>;

export interface CloudControl {
  /** The relay listens and the figures are read; after it, `facts` and `publish` are right. */
  open(): Promise<void>;
  /** `null` while there is no key, no relay, or no model. */
  facts(): CloudFacts | null;
  status(): CloudStatus;
  /** Settings or the key changed. */
  refresh(): void;
  setKey(input: string): Promise<Done>;
  removeKey(): Promise<Done>;
  checkKey(): Promise<Done>;
  signIn(): Promise<Done>;
  cancelSignIn(): Done;
  setOptions(options: CloudOptions): Promise<Done>;
  listModels(): Promise<Result<ListedModels>>;
  setModels(ids: readonly string[]): Promise<Done>;
  close(): Promise<void>;
}

/** Our own questions to OpenRouter; completions have the relay's connections. */
const callConnectionsMax = 4;
/** Many requests that end together are shown as one change. */
const publishDelayMs = 250;
/** What the key may still spend is asked anew after use, at most this often. */
const accountLifeMs = 5 * 60_000;
const keyLabel = 'MLX Stack';
/** For a key made by signing in, when the user has set no monthly cap. */
const keyLimitUsd = 20;
/** Past midnight, so that a clock that is read a moment early has turned too. */
const midnightSlackMs = 1_000;

export function createCloudControl(deps: CloudControlDeps): CloudControl {
  const { config, secrets, usage, upstream, log } = deps;
  const now = deps.now ?? Date.now;
  const client = createUpstreamClient({
    upstream,
    connectLimitMs: relayLimits.connectLimitMs,
    connectionsMax: callConnectionsMax,
  });
  const lists = createModelLists({ client, now });
  let address: RelayAddress | null = null;
  let listed: readonly ListedModel[] | null = null;
  let offered: {
    readonly of: unknown;
    readonly wanted: unknown;
    readonly models: readonly CloudModel[];
  } | null = null;
  let account: Account | null = null;
  let checkedAt: number | null = null;
  let askedAt: number | null = null;
  let keyProblem: Problem | null = null;
  let trouble: Problem | null = null;
  let running: SignIn | null = null;
  let signInProblem: Problem | null = null;
  let publishTimer: NodeJS.Timeout | undefined;
  let midnightTimer: NodeJS.Timeout | undefined;
  let closed = false;

  const settingsInForce = () => config.state().value.config;
  const wantedModels = () => settingsInForce().cloudModels ?? defaultPremiumModels;
  const keyInUse = () => secrets.read('openrouter');

  /** Asked several times for each request: made anew only when the list or the choice is another. */
  function offeredModels(): readonly CloudModel[] {
    const wanted = wantedModels();
    if (offered?.of === listed && offered.wanted === wanted) return offered.models;
    const models =
      listed === null
        ? wanted.map((id): CloudModel => ({ id, prices: null, contextTokens: null, answerMaxTokens: null }))
        : chooseModels(listed, wanted).offered;
    offered = { of: listed, wanted, models };
    return models;
  }

  function settings(): CloudSettings {
    const present = settingsInForce();
    return {
      enabled: present.cloud,
      localOnly: present.localOnly,
      dailyCapUsd: present.cloudDailyCapUsd,
      monthlyCapUsd: present.cloudMonthlyCapUsd,
      privacy: present.cloudPrivacy,
      models: offeredModels(),
    };
  }

  const condition = () =>
    conditionOf({
      config: settingsInForce(),
      isListening: address !== null,
      secret: secrets.status('openrouter'),
      spent: usage.spent(),
    });

  const relay = createRelay({
    getKey: keyInUse,
    settings,
    spend: createSpendGuard({ settings, hasKey: () => keyInUse() !== null, spent: () => usage.spent() }),
    judgeFallback: () => judgeFallback(condition(), deps.localModels()),
    record: takeRecord,
    onEvent: takeEvent,
    log: (line) => log(`Relay: ${line}`),
    upstream,
    now,
  });

  function takeRecord(record: UsageRecord): void {
    const before = condition();
    usage.record(record);
    if (record.outcome === 'answered') {
      trouble = null;
      keyProblem = null;
      refreshAccountAfterUse();
      void fetchModels();
    }
    tellCap(before);
    publishSoon();
  }

  /** Once, by the request that reaches it; a cap that the user lowers below what was spent is their own news. */
  function tellCap(before: CloudStatus['condition']): void {
    const after = condition();
    if (after === before) return;
    const { cloudDailyCapUsd, cloudMonthlyCapUsd } = settingsInForce();
    if (after === 'cap-daily')
      deps.notify(cloudWords.dailyCapTitle, cloudWords.dailyCapBody(dollars(cloudDailyCapUsd ?? 0)));
    if (after === 'cap-monthly')
      deps.notify(cloudWords.monthlyCapTitle, cloudWords.monthlyCapBody(dollars(cloudMonthlyCapUsd ?? 0)));
  }

  function takeEvent(event: RelayEvent): void {
    if (event.kind === 'refused') return;
    const found = troubleOf(event.code);
    if (found === null) return;
    trouble = found;
    if (event.code === 'openrouter-key-refused') keyProblem = found;
    publishSoon();
  }

  function refreshAccountAfterUse(): void {
    if (askedAt === null || now() - askedAt >= accountLifeMs) void checkKey();
  }

  function status(): CloudStatus {
    return cloudStatus({
      config: settingsInForce(),
      isListening: address !== null,
      secret: secrets.status('openrouter'),
      account,
      checkedAt,
      keyProblem,
      spent: usage.spent(),
      usage: usage.summary(),
      wanted: wantedModels(),
      listed,
      signIn: { waiting: running !== null, problem: signInProblem },
      trouble,
    });
  }

  function publish(): void {
    clearTimeout(publishTimer);
    publishTimer = undefined;
    if (!closed) deps.publish(status());
  }

  function publishSoon(): void {
    if (!closed) publishTimer ??= setTimeout(publish, publishDelayMs);
  }

  /** "Today" and the daily cap begin anew without any request. */
  function awaitMidnight(): void {
    const at = new Date(now());
    const next = new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).getTime();
    midnightTimer = setTimeout(
      () => {
        publish();
        awaitMidnight();
      },
      next - at.getTime() + midnightSlackMs,
    ).unref();
  }

  async function fetchModels(): Promise<void> {
    const read = await lists.read();
    if (!read.ok || read.value.models === listed) return;
    takeList(read.value.models);
    publishSoon();
  }

  /** The gateway must know when “premium” is another model now. */
  function takeList(models: readonly ListedModel[]): void {
    const [before] = premiumFirst(listed, wantedModels());
    listed = models;
    const [after] = premiumFirst(listed, wantedModels());
    if (after !== before && !closed) deps.onFactsChange();
  }

  /** Nothing is asked of OpenRouter before the user has turned the cloud on or looks at its view. */
  function prepareUse(): void {
    if (!settingsInForce().cloud || keyInUse() === null) return;
    void fetchModels();
    if (askedAt === null) void checkKey();
  }

  async function open(): Promise<void> {
    const [listening, problems] = await Promise.all([relay.listen(), usage.load()]);
    for (const found of problems) deps.note(found);
    if (listening.ok) {
      address = listening.value;
      deps.registerSecret(address.secret);
    } else deps.note(listening.error);
    awaitMidnight();
    publish();
  }

  function refresh(): void {
    publish();
    prepareUse();
  }

  function facts(): CloudFacts | null {
    const models = premiumFirst(listed, wantedModels());
    if (address === null || keyInUse() === null || models.length === 0) return null;
    const { baseUrl, secretHeader, secret } = address;
    return { baseUrl, secretHeader, fallbackHeader: relayFallbackHeader, secret, models };
  }

  function forgetAccount(): void {
    account = null;
    checkedAt = null;
    askedAt = null;
    keyProblem = null;
    trouble = null;
  }

  /** Only what the Keychain took is used. */
  async function keep(key: string): Promise<Done> {
    const kept = await secrets.set('openrouter', key);
    if (!kept.ok) return kept;
    deps.onFactsChange();
    return done;
  }

  async function setKey(input: string): Promise<Done> {
    const checked = checkSecret('openrouter', input);
    if (!checked.ok) return checked;
    deps.registerSecret(checked.value);
    const known = await checkAccount(client, checked.value);
    if (!known.ok) return fail(notStored(known.error));
    /** Its key would take the place of this one, or its end be told beside one that works. */
    running?.cancel();
    const kept = await keep(checked.value);
    if (kept.ok) {
      forgetAccount();
      account = known.value;
      checkedAt = now();
      askedAt = checkedAt;
      signInProblem = null;
    }
    refresh();
    return kept;
  }

  async function removeKey(): Promise<Done> {
    const removed = await secrets.remove('openrouter');
    forgetAccount();
    const off = await config.set('cloud', false);
    deps.onFactsChange();
    publish();
    if (!removed.ok) return removed;
    return off.ok ? done : off;
  }

  async function checkKey(): Promise<Done> {
    const key = keyInUse();
    if (key === null) return fail(noKey);
    askedAt = now();
    const known = await checkAccount(client, key);
    /** Another key was set meanwhile: this answer is about the old one. */
    if (keyInUse() !== key || closed) return done;
    if (known.ok) {
      account = known.value;
      checkedAt = now();
      keyProblem = null;
    } else keyProblem = known.error;
    publish();
    return known.ok ? done : known;
  }

  function wantedKey(): WantedKey {
    return {
      label: keyLabel,
      limitUsd: settingsInForce().cloudMonthlyCapUsd ?? keyLimitUsd,
      limitPeriod: 'monthly',
    };
  }

  async function signIn(): Promise<Done> {
    running?.cancel();
    const attempt = startSignIn({
      client,
      origin: upstream.origin,
      wanted: wantedKey(),
      openInBrowser: deps.openInBrowser,
      registerSecret: deps.registerSecret,
      log: (line) => log(`Sign-in: ${line}`),
    });
    running = attempt;
    signInProblem = null;
    publish();
    void attempt.done.then(async (result) => {
      const kept = result.ok ? await keep(result.value) : result;
      if (running === attempt) {
        running = null;
        signInProblem = kept.ok || kept.error.code === 'sign-in-cancelled' ? null : kept.error;
      }
      if (kept.ok) {
        forgetAccount();
        await checkKey();
      }
      refresh();
    });
    return done;
  }

  function cancelSignIn(): Done {
    running?.cancel();
    return done;
  }

  async function setOptions(options: CloudOptions): Promise<Done> {
    if (options.enabled === true && keyInUse() === null) return fail(noKey);
    const changes: readonly (readonly [ConfigKey, YamlScalar | undefined])[] = [
      ['cloud', options.enabled],
      ['local-only', options.localOnly],
      ['cloud-daily-cap-usd', options.dailyCapUsd === null ? 'none' : options.dailyCapUsd],
      ['cloud-monthly-cap-usd', options.monthlyCapUsd === null ? 'none' : options.monthlyCapUsd],
      ['cloud-privacy', options.privacy],
    ];
    for (const [key, value] of changes) {
      if (value === undefined) continue;
      const set = await config.set(key, value);
      if (!set.ok) return set;
    }
    return done;
  }

  async function listModels(): Promise<Result<ListedModels>> {
    const read = await lists.read();
    if (!read.ok) return read;
    if (read.value.models !== listed) {
      takeList(read.value.models);
      publish();
    }
    const { models, fetchedAt, problem: stale } = read.value;
    return ok({ models: models.map(listedEntry), fetchedAt, problem: stale });
  }

  async function setModels(ids: readonly string[]): Promise<Done> {
    if (ids.length === 0) {
      const removed = await config.remove('cloud-models');
      return removed.ok ? done : removed;
    }
    const read = await lists.read();
    if (!read.ok) return read;
    const [missing] = chooseModels(read.value.models, ids).missing;
    if (missing !== undefined) return fail(unknownModel(missing));
    const set = await config.set('cloud-models', [...new Set(ids)].join(', '));
    return set.ok ? done : set;
  }

  async function close(): Promise<void> {
    closed = true;
    clearTimeout(publishTimer);
    clearTimeout(midnightTimer);
    running?.cancel();
    await relay.close();
    client.close();
    await usage.flush();
  }

  return {
    open,
    facts,
    status,
    refresh,
    setKey,
    removeKey,
    checkKey,
    signIn,
    cancelSignIn,
    setOptions,
    listModels,
    setModels,
    close,
  };
}

const noKey = problem('cloud-needs-key', cloudWords.noKeyYet, cloudWords.signInOrPaste);

const unknownModel = (id: string) =>
  problem('cloud-model-unknown', cloudWords.modelNotListed(id.slice(0, 80)), cloudWords.chooseFromList);

/** A key that could not be checked is not kept: the person would find out with the first request. */
const notStored = ({ code, message, hint }: Problem): Problem =>
  problem(code, cloudWords.keyNotStored(message), hint);
