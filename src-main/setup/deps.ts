/** What setup needs of the rest of the app, as narrow as it uses it. Types only. */
import type { CatalogueEntry } from '../catalogue/entry.ts';
import type { EngineName } from '../contract/engines.ts';
import type { Result } from '../contract/result.ts';
import type { MemoryNow } from '../hardware/detect.ts';
import type { MachineMemory } from '../hardware/hardware.ts';
import type { NewMeasured } from '../models/measured.ts';
import type { ModelFolderFacts } from '../stack/model-folder.ts';
import type { Stack } from '../stack/stack-types.ts';
import type { ServiceView } from '../supervisor/supervisor.ts';

/** What an installation does, and how far it is, stands in `engines.job` of the status. */
export interface EnginesDoor {
  /** Those that are not there, or must not run; a configured path that leads nowhere is a refusal. */
  lacking(): Promise<Result<readonly EngineName[]>>;
  /** Aborted, it leaves what there was. */
  install(names: readonly EngineName[], signal: AbortSignal): Promise<Result<unknown>>;
}

/** How far downloads are stands in `models.downloads` of the status. */
export interface ModelsDoor {
  /** Of a repository, or of a folder; `null` where it is not whole on this Mac. */
  find(source: string): Promise<ModelFolderFacts | null>;
  /** Whole on this Mac once it resolves well. Aborted, it pauses what it began. */
  ensure(repo: string, signal: AbortSignal): Promise<Result<unknown>>;
  /** Of a repository that is not in the catalogue. */
  describe(repo: string): Promise<Result<CatalogueEntry>>;
}

export interface Replaced {
  /** What the stack file of before is called now; `null` where there was none. */
  readonly keptAs: string | null;
}

export interface StackDoor {
  /** The one in force. */
  present(): Stack | null;
  /** A new file in place of the one there is, which is kept beside it. */
  replace(text: string): Promise<Result<Replaced>>;
  edit(change: (text: string) => Result<string>): Promise<Result<unknown>>;
  wanted(tier: string): 'on' | 'off';
  /** Holds also for tiers that the stack is only about to have. */
  want(changes: Readonly<Record<string, 'on' | 'off'>>): Promise<Result<unknown>>;
  /** Reads anew what is there, and makes the services match. */
  refresh(): Promise<void>;
  startAll(): Promise<Result<unknown>>;
  start(tier: string): Promise<Result<unknown>>;
  stop(service: string): Promise<Result<unknown>>;
  /** Of a tier that failed because somebody else has its port. */
  moveToFreePort(tier: string): Promise<Result<unknown>>;
  isPortFree(port: number): Promise<boolean>;
}

/** What there is of memory, and who has or wants it. */
export interface MemoryDoor {
  services(): readonly ServiceView[];
  limits(): Promise<MachineMemory>;
  /** What the whole Mac has left; `null` where it does not say. */
  now(): Promise<MemoryNow | null>;
  budgetPct(): number;
}

/** What a measurement of speed needs to know, and where its result goes. */
export interface MeasuringDoor {
  /** Requests that the servers at these ports answer or hold back now. */
  requests(ports: readonly number[]): Promise<number>;
  /** The most memory that the server at this port has had since its start; `null` where it does not say. */
  peakMemoryBytes(port: number): Promise<number | null>;
  keep(figure: NewMeasured): Promise<Result<unknown>>;
}

export interface Question {
  readonly baseUrl: string;
  /** `null` for a server that asks for none. */
  readonly apiKey: string | null;
  readonly tier: string;
  readonly text: string;
  readonly maxTokens?: number;
}

export interface AnswerSoFar {
  readonly text: string;
  /** Tokens so far, those of thinking included. */
  readonly tokens: number;
  readonly tokensPerSecond: number | null;
  /** Of the question, where the server has counted them. */
  readonly promptTokens: number | null;
  /** From the question on; 0 while there is none. */
  readonly firstTokenMs: number;
}

/** Asks as a client would: over the gateway, streaming. */
export type AnswerDoor = (
  question: Question,
  onAnswer: (sofar: AnswerSoFar) => void,
  signal: AbortSignal,
) => Promise<Result<AnswerSoFar>>;
