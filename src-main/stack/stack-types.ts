/** A stack as its file says it, checked. */

export type FlagValue = string | number | boolean;

export interface Tier {
  /** What clients put in `model`. */
  readonly name: string;
  /** What the CLI calls the model: a catalogue id or a display name. */
  readonly model: string;
  readonly quant: string | null;
  /** Hugging Face repository id, or the absolute path of a folder. */
  readonly source: string;
  readonly port: number;
  /** Options of the engine in file order, names with `-`. */
  readonly flags: ReadonlyMap<string, FlagValue>;
  /** Ours: what to call the tier on screen. */
  readonly displayName: string | null;
  /** Ours: the longest context in tokens to offer, when less than the model's own. */
  readonly context: number | null;
}

export interface Stack {
  readonly name: string;
  readonly hardwareProfile: string | null;
  readonly intent: string | null;
  readonly created: string | null;
  readonly tiers: readonly Tier[];
  readonly cloudFallback: { readonly provider: string; readonly models: readonly string[] } | null;
}
