/** What every row is given. */
import type { PeerState } from './contenders/peer.ts';
import type { BenchOptions } from './options.ts';
import type { Stage } from './stage.ts';

export interface BenchContext {
  readonly stage: Stage;
  readonly options: BenchOptions;
  readonly peers: readonly PeerState[];
  /** Progress, for the person who waits. */
  readonly log: (line: string) => void;
}
