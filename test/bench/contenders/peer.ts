/** Another supervisor that runs the same servers. */
import type { BenchServer } from '../servers.ts';

export type PeerName = 'pm2' | 'supervisord';

export interface PeerRun {
  /** Of the supervisor itself. */
  readonly daemonPid: number;
  /** Ends its servers, then itself. */
  end(): Promise<void>;
}

export interface Peer {
  readonly name: PeerName;
  readonly version: string;
  /** Resolves when it was told to start them; `folder` is its own, and holds what it remembers. */
  start(servers: readonly BenchServer[], folder: string): Promise<PeerRun>;
  /** What it makes of a server now: a state in its own words, and how often it restarted it. */
  describe(server: BenchServer, folder: string): Promise<string>;
}

/** Present, or why not. */
export type PeerState =
  | { readonly kind: 'present'; readonly name: PeerName; readonly peer: Peer }
  | { readonly kind: 'missing'; readonly name: PeerName; readonly reason: string };
