/**
 * Whether the page of releases offers this very version, by one small request. electron-updater finds out the same, but its code takes
 * 5 MB for as long as the app runs: it is loaded only where there is something to update to, or to tell what went wrong.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { app, net } from 'electron';
import { parse } from 'yaml';
import * as z from 'zod';

/** As electron-builder writes it into the app: where its releases are. */
const feedSchema = z.discriminatedUnion('provider', [
  z.object({ provider: z.literal('github'), owner: z.string(), repo: z.string() }),
  z.object({ provider: z.literal('generic'), url: z.url({ protocol: /^https?$/ }) }),
]);
const listSchema = z.object({ version: z.string() });

const feedName = 'app-update.yml';
const listName = 'latest-mac.yml';
const listMaxBytes = 64 * 1024;
export const askLimitMs = 30_000;

/** `false` also where it could not be learned: why is for electron-updater to say. */
export async function isNewestRelease(): Promise<boolean> {
  try {
    const feed = feedSchema.parse(parse(await readFile(path.join(process.resourcesPath, feedName), 'utf8')));
    const { version } = listSchema.parse(parse(await fetchText(addressOf(feed))));
    return version === app.getVersion();
  } catch {
    return false;
  }
}

/** GitHub leads from the first to the newest release that is neither a draft nor a preview. */
function addressOf(feed: z.infer<typeof feedSchema>): string {
  switch (feed.provider) {
    case 'github': {
      const [owner, repo] = [feed.owner, feed.repo].map(encodeURIComponent);
      return `https://github.com/${owner}/${repo}/releases/latest/download/${listName}`;
    }
    case 'generic':
      return `${feed.url.replace(/\/$/, '')}/${listName}`;
  }
}

/** Over Chromium's network, as electron-updater does: the system's proxies hold, and Node's TLS stays unloaded. */
function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = net.request({ url, method: 'GET', redirect: 'follow' });
    const settle = (result: string | Error) => {
      clearTimeout(limit);
      if (typeof result === 'string') return resolve(result);
      reject(result);
      request.abort();
    };
    const limit = setTimeout(() => settle(new Error('No answer in time')), askLimitMs);
    request.on('error', settle);
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part) => {
        bytes += part.length;
        if (bytes > listMaxBytes) settle(new Error('Too long for a list of files'));
        else parts.push(part);
      });
      response.on('end', () =>
        settle(
          response.statusCode === 200
            ? Buffer.concat(parts).toString('utf8')
            : new Error(`It answered with ${response.statusCode}`),
        ),
      );
      response.on('error', () => settle(new Error('It broke off')));
      response.on('aborted', () => settle(new Error('It broke off')));
    });
    request.end();
  });
}
