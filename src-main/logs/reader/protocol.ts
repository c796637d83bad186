/** What the main thread and a reader thread say to each other. */
import type { LogCount, LogFound, LogPage, LogQuery, LogSummary, Ranges } from '../../contract/logs.ts';
import type { Result } from '../../contract/result.ts';
import type { CountInput, Exported, ExportInput, FindInput, PageInput } from './engine.ts';

export interface Requests {
  readonly list: { readonly input: null; readonly output: LogSummary[] };
  readonly page: { readonly input: PageInput; readonly output: LogPage };
  readonly find: { readonly input: FindInput; readonly output: LogFound };
  readonly count: { readonly input: CountInput; readonly output: LogCount };
  readonly export: { readonly input: ExportInput; readonly output: Exported };
  readonly entry: {
    readonly input: { readonly log: string; readonly segment: number; readonly offset: number };
    readonly output: string;
  };
  readonly highlight: {
    readonly input: { readonly query: LogQuery; readonly texts: readonly string[] };
    readonly output: Ranges[];
  };
  /** While on, a `grew` follows each change. */
  readonly watch: { readonly input: boolean; readonly output: null };
}
export type RequestName = keyof Requests;
export type RequestInput<N extends RequestName> = Requests[N]['input'];
export type RequestOutput<N extends RequestName> = Requests[N]['output'];

export type Request = {
  [N in RequestName]: { readonly id: number; readonly name: N; readonly input: RequestInput<N> };
}[RequestName];

export type FromReader =
  | { readonly kind: 'answer'; readonly id: number; readonly result: Result<unknown> }
  | { readonly kind: 'grew' };

export interface ReaderData {
  readonly dir: string;
  /** One 32-bit number, counted up with each step: a long reading is told apart from a pattern that does not end. */
  readonly steps: SharedArrayBuffer;
}
