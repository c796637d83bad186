/** A relay in front of the stand-in, as the tests and the bench use it, and a client that speaks raw HTTP to it. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { RelayLimits } from '../../../src-main/cloud/limits.ts';
import { loopbackUpstream } from '../../../src-main/cloud/openrouter.ts';
import {
  createRelay,
  type Relay,
  type RelayAddress,
  type RelayEvent,
} from '../../../src-main/cloud/relay.ts';
import type { CloudModel, CloudSettings } from '../../../src-main/cloud/settings.ts';
import { createSpendGuard } from '../../../src-main/cloud/spend.ts';
import type { UsageRecord } from '../../../src-main/cloud/usage-record.ts';
import { type OpenRouterOptions, type OpenRouterStandIn, startOpenRouter } from './openrouter.ts';

/** In the shape of a real key; worthless, and searched for in all that comes out. */
export const canaryKey = `sk-or-v1-${'ca'.repeat(32)}`;
export const sonnet = '~anthropic/claude-sonnet-latest';
export const mini = '~openai/gpt-mini-latest';

export const testModels: readonly CloudModel[] = [
  {
    id: sonnet,
    prices: { promptUsd: 0.000003, completionUsd: 0.000015 },
    contextTokens: 1_000_000,
    answerMaxTokens: 64_000,
  },
  {
    id: mini,
    prices: { promptUsd: 0.00000025, completionUsd: 0.000002 },
    contextTokens: 400_000,
    answerMaxTokens: 128_000,
  },
  { id: 'openrouter/auto', prices: null, contextTokens: null, answerMaxTokens: null },
];

export interface RelayBench {
  readonly upstream: OpenRouterStandIn;
  readonly relay: Relay;
  readonly address: RelayAddress;
  /** Changed in place; the relay asks for it with each request. */
  settings: CloudSettings;
  key: string | null;
  readonly records: UsageRecord[];
  readonly events: RelayEvent[];
  readonly log: string[];
  /** Resolves with the record after `count` of them. */
  recorded(count: number): Promise<UsageRecord>;
  close(): Promise<void>;
}

export interface RelayBenchOptions {
  readonly upstream?: OpenRouterOptions;
  readonly limits?: Partial<RelayLimits>;
  readonly settings?: Partial<CloudSettings>;
  /** Instead of the stand-in's own address. */
  readonly origin?: string;
  readonly ca?: string;
}

export async function startRelay(options: RelayBenchOptions = {}): Promise<RelayBench> {
  const upstream = await startOpenRouter({ keys: [canaryKey], ...options.upstream });
  const target = loopbackUpstream(options.origin ?? upstream.origin, options.ca);
  if (!target.ok) throw new Error(target.error.message);
  const records: UsageRecord[] = [];
  const waiting = new Set<() => void>();
  const bench = {
    upstream,
    settings: {
      enabled: true,
      localOnly: false,
      dailyCapUsd: null,
      monthlyCapUsd: null,
      privacy: 'zero-retention',
      models: testModels,
      ...options.settings,
    } satisfies CloudSettings as CloudSettings,
    key: canaryKey as string | null,
    records,
    events: [] as RelayEvent[],
    log: [] as string[],
  };
  const sum = () => records.reduce((usd, record) => usd + record.costUsd, 0);
  const relay = createRelay({
    getKey: () => bench.key,
    settings: () => bench.settings,
    spend: createSpendGuard({
      settings: () => bench.settings,
      hasKey: () => bench.key !== null,
      spent: () => ({ todayUsd: sum(), monthUsd: sum() }),
    }),
    record(record) {
      records.push(record);
      for (const wake of waiting) wake();
    },
    onEvent: (event) => bench.events.push(event),
    log: (line) => bench.log.push(line),
    upstream: target.value,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const listening = await relay.listen();
  if (!listening.ok) throw new Error(listening.error.message);

  return Object.assign(bench, {
    relay,
    address: listening.value,
    async recorded(count: number): Promise<UsageRecord> {
      while (records.length < count) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
      const record = records[count - 1];
      if (record === undefined) throw new Error('There is no such record');
      return record;
    },
    async close() {
      await relay.close();
      await upstream.close();
    },
  });
}

export const chat = (more: object = {}): string =>
  JSON.stringify({ model: sonnet, messages: [{ role: 'user', content: 'Hi' }], ...more });

export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The connection broke before the end. */
  readonly broken: boolean;
}

export interface AskOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
  readonly signal?: AbortSignal;
}

/** One request as the gateway makes it. */
export async function ask(address: RelayAddress, options: AskOptions = {}): Promise<Reply> {
  const body = options.body === undefined ? chat() : options.body;
  const request = http.request({
    host: '127.0.0.1',
    port: address.port,
    agent: false,
    method: options.method ?? 'POST',
    path: options.path ?? '/api/v1/chat/completions',
    headers: {
      [address.secretHeader]: address.secret,
      authorization: 'Bearer dummy',
      ...(body === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...options.headers,
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const answered = once(request, 'response');
  request.end(body ?? undefined);
  const [response]: http.IncomingMessage[] = await answered;
  if (response === undefined) throw new Error('There is no response');
  const parts: Buffer[] = [];
  let broken = false;
  try {
    for await (const part of response) parts.push(part);
  } catch {
    broken = true;
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(parts).toString(),
    broken,
  };
}

/** The error of an OpenAI-shaped answer, or of the last event of a stream. */
export function errorOf(text: string): {
  readonly code: string;
  readonly message: string;
  readonly type: string;
} {
  const json = text.startsWith('{')
    ? text
    : (text
        .trimEnd()
        .split('\n')
        .at(-1)
        ?.replace(/^data: /, '') ?? '');
  const value: unknown = JSON.parse(json);
  const error: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'error') : null;
  if (typeof error !== 'object' || error === null) throw new Error('There is no error in it');
  return {
    code: String(Reflect.get(error, 'code')),
    message: String(Reflect.get(error, 'message')),
    type: String(Reflect.get(error, 'type')),
  };
}

/** Resolves when the socket is closed, in whatever way; `once` would reject on an error. */
export function closing(socket: net.Socket): Promise<void> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

/** Bytes as given to the relay's port; all that comes back until it closes. */
export async function askRaw(address: RelayAddress, bytes: string | readonly string[]): Promise<string> {
  const socket = net.connect(address.port, '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  const closed = closing(socket);
  for (const piece of typeof bytes === 'string' ? [bytes] : bytes) socket.write(piece, 'latin1');
  await closed;
  return Buffer.concat(parts).toString('latin1');
}
