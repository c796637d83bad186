/** Whether a port is free on both loopbacks, and who holds it when it is not. */
import { createConnection, createServer } from 'node:net';
import { supervisorWords } from '../words/index.ts';
import type { RunTool } from './child.ts';
import { readProcess } from './process-table.ts';

const loopbacks = ['127.0.0.1', '::1'] as const;
const connectTimeoutMs = 1_000;

/**
 * Free means: nothing accepts a connection and a bind succeeds, on 127.0.0.1 and on ::1. Both are asked because a
 * bind next to a wildcard listener succeeds on macOS, and because `localhost` resolves to ::1 first: a listener there
 * would take our clients' requests. A machine without IPv6 has nothing on ::1.
 */
export async function isPortFree(port: number): Promise<boolean> {
  const free = await Promise.all(loopbacks.map((host) => isFreeOn(host, port)));
  return free.every(Boolean);
}

/**
 * Whether anything listens on the port. Unlike `isPortFree` this never binds it: a server that is just starting would
 * find it taken, by us.
 */
export async function isListening(port: number): Promise<boolean> {
  const answers = await Promise.all(loopbacks.map((host) => accepts(host, port)));
  return answers.some(Boolean);
}

async function isFreeOn(host: string, port: number): Promise<boolean> {
  return !(await accepts(host, port)) && (await canBind(host, port));
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, family: host === '::1' ? 6 : 4 });
    const done = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    // Where our own event loop was late, the answer lies there unread: it is read before the time counts.
    socket.setTimeout(connectTimeoutMs, () => setImmediate(() => done(true)));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

function canBind(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(noSuchAddress.has(error.code ?? '')));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const noSuchAddress = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

export interface PortHolder {
  readonly pid: number;
  /** What the process calls itself, for the sentence on screen. */
  readonly name: string;
}

/** Who listens on a port, when the system tells; macOS hides other users' processes. */
export async function findPortHolder(port: number, run: RunTool): Promise<PortHolder | null> {
  const pid = await listeningPid(['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'], run);
  if (pid === null) return null;
  const row = await readProcess(pid, run);
  return { pid, name: row === null ? supervisorWords.anotherProgram : programName(row.command) };
}

/** Whether a process of the group `pgid` listens on `port`. `null`: the system did not tell. */
export async function groupOwnsPort(pgid: number, port: number, run: RunTool): Promise<boolean | null> {
  const holder = await lsof(['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpgn'], run);
  if (holder === null) return null;
  const groups = [...holder.matchAll(/^g(\d+)$/gm)].map((match) => Number(match[1]));
  return groups.length === 0 ? null : groups.includes(pgid);
}

async function listeningPid(args: readonly string[], run: RunTool): Promise<number | null> {
  const text = await lsof(args, run);
  const pid = text === null ? undefined : /^p(\d+)$/m.exec(text)?.[1];
  return pid === undefined ? null : Number(pid);
}

const lsofTimeoutMs = 5_000;

async function lsof(args: readonly string[], run: RunTool): Promise<string | null> {
  const result = await run('lsof', args, { timeoutMs: lsofTimeoutMs });
  return result.stdout === '' ? null : result.stdout;
}

const interpreters = /^(?:node|bun|python[\d.]*|ruby|perl|sh|bash|zsh)$/i;
/** Options of interpreters whose value is the next word, not the script. */
const valueOptions = new Set(['-r', '--require', '--import', '--loader', '-C', '--conditions', '-W', '-X']);

/** `/opt/x/bin/python3 /opt/x/bin/server --port 1` is called `server`; options and values tell nobody anything. */
export function programName(command: string): string {
  const words = command.split(/\s+/).filter(Boolean);
  const base = (word: string) => word.slice(word.lastIndexOf('/') + 1);
  const first = base(words[0] ?? '');
  const rest = words.slice(1);
  const script = rest.find(
    (word, index) => !word.startsWith('-') && !valueOptions.has(rest[index - 1] ?? ''),
  );
  if (interpreters.test(first) && script !== undefined) return base(script);
  return first === '' ? supervisorWords.anotherProgram : first;
}
