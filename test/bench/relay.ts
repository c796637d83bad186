/** What the relay adds to a request, beside the same traffic direct, through a bare Node proxy and through nginx. Alone: `node test/bench/relay.ts`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { keptConnectionMs } from '../../src-main/cloud/kept-connections.ts';
import { loopbackUpstream } from '../../src-main/cloud/openrouter.ts';
import { createRelay } from '../../src-main/cloud/relay.ts';
import type { CloudSettings } from '../../src-main/cloud/settings.ts';
import { createSpendGuard } from '../../src-main/cloud/spend.ts';
import { createUsage, usageFileName } from '../../src-main/cloud/usage.ts';
import { createHomeFiles } from '../../src-main/files/home-files.ts';
import { startOpenRouter } from '../stand-ins/openrouter/openrouter.ts';
import { canaryKey, chat, sonnet, testModels } from '../stand-ins/openrouter/with-relay.ts';
import { median, quantile } from './statistics.ts';

export interface RelayRow {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms';
  /** `null`: for comparison only. */
  readonly budget: number | null;
  readonly ok: boolean;
}

export interface RelayBenchRun {
  readonly rounds: number;
  /** Of a round, direct and through the route each, in quiet and again beside the streams. */
  readonly requests: number;
  readonly streams: number;
}

const fullRun: RelayBenchRun = { rounds: 5, requests: 200, streams: 50 };
const medianBudgetMs = 1;
const p99BudgetMs = 5;
/** A fast model: 50 parts a second, in answers of a second. */
const parts = 50;
const partDelayMs = 20;
const v8Flags = path.join(import.meta.dirname, '../../src-main/v8-flags.ts');
const warmUpRequests = 100;
const nginxStartLimitMs = 5_000;

interface Route {
  readonly name: 'direct' | 'relay' | 'bare proxy' | 'nginx';
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Of one round through one route: the same moments direct and through it. */
interface Pair {
  readonly direct: number[];
  readonly through: number[];
}

interface Measured {
  readonly quiet: Pair[];
  readonly busy: Pair[];
}

export async function benchRelay(run: RelayBenchRun = fullRun): Promise<readonly RelayRow[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-relay-'));
  const children: ChildProcess[] = [];
  try {
    const upstream = await startRole(children, 'upstream');
    const relay = await startRole(children, 'relay', String(upstream.port), folder);
    const bare = await startRole(children, 'bare', String(upstream.port));
    const nginxPort = await startNginx(children, folder, upstream.port);
    const headers = { authorization: `Bearer ${canaryKey}` };
    const direct: Route = { name: 'direct', port: upstream.port, headers };
    const through: Route[] = [
      { name: 'relay', port: relay.port, headers: { [relay.secretHeader]: relay.secret } },
      { name: 'bare proxy', port: bare.port, headers },
      ...(nginxPort === null ? [] : [{ name: 'nginx' as const, port: nginxPort, headers }]),
    ];
    const measured = new Map<Route, Measured>();
    for (const route of through) {
      await measureRound(direct, route, { ...run, requests: warmUpRequests });
      measured.set(route, { quiet: [], busy: [] });
    }
    for (let round = 0; round < run.rounds; round += 1) {
      for (const [route, into] of measured) {
        const { quiet, busy } = await measureRound(direct, route, run);
        into.quiet.push(quiet);
        into.busy.push(busy);
      }
    }
    return [...measured].flatMap(([route, pairs]) => rowsOf(route, pairs, run.streams));
  } finally {
    await Promise.all(children.map(endChild));
    await rm(folder, { recursive: true, force: true });
  }
}

/** The median over the rounds: another program's burst spoils a round, not the figure. */
function added(pairs: readonly Pair[], share: number): number {
  return median(pairs.map(({ direct, through }) => quantile(through, share) - quantile(direct, share)));
}

function rowsOf({ name }: Route, { quiet, busy }: Measured, streams: number): RelayRow[] {
  const row = (what: string, value: number, limit: number): RelayRow => {
    const budget = name === 'relay' ? limit : null;
    return {
      name: `${name} adds to ${what}`,
      value,
      unit: 'ms',
      budget,
      ok: budget === null || value <= budget,
    };
  };
  const beside = `a request beside ${streams} streams`;
  return [
    row('a request, p50', added(quiet, 0.5), medianBudgetMs),
    row('a request, p99', added(quiet, 0.99), p99BudgetMs),
    row(`${beside}, p50`, added(busy, 0.5), medianBudgetMs),
    row(`${beside}, p99`, added(busy, 0.99), p99BudgetMs),
  ];
}

/** In turns, so that both see the same machine; the streams go through the route that is measured. */
async function measureRound(
  direct: Route,
  route: Route,
  run: RelayBenchRun,
): Promise<{ quiet: Pair; busy: Pair }> {
  const agent = new http.Agent({ keepAlive: true });
  const inTurns = async (): Promise<Pair> => {
    const pair: Pair = { direct: [], through: [] };
    for (let count = 0; count < run.requests; count += 1) {
      pair.direct.push(await ask(direct, agent, bodies.whole));
      pair.through.push(await ask(route, agent, bodies.whole));
    }
    return pair;
  };
  try {
    const quiet = await inTurns();
    const stop = { now: false };
    const streams = Array.from({ length: run.streams }, async (_, index) => {
      /** Spread over an answer's length, as people are, and over the pause between two parts: no common beat. */
      await delay((index * (parts + 1) * partDelayMs) / run.streams);
      while (!stop.now) await ask(route, agent, bodies.stream);
    });
    await delay((parts + 1) * partDelayMs);
    const busy = await inTurns();
    stop.now = true;
    await Promise.all(streams);
    return { quiet, busy };
  } finally {
    agent.destroy();
  }
}

/** Bounded, as a cap would have them run alone otherwise. */
const bodies = { whole: chat({ max_tokens: parts }), stream: chat({ max_tokens: parts, stream: true }) };

/** How long it took, in milliseconds. */
function ask(route: Route, agent: http.Agent, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const beganMs = performance.now();
    const request = http.request(
      {
        agent,
        host: '127.0.0.1',
        port: route.port,
        method: 'POST',
        path: '/api/v1/chat/completions',
        headers: {
          ...route.headers,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`${route.name} answered ${response.statusCode}`));
        response.on('end', () => resolve(performance.now() - beganMs));
        response.on('error', reject);
        response.resume();
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

interface Listening {
  readonly port: number;
  readonly secretHeader: string;
  readonly secret: string;
}

/** A process of its own for each part, as in life; it ends when its stdin does. */
async function startRole(
  children: ChildProcess[],
  role: 'upstream' | 'relay' | 'bare',
  ...args: string[]
): Promise<Listening> {
  /** The relay as in the app, whose main process does without V8's best compiler. */
  const asInTheApp = role === 'relay' ? ['--import', v8Flags] : [];
  const child = spawn(process.execPath, [...asInTheApp, import.meta.filename, role, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line]: unknown[] = await once(createInterface(child.stdout), 'line');
  const said: unknown = JSON.parse(String(line));
  const field = (name: string) =>
    typeof said === 'object' && said !== null ? Reflect.get(said, name) : undefined;
  return {
    port: Number(field('port')),
    secretHeader: String(field('secretHeader')),
    secret: String(field('secret')),
  };
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Debian's nginx as a plain reverse proxy that buffers nothing; `null` where there is none. */
async function startNginx(
  children: ChildProcess[],
  folder: string,
  upstreamPort: number,
): Promise<number | null> {
  const port = await freePort();
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `daemon off; ${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes 1;
pid ${folder}/nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; ${temp.join(' ')}
  upstream standin { server 127.0.0.1:${upstreamPort}; keepalive 64; }
  server { listen 127.0.0.1:${port}; keepalive_requests 100000;
    location / { proxy_pass http://standin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
  }
}
`;
  const file = path.join(folder, 'nginx.conf');
  await writeFile(file, config);
  const env = {
    ...process.env,
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin`,
  };
  const child = spawn('nginx', ['-p', folder, '-c', file], { stdio: ['ignore', 'ignore', 'inherit'], env });
  const failed = new Promise<false>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(false));
  });
  if (!(await Promise.race([failed, untilListening(port)]))) return null;
  children.push(child);
  return port;
}

async function untilListening(port: number): Promise<boolean> {
  const deadlineMs = performance.now() + nginxStartLimitMs;
  while (performance.now() < deadlineMs) {
    const socket = net.connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return true;
    await delay(20);
  }
  return false;
}

async function serveUpstream(): Promise<void> {
  const standIn = await startOpenRouter({ keys: [canaryKey], behaviour: { parts, partDelayMs } });
  process.stdout.write(`${JSON.stringify({ port: Number(new URL(standIn.origin).port) })}\n`);
}

/** With the record of its use on disk, as in the app: that is part of what a request costs. */
async function serveRelay(upstreamPort: string, home: string): Promise<void> {
  const upstream = loopbackUpstream(`http://127.0.0.1:${upstreamPort}`);
  if (!upstream.ok) throw new Error(upstream.error.message);
  const settings: CloudSettings = {
    enabled: true,
    localOnly: false,
    dailyCapUsd: 1_000,
    monthlyCapUsd: 10_000,
    privacy: 'zero-retention',
    models: testModels.filter(({ id }) => id === sonnet),
  };
  const usage = createUsage({
    files: createHomeFiles({ home }),
    file: path.join(home, usageFileName),
    onProblem: ({ message }) => process.stderr.write(`${message}\n`),
  });
  await usage.load();
  const relay = createRelay({
    getKey: () => canaryKey,
    settings: () => settings,
    spend: createSpendGuard({
      settings: () => settings,
      hasKey: () => true,
      spent: () => usage.spent(),
    }),
    record: usage.record,
    log: (line) => process.stderr.write(`${line}\n`),
    upstream: upstream.value,
  });
  const listening = await relay.listen();
  if (!listening.ok) throw new Error(listening.error.message);
  process.stdout.write(`${JSON.stringify(listening.value)}\n`);
}

/** The least that Node can do: what the relay costs beyond this is its checks. */
async function serveBareProxy(upstreamPort: string): Promise<void> {
  /** It does not look whether a connection has ended: it must let go of each before the upstream does. */
  const agent = new http.Agent({ keepAlive: true, timeout: keptConnectionMs });
  const server = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const path = url ?? '/';
    const outgoing = http.request({
      agent,
      host: '127.0.0.1',
      port: upstreamPort,
      method: method ?? 'GET',
      path,
      headers,
    });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    request.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
}

async function alone(): Promise<void> {
  const rows = await benchRelay();
  for (const { name, value, unit, budget, ok } of rows) {
    const verdict = budget === null ? '' : `  budget ${budget} ${unit}: ${ok ? 'kept' : 'NOT KEPT'}`;
    process.stdout.write(`${name.padEnd(62)} ${value.toFixed(3).padStart(9)} ${unit}${verdict}\n`);
  }
  process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
}

if (import.meta.main) {
  const [role, upstreamPort = '', home = ''] = process.argv.slice(2);
  /** Whoever started it is gone. */
  if (role !== undefined) process.stdin.on('end', () => process.exit()).resume();
  if (role === 'upstream') await serveUpstream();
  else if (role === 'relay') await serveRelay(upstreamPort, home);
  else if (role === 'bare') await serveBareProxy(upstreamPort);
  else await alone();
}
