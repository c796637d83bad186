/** A stand-in for Hugging Face on loopback: the hub's questions and refusals, files from a second server, faults on demand. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { loadCatalogue } from '../../../src-main/catalogue/load.ts';
import { createFaults, type Faults } from './faults.ts';
import { catalogueRepos, type HubFile, type HubRepo } from './repos.ts';
import { sendContent } from './send.ts';

export interface SeenRequest {
  readonly server: 'hub' | 'cdn';
  readonly method: string;
  readonly url: string;
  readonly range: string | null;
  readonly authorization: string | null;
}

export interface HuggingFace {
  /** Of the hub: what `MLX_STACK_HUGGINGFACE_URL` takes. */
  readonly address: string;
  /** Of the server that the hub sends to for large files. */
  readonly cdnAddress: string;
  readonly faults: Faults;
  readonly seen: readonly SeenRequest[];
  add(...repos: readonly HubRepo[]): void;
  /** The next requests to the hub are answered 429. */
  limit(requests: number, seconds: number): void;
  /** Addresses that were given out are no longer good. */
  expireLinks(): void;
  /** Nothing listens any more, and what was connected is cut. */
  goOffline(): Promise<void>;
  goOnline(): Promise<void>;
  /** Resolves when the given number of requests has been seen. */
  untilSeen(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface HuggingFaceOptions {
  readonly port?: number;
  /** Those of the shipped catalogue unless given. */
  readonly repos?: readonly HubRepo[];
  /** Accounts by their token: the private and gated repositories that each may read. */
  readonly tokens?: Readonly<Record<string, readonly string[]>>;
  readonly treePageSize?: number;
  /** Of each connection, unless a fault says otherwise. */
  readonly bytesPerSecond?: number;
}

const maxSeen = 20_000;
const defaultTreePage = 1_000;
const catalogueFolder = path.resolve(import.meta.dirname, '../../../assets/catalogue');

export async function startHuggingFace(options: HuggingFaceOptions = {}): Promise<HuggingFace> {
  const repos = new Map<string, HubRepo>();
  const listed = options.repos ?? catalogueRepos((await loadCatalogue(catalogueFolder)).entries);
  for (const repo of listed) repos.set(repo.id, repo);
  const tokens = new Map(Object.entries(options.tokens ?? {}));
  const pageSize = options.treePageSize ?? defaultTreePage;
  const faults = createFaults(
    options.bytesPerSecond === undefined ? {} : { bytesPerSecond: options.bytesPerSecond },
  );
  const seen: SeenRequest[] = [];
  const watchers = new Set<() => void>();
  let limited = { left: 0, seconds: 0 };
  let era = 0;

  const hub = http.createServer((request, response) => {
    note('hub', request);
    answerHub(request, response);
  });
  const cdn = http.createServer((request, response) => {
    note('cdn', request);
    answerCdn(request, response);
  });
  const hubPort = await listen(hub, options.port ?? 0);
  const cdnPort = await listen(cdn, 0);
  const address = `http://127.0.0.1:${hubPort}`;
  const cdnAddress = `http://127.0.0.1:${cdnPort}`;

  function note(server: SeenRequest['server'], { method, url, headers }: IncomingMessage): void {
    seen.push({
      server,
      method: method ?? '',
      url: url ?? '',
      range: headers.range ?? null,
      authorization: headers.authorization ?? null,
    });
    if (seen.length > maxSeen) seen.shift();
    for (const look of watchers) look();
  }

  function answerHub(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', address);
    if (limited.left > 0) {
      limited = { ...limited, left: limited.left - 1 };
      refuseForNow(response, limited.seconds);
      return;
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    if (token !== null && !tokens.has(token)) {
      refuse(response, 401, null, 'Invalid credentials in Authorization header');
      return;
    }
    if (url.pathname === '/api/models') {
      list(url, response);
      return;
    }
    const api = /^\/api\/models\/([^/]+\/[^/]+)(?:\/(revision|tree)\/([^/]+))?$/.exec(url.pathname);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const id = decodeURIComponent(api?.[1] ?? file?.[1] ?? '');
    const repo = repos.get(id);
    const mayRead = token !== null && (tokens.get(token)?.includes(id) ?? false);
    if (repo === undefined || (repo.isPrivate && !mayRead)) {
      refuse(response, token === null ? 401 : 404, 'RepoNotFound', 'Repository not found');
      return;
    }
    if (repo.isDisabled) {
      refuse(response, 403, null, 'Access to this resource is disabled.');
      return;
    }
    const revision = api?.[3] ?? file?.[2];
    if (revision !== undefined && revision !== 'main' && revision !== repo.commit) {
      refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
      return;
    }
    if (api?.[2] === 'tree') tree(repo, url, response);
    else if (api !== null) sendJson(response, informationOf(repo));
    else if (repo.gated !== false && !mayRead) refuseGated(response, id, token !== null);
    else resolveFile(repo, decodeURIComponent(file?.[3] ?? ''), request, response);
  }

  /** Newest cursor style: an opaque text that stands for the place in the list. */
  function page<T>(all: readonly T[], size: number, url: URL, response: ServerResponse): readonly T[] {
    const cursor = Number(Buffer.from(url.searchParams.get('cursor') ?? '', 'base64url').toString() || 0);
    if (cursor + size < all.length) {
      const next = new URL(url.href);
      next.searchParams.set('cursor', Buffer.from(String(cursor + size)).toString('base64url'));
      response.setHeader('link', `<${next.href}>; rel="next"`);
    }
    return all.slice(cursor, cursor + size);
  }

  function list(url: URL, response: ServerResponse): void {
    const { searchParams } = url;
    const author = searchParams.get('author');
    const task = searchParams.get('pipeline_tag');
    const search = searchParams.get('search')?.toLowerCase();
    const all = [...repos.values()]
      .filter(
        (repo) =>
          !repo.isPrivate &&
          (author === null || repo.id.startsWith(`${author}/`)) &&
          (task === null || repo.task === task) &&
          (search === undefined || repo.id.toLowerCase().includes(search)),
      )
      .toSorted((a, b) => b.downloads - a.downloads);
    const size = Math.min(1_000, Number(searchParams.get('limit') ?? 1_000));
    sendJson(response, page(all, size, url, response).map(rowOf));
  }

  function tree(repo: HubRepo, url: URL, response: ServerResponse): void {
    const folders = new Set(
      repo.files.flatMap((file) => {
        const parts = file.path.split('/').slice(0, -1);
        return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
      }),
    );
    const all = [
      ...[...folders].map((folder) => ({
        type: 'directory',
        oid: commitLike(folder),
        size: 0,
        path: folder,
      })),
      ...repo.files.map((file) => entryOf(file, faults.look(repo.id, file.path).listedBytesMore ?? 0)),
    ];
    sendJson(response, page(all, pageSize, url, response));
  }

  function resolveFile(
    repo: HubRepo,
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const file = repo.files.find((each) => each.path === name);
    response.setHeader('x-repo-commit', repo.commit);
    if (file === undefined) {
      refuse(response, 404, 'EntryNotFound', 'Entry not found');
      return;
    }
    const fault = file.isLarge ? faults.look(repo.id, name) : faults.use(repo.id, name);
    if (fault.otherCommit !== undefined) response.setHeader('x-repo-commit', fault.otherCommit);
    if (!file.isLarge) {
      if (fault.status !== undefined) response.writeHead(fault.status).end();
      else sendContent(request, response, file.content, { etag: `"${file.oid()}"` }, fault);
      return;
    }
    const { content } = file;
    response.writeHead(302, {
      'x-linked-size': String(content.sizeBytes + (fault.linkedBytesMore ?? 0)),
      'x-linked-etag': `"${fault.otherEtag ?? file.hash()}"`,
      etag: `"${file.hash()}"`,
      'accept-ranges': 'bytes',
      location: fault.redirectTo ?? linkTo(repo, file),
    });
    response.end();
  }

  const linkTo = (repo: HubRepo, { path: name, hash }: HubFile): string =>
    `${cdnAddress}/repos/${repo.id}/${hash()}?file=${encodeURIComponent(name)}&Signature=${signatureOf(hash())}`;
  const signatureOf = (hash: string) =>
    createHash('sha256').update(`${era} ${hash}`).digest('hex').slice(0, 32);

  function answerCdn(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', cdnAddress);
    const [, id = '', hash = ''] = /^\/repos\/([^/]+\/[^/]+)\/([0-9a-f]{64})$/.exec(url.pathname) ?? [];
    const name = url.searchParams.get('file') ?? '';
    const file = repos.get(id)?.files.find((each) => each.path === name);
    if (file === undefined || url.searchParams.get('Signature') !== signatureOf(hash)) {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>');
      return;
    }
    const fault = faults.use(id, name);
    if (fault.status !== undefined) response.writeHead(fault.status).end();
    else sendContent(request, response, file.content, { etag: `"${hash}"` }, fault);
  }

  async function goOffline(): Promise<void> {
    await Promise.all([hub, cdn].map(end));
  }

  return {
    address,
    cdnAddress,
    faults,
    seen,
    add: (...more) => {
      for (const repo of more) repos.set(repo.id, repo);
    },
    limit: (requests, seconds) => {
      limited = { left: requests, seconds };
    },
    expireLinks: () => {
      era += 1;
    },
    goOffline,
    goOnline: async () => {
      await listen(hub, hubPort);
      await listen(cdn, cdnPort);
    },
    untilSeen: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (seen.length < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    close: goOffline,
  };
}

async function listen(server: http.Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return bound.port;
}

async function end(server: http.Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string | null, message: string): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...(code === null ? {} : { 'x-error-code': code }),
    'x-error-message': message,
  });
  response.end(JSON.stringify({ error: message }));
}

function refuseGated(response: ServerResponse, id: string, hasToken: boolean): void {
  const message = hasToken
    ? `Access to model ${id} is restricted and you are not in the authorized list. Visit https://huggingface.co/${id} to ask for access.`
    : `Access to model ${id} is restricted. You must have access to it and be authenticated to access it. Please log in.`;
  refuse(response, hasToken ? 403 : 401, 'GatedRepo', message);
}

function refuseForNow(response: ServerResponse, seconds: number): void {
  response.writeHead(429, {
    ratelimit: `"api";r=0;t=${seconds}`,
    'ratelimit-policy': '"fixed window";"api";q=500;w=300',
    'content-type': 'text/plain',
  });
  response.end('We had to rate limit your IP.');
}

const rowOf = ({ id, downloads, isPrivate, gated, task, commit }: HubRepo) => ({
  _id: commit.slice(0, 24),
  id,
  modelId: id,
  likes: Math.round(downloads / 1_000),
  trendingScore: 0,
  private: isPrivate,
  ...(gated === false ? {} : { gated }),
  downloads,
  tags: ['mlx', 'safetensors', task],
  pipeline_tag: task,
  library_name: 'mlx',
  createdAt: '2026-08-14T00:00:00.000Z',
});

const informationOf = (repo: HubRepo) => ({
  ...rowOf(repo),
  author: repo.id.split('/')[0],
  sha: repo.commit,
  lastModified: '2026-08-14T00:00:00.000Z',
  gated: repo.gated,
  disabled: false,
  siblings: repo.files.map((file) => ({ rfilename: file.path })),
});

const commitLike = (text: string) => createHash('sha1').update(text).digest('hex');

function entryOf(file: HubFile, bytesMore: number) {
  const size = file.content.sizeBytes + bytesMore;
  const shared = { type: 'file', oid: file.oid(), size, path: file.path };
  return file.isLarge
    ? { ...shared, lfs: { oid: file.hash(), size, pointerSize: 134 }, xetHash: file.hash() }
    : shared;
}
