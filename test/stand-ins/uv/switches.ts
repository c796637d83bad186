/** What the stand-in can be made to do, read strictly so that a misspelt fault is noticed. */
export const uvSteps = ['venv', 'compile', 'sync'] as const;
export type UvStep = (typeof uvSteps)[number];

export interface UvSwitches {
  /** Ends there with what uv says then. */
  readonly fault?: {
    readonly at: UvStep;
    readonly kind: 'no-network' | 'no-solution' | 'disk-full' | 'hash-mismatch' | 'panic' | 'killed' | 'old';
  };
  /** Never ends there; for `sync` with half of the packages in place. */
  readonly hangAt?: UvStep;
  /** Of each package that is downloaded or installed. */
  readonly packageMs?: number;
  /** Absolute: while this file is there, no package comes. */
  readonly heldBy?: string;
  readonly ignoreTerm?: boolean;
  /** A process of its own that holds the output open while it hangs. */
  readonly grandchild?: boolean;
  /** The index offers another version than was asked for. */
  readonly resolveAs?: Readonly<Record<string, string>>;
  /** Another version is installed than is in the list. */
  readonly installAs?: Readonly<Record<string, string>>;
  /** Left out of the installation without a word. */
  readonly omit?: readonly string[];
  /** Files that a package brings into site-packages. */
  readonly files?: Readonly<Record<string, string>>;
  /** The engines that it installs: end at once, or never answer, or lack options. */
  readonly engine?: { readonly fault?: 'broken' | 'hang'; readonly without?: readonly string[] };
  /** Absolute: one JSON line for each run. */
  readonly record?: string;
}

const known: Readonly<Record<keyof UvSwitches, true>> = {
  fault: true,
  hangAt: true,
  packageMs: true,
  heldBy: true,
  ignoreTerm: true,
  grandchild: true,
  resolveAs: true,
  installAs: true,
  omit: true,
  files: true,
  engine: true,
  record: true,
};

const isSwitches = (value: unknown): value is UvSwitches =>
  typeof value === 'object' && value !== null && Object.keys(value).every((key) => Object.hasOwn(known, key));

export function readUvSwitches(text: string | undefined): UvSwitches {
  if (text === undefined) return {};
  const value: unknown = JSON.parse(text);
  if (!isSwitches(value)) throw new Error(`UV_STANDIN has an unknown switch: ${text}`);
  return value;
}
