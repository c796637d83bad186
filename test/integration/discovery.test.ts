/** Discovery against a server that answers as Hugging Face does, and as it should not. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fetchDetails, maxTreePages, withDetails } from '../../src-main/catalogue/details.ts';
import {
  createDiscovery,
  entryFor,
  freshMs,
  maxPageBytes,
  maxPages,
} from '../../src-main/catalogue/discovery.ts';
import { createHub, maxHubRedirects } from '../../src-main/catalogue/hub.ts';
import { loadCatalogue } from '../../src-main/catalogue/load.ts';
import { createHomeFiles } from '../../src-main/files/home-files.ts';
import { temporaryFolder } from './support/rig.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

async function serve(answer: Answer) {
  const asked: { readonly url: string; readonly token: string | undefined }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', token: request.headers.authorization });
    answer(request, response, new URL(request.url ?? '', 'http://x'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  const { port } = bound;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${port}`, asked, server };
}

const json = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}) => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
};

const row = (name: string, downloads: number, more: object = {}) => ({
  _id: 'x',
  id: `mlx-community/${name}`,
  modelId: `mlx-community/${name}`,
  likes: 1,
  private: false,
  downloads,
  tags: ['mlx', 'safetensors'],
  pipeline_tag: 'text-generation',
  library_name: 'mlx',
  createdAt: '2026-08-14T00:00:00.000Z',
  ...more,
});

async function discoveryAt(
  address: string,
  options: { token?: string; timeoutMs?: number; nowMs?: () => number; home?: string } = {},
) {
  const home = options.home ?? path.join(temporaryFolder(), 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const hub = createHub({
    address,
    fetch,
    token: async () => options.token ?? null,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const { entries } = await loadCatalogue(path.resolve(import.meta.dirname, '../../assets/catalogue'));
  const cacheFile = path.join(home, 'cache', 'discovered-models.json');
  const discovery = createDiscovery({
    hub,
    files: createHomeFiles({ home }),
    cacheFile,
    shipped: entries,
    nowMs: options.nowMs ?? Date.now,
  });
  return { discovery, hub, home, cacheFile, shipped: entries };
}

/** Two pages of text models and one of models that see. */
const community: Answer = (_request, response, url) => {
  if (url.pathname !== '/api/models') return response.writeHead(404).end();
  if (url.searchParams.get('author') !== 'mlx-community') return response.writeHead(400).end();
  if (url.searchParams.get('pipeline_tag') === 'image-text-to-text') {
    return json(response, [
      row('Qwen3.5-9B-4bit', 900),
      row('gemma-4-12B-it-4bit', 800, { gated: 'manual' }),
    ]);
  }
  if (url.searchParams.get('cursor') === 'two') {
    return json(response, [row('Tiny-1B-8bit', 5), row('Qwen3-8B-4bit', 400)]);
  }
  const next = new URL(url.href);
  next.searchParams.set('cursor', 'two');
  const link = `<http://${_request.headers.host}${next.pathname}${next.search}>; rel="next"`;
  return json(
    response,
    [
      row('New-Model-12B-4bit', 5000),
      row('New-Model-12B-4bit-DWQ', 4000),
      row('New-Model-12B-8bit', 3000),
      row('Secret-1B-4bit', 2000, { private: true }),
      { id: '../../evil', downloads: 9 },
      { id: 7 },
      'text',
    ],
    { link },
  );
};

describe('the list', () => {
  it('is read page by page: measured models first, then by downloads, each once per quantisation', async () => {
    const { address, asked } = await serve(community);
    const { discovery, cacheFile } = await discoveryAt(address);
    const { models, source, notice } = await discovery.list();
    expect({ source, notice }).toEqual({ source: 'live', notice: null });
    expect(asked).toHaveLength(3);
    const repos = models.map(({ repo }) => repo.replace('mlx-community/', ''));
    expect(repos.slice(0, 3)).toEqual(['Qwen3.5-9B-4bit', 'gemma-4-12B-it-4bit', 'Qwen3-8B-4bit']);
    const others = repos.filter((repo) => /New|Tiny|Secret|evil/.test(repo));
    expect(others).toEqual(['New-Model-12B-4bit', 'New-Model-12B-8bit', 'Tiny-1B-8bit']);
    expect(models.find(({ repo }) => repo.endsWith('/Qwen3.5-9B-4bit'))).toEqual({
      repo: 'mlx-community/Qwen3.5-9B-4bit',
      name: 'Qwen3.5 9B',
      quant: 'int4',
      parametersB: 9,
      activeParametersB: null,
      downloads: 900,
      vision: true,
      gated: false,
      parsers: { tool: 'qwen3_xml', reasoning: 'qwen3' },
      catalogueId: 'qwen3.5-9b',
    });
    expect(models.find(({ repo }) => repo.endsWith('gemma-4-12B-it-4bit'))?.gated).toBe(true);
    expect(statSync(cacheFile).mode & 0o777).toBe(0o600);
  });

  it('is kept, and asked for again only when it is old or on demand', async () => {
    const { address, asked } = await serve(community);
    let nowMs = 1_000_000_000_000;
    const { discovery, home } = await discoveryAt(address, { nowMs: () => nowMs });
    await Promise.all([discovery.list(), discovery.list()]);
    expect(asked).toHaveLength(3);
    nowMs += freshMs - 1;
    const again = await (await discoveryAt(address, { nowMs: () => nowMs, home })).discovery.list();
    expect(again).toMatchObject({ source: 'cache', notice: null, fetchedAtMs: 1_000_000_000_000 });
    expect(asked).toHaveLength(3);
    await discovery.list({ refresh: true });
    expect(asked).toHaveLength(6);
    nowMs += freshMs;
    expect((await discovery.list()).source).toBe('live');
    nowMs -= 10 * freshMs;
    expect((await discovery.list()).source, 'the clock was set back').toBe('live');
  });

  it('is the kept one while Hugging Face cannot be reached, and says of when', async () => {
    const { address, server } = await serve(community);
    const nowMs = Date.parse('2026-11-01T12:00:00Z');
    const first = await discoveryAt(address, { nowMs: () => nowMs });
    const live = await first.discovery.list();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const later = await discoveryAt(address, { nowMs: () => nowMs + 10 * freshMs, home: first.home });
    const offline = await later.discovery.list();
    expect(offline.models).toEqual(live.models);
    expect(offline).toMatchObject({
      source: 'cache',
      notice: {
        code: 'hub-offline',
        message: 'Hugging Face cannot be reached. This is the list of 2026-11-01.',
      },
    });
  });

  it('is the shipped one when nothing was kept, or what was kept is damaged', async () => {
    const { address, server } = await serve(community);
    server.close();
    const { discovery, cacheFile, shipped } = await discoveryAt(address);
    const check = async () => {
      const offline = await discovery.list();
      expect(offline).toMatchObject({
        source: 'shipped',
        fetchedAtMs: null,
        notice: {
          message: 'Hugging Face cannot be reached. This is the list that comes with MLX Stack.',
        },
      });
      expect(offline.models.length).toBe(shipped.flatMap(({ sources }) => sources).length);
    };
    await check();
    mkdirSync(path.dirname(cacheFile), { recursive: true, mode: 0o700 });
    for (const damage of [
      '',
      '{',
      '{"version":2}',
      '{"version":1,"fetchedAtMs":1,"models":[{"repo":"../x"}]}',
    ]) {
      writeFileSync(cacheFile, damage, { mode: 0o600 });
      await check();
    }
  });

  it('ends after so many pages, however many are offered', async () => {
    const { address, asked } = await serve((request, response, url) => {
      const next = `http://${request.headers.host}${url.pathname}${url.search}&p=1`;
      json(response, [row(`M${asked.length}-1B-4bit`, 1)], { link: `<${next}>; rel="next"` });
    });
    const { discovery } = await discoveryAt(address);
    expect((await discovery.list()).source).toBe('live');
    expect(asked).toHaveLength(2 * maxPages);
  });

  it('never follows a next page, or an answer, to another server', async () => {
    const stranger = await serve(community);
    const { address } = await serve((_request, response) =>
      json(response, [row('A-1B-4bit', 1)], { link: `<${stranger.address}/api/models>; rel="next"` }),
    );
    expect((await (await discoveryAt(address, { token: 'hf_secret' })).discovery.list()).source).toBe('live');
    const moved = await serve((_request, response) =>
      response.writeHead(302, { location: `${stranger.address}/api/models` }).end(),
    );
    const { notice } = await (await discoveryAt(moved.address, { token: 'hf_secret' })).discovery.list();
    expect(notice?.code).toBe('hub-bad-answer');
    expect(stranger.asked).toEqual([]);
  });

  it('that keeps anything of a list whose second page fails is none', async () => {
    const { address } = await serve((request, response, url) =>
      url.searchParams.get('cursor') === 'two' ? response.destroy() : community(request, response, url),
    );
    const { discovery, cacheFile } = await discoveryAt(address);
    expect(await discovery.list()).toMatchObject({ source: 'shipped', notice: { code: 'hub-offline' } });
    expect(() => readFileSync(cacheFile)).toThrow();
  });

  it.each([
    [
      'no JSON',
      (response: ServerResponse) => response.end('<html>sign in to the Wi-Fi</html>'),
      'hub-bad-answer',
    ],
    ['an object', (response: ServerResponse) => json(response, { models: [] }), 'hub-bad-answer'],
    [
      'too much',
      (response: ServerResponse) => response.end(Buffer.alloc(maxPageBytes + 1, 32)),
      'hub-bad-answer',
    ],
    [
      'a cut answer',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('[');
        setImmediate(() => response.destroy());
      },
      'hub-offline',
    ],
    [
      'a rate limit',
      (response: ServerResponse) => response.writeHead(429, { ratelimit: '"api";r=0;t=55' }).end(),
      'hub-rate-limited',
    ],
    ['trouble', (response: ServerResponse) => response.writeHead(503).end(), 'hub-troubled'],
    [
      'a redirect in a circle',
      (response: ServerResponse) => response.writeHead(302, { location: '/api/models' }).end(),
      'hub-bad-answer',
    ],
    ['a redirect to nowhere', (response: ServerResponse) => response.writeHead(302).end(), 'hub-bad-answer'],
  ] as const)('with %s is replaced by the shipped one, and the reason said', async (_what, answer, code) => {
    const { address, asked } = await serve((_request, response) => {
      answer(response);
    });
    const { notice, source } = await (await discoveryAt(address)).discovery.list();
    expect({ source, code: notice?.code }).toEqual({ source: 'shipped', code });
    expect(asked.length).toBeLessThanOrEqual(maxHubRedirects + 1);
  });

  it('waits no longer than its limit, also for an answer that drips', async () => {
    const { address } = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    const startedMs = performance.now();
    const { notice } = await (await discoveryAt(address, { timeoutMs: 300 })).discovery.list();
    expect(notice?.code).toBe('hub-timed-out');
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

const qwenConfig = {
  model_type: 'qwen3_5',
  quantization: { group_size: 64, bits: 4 },
  text_config: {
    num_hidden_layers: 32,
    num_key_value_heads: 4,
    head_dim: 256,
    full_attention_interval: 4,
    linear_num_value_heads: 32,
    linear_key_head_dim: 128,
    linear_value_head_dim: 128,
    vocab_size: 248_320,
    max_position_embeddings: 262_144,
  },
};

/** The tree in two pages, config.json behind a redirect on the same server, as Hugging Face has it. */
const repository =
  (config: unknown = qwenConfig): Answer =>
  (request, response, url) => {
    const repo = '/mlx-community/Qwen3.5-9B-4bit';
    if (url.pathname === `/api/models${repo}/revision/main`) return json(response, { id: 'x', sha: commit });
    if (url.pathname === `/api/models${repo}/tree/${commit}`) {
      if (url.searchParams.get('cursor') !== null) {
        return json(response, [
          {
            type: 'file',
            path: 'model-00002-of-00002.safetensors',
            size: 134,
            oid: 'a',
            lfs: { oid: 'b', size: 2_000_000_000, pointerSize: 134 },
          },
          { type: 'directory', path: 'docs', size: 0, oid: 'c' },
        ]);
      }
      const link = `<http://${request.headers.host}${url.pathname}?recursive=true&cursor=2>; rel="next"`;
      return json(
        response,
        [
          { type: 'file', path: 'config.json', size: 1000, oid: 'a' },
          {
            type: 'file',
            path: 'model-00001-of-00002.safetensors',
            size: 135,
            oid: 'a',
            lfs: { oid: 'b', size: 4_000_000_000, pointerSize: 135 },
          },
        ],
        { link },
      );
    }
    if (url.pathname === `${repo}/resolve/${commit}/config.json`) {
      return response.writeHead(307, { location: '/api/resolve-cache/config.json' }).end();
    }
    if (url.pathname === '/api/resolve-cache/config.json') return json(response, config);
    return response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end();
  };

describe('a repository', () => {
  const repo = 'mlx-community/Qwen3.5-9B-4bit';

  it('is read at a pinned commit: real sizes, and the true cost of its context', async () => {
    const { address, asked } = await serve(repository());
    const { discovery, shipped } = await discoveryAt(address, { token: 'hf_token' });
    const found = await discovery.details(repo);
    expect(found).toEqual({
      ok: true,
      value: {
        repo,
        writtenRepo: repo,
        commit,
        sizeBytes: 6_000_001_000,
        weightsBytes: 6_000_000_000,
        quant: 'int4',
        contextTokens: 262_144,
        kv: {
          bytesPerToken: 32_768,
          slidingBytesPerToken: 0,
          slidingWindowTokens: 0,
          fixedBytes: 50_331_648,
        },
        vocabularySize: 248_320,
        downloads: null,
        gated: false,
        vision: false,
        writesText: true,
      },
    });
    expect(asked.every(({ token }) => token === 'Bearer hf_token')).toBe(true);
    const before = asked.length;
    expect(await discovery.details(repo)).toEqual(found);
    expect(asked.length).toBe(before);

    const entry = shipped.find(({ id }) => id === 'qwen3.5-9b');
    if (entry === undefined || !found.ok) throw new Error('no entry');
    expect(entry.kv, 'the shipped figure').toEqual(found.value.kv);
    const exact = withDetails(entry, found.value);
    expect(exact.sources.map(({ sizeBytes }) => sizeBytes)).toEqual([6_000_000_000, 10_450_000_000]);
    expect(exact.sources[0]?.sizeSource).toBe('Hugging Face, commit 0123456789ab');
    expect(exact.quality).toEqual(entry.quality);
  });

  it('that is not in the catalogue can be chosen by hand, and is never recommended', async () => {
    const { address } = await serve(repository({ ...qwenConfig, quantization: undefined }));
    const { discovery } = await discoveryAt(address);
    const details = await discovery.details(repo);
    const model = (await discovery.list()).models.find((one) => one.repo === repo);
    if (!details.ok || model === undefined) throw new Error('no details');
    const entry = entryFor(model, details.value);
    expect(entry).toMatchObject({
      id: repo,
      tools: true,
      contextTokens: 262_144,
      sources: [{ repo, quant: 'int4', sizeBytes: 6_000_000_000 }],
    });
    expect(entry.notRecommended).not.toBeNull();
  });

  it.each([
    ['is not there, anonymous', 401, 'RepoNotFound', undefined, 'hub-hidden'],
    ['is not there, signed in', 404, 'RepoNotFound', 'hf_t', 'hub-missing'],
    ['has a licence to accept, anonymous', 401, 'GatedRepo', undefined, 'hub-gated'],
    ['has a licence to accept, signed in', 403, 'GatedRepo', 'hf_t', 'hub-no-access'],
    ['is asked for with a bad token', 401, undefined, 'hf_t', 'hub-bad-token'],
  ] as const)('that %s says so', async (_what, status, errorCode, token, code) => {
    const { address } = await serve((_request, response) =>
      response.writeHead(status, errorCode === undefined ? {} : { 'x-error-code': errorCode }).end(),
    );
    const { discovery } = await discoveryAt(address, token === undefined ? {} : { token });
    expect(await discovery.details(repo)).toMatchObject({ ok: false, error: { code } });
  });

  it('with a name that is a path, a flag or a query is never asked for', async () => {
    const { address, asked } = await serve(repository());
    const { discovery } = await discoveryAt(address);
    for (const name of [
      '../..',
      'a/../b',
      'a/b?c',
      '-a/b',
      'a/b/c',
      'a/b\n',
      '',
      'a'.repeat(5000),
      '😀/😀',
    ]) {
      expect(await discovery.details(name)).toMatchObject({ ok: false, error: { code: 'hub-bad-name' } });
    }
    expect(asked).toEqual([]);
  });

  it.each([
    [
      'without weights',
      (config: unknown) => config,
      [{ type: 'file', path: 'README.md', size: 1, oid: 'a' }],
      'hub-not-mlx',
    ],
    [
      'with a size of text',
      (config: unknown) => config,
      [{ type: 'file', path: 'model.safetensors', size: 'big' }],
      'hub-bad-answer',
    ],
    [
      'with a negative size',
      (config: unknown) => config,
      [{ type: 'file', path: 'model.safetensors', size: -5 }],
      'hub-bad-answer',
    ],
  ] as const)('%s is refused', async (_what, _config, tree, code) => {
    const { address } = await serve((request, response, url) =>
      url.pathname.includes('/tree/') ? json(response, tree) : repository()(request, response, url),
    );
    const { hub } = await discoveryAt(address);
    expect(await fetchDetails(hub, repo)).toMatchObject({ ok: false, error: { code } });
  });

  it('with a tree that never ends is refused', async () => {
    const { address, asked } = await serve((request, response, url) => {
      if (!url.pathname.includes('/tree/')) return repository()(request, response, url);
      const link = `<http://${request.headers.host}${url.pathname}?recursive=true&cursor=x>; rel="next"`;
      json(response, [], { link });
    });
    const { hub } = await discoveryAt(address);
    expect(await fetchDetails(hub, repo)).toMatchObject({ ok: false, error: { code: 'hub-too-many-files' } });
    expect(asked.filter(({ url }) => url.includes('/tree/'))).toHaveLength(maxTreePages);
  });

  it('whose config.json says little is taken with what is known', async () => {
    const { address } = await serve(repository({ model_type: 'new', max_position_embeddings: 'long' }));
    const { discovery } = await discoveryAt(address);
    expect(await discovery.details(repo)).toMatchObject({
      ok: true,
      value: { quant: 'int4', contextTokens: null, kv: null, vocabularySize: null },
    });
  });
});
