/** The package index that the stand-in knows: a few packages with their dates, sizes, needs and hashes. */
import { createHash } from 'node:crypto';

export interface Release {
  readonly name: string;
  readonly version: string;
  readonly uploaded: string;
  readonly sizeMib: number;
  /** `name==version`, as a resolver would have chosen. */
  readonly needs: readonly string[];
  readonly extras?: Readonly<Record<string, readonly string[]>>;
}

const web = ['fastapi==0.130.0', 'starlette==1.1.0', 'uvicorn==0.40.0'];
const mlx = [
  'mlx==0.30.1',
  'mlx-lm==0.32.0',
  'mlx-vlm==0.6.6',
  'transformers==5.1.0',
  'torch==2.10.0',
  ...web,
];
const vllmMlx = {
  name: 'vllm-mlx',
  sizeMib: 1.2,
  needs: mlx,
  extras: { harmony: ['openai-harmony==0.1.2'] },
};
const litellm = {
  name: 'litellm',
  sizeMib: 9.6,
  needs: ['openai==2.9.0', 'httpx==0.29.0'],
  extras: { proxy: ['gunicorn==23.0.0', ...web] },
};
const small = (name: string, version: string, sizeMib = 0.2, needs: readonly string[] = []): Release => ({
  name,
  version,
  uploaded: '2026-06-01T00:00:00Z',
  sizeMib,
  needs,
});

export const releases: readonly Release[] = [
  { ...vllmMlx, version: '0.4.1', uploaded: '2026-08-12T09:00:00Z' },
  { ...vllmMlx, version: '0.6.0', uploaded: '2026-10-30T09:00:00Z' },
  { ...vllmMlx, version: '0.6.1', uploaded: '2026-11-21T09:00:00Z' },
  { ...litellm, version: '1.82.7', uploaded: '2026-03-24T10:39:00Z' },
  { ...litellm, version: '1.82.8', uploaded: '2026-03-24T10:52:00Z' },
  { ...litellm, version: '1.84.2', uploaded: '2026-05-05T09:00:00Z' },
  { ...litellm, version: '1.108.7', uploaded: '2026-11-04T09:00:00Z' },
  { ...litellm, version: '1.109.0', uploaded: '2026-11-11T09:00:00Z' },
  small('mlx', '0.30.1', 34.5),
  small('mlx-lm', '0.32.0', 0.4),
  small('mlx-vlm', '0.6.6', 1.4),
  small('transformers', '5.1.0', 11.4),
  small('torch', '2.10.0', 80.1, ['setuptools==82.0.0', 'numpy==2.4.0']),
  small('setuptools', '82.0.0', 1.2),
  small('numpy', '2.4.0', 5.1),
  small('openai-harmony', '0.1.2', 2.7),
  small('fastapi', '0.130.0'),
  small('starlette', '1.1.0'),
  small('uvicorn', '0.40.0'),
  small('openai', '2.9.0', 0.9),
  small('httpx', '0.29.0'),
  small('gunicorn', '23.0.0'),
];

export const findRelease = (name: string, version: string): Release | undefined =>
  releases.find((one) => one.name === name && one.version === version);

/** Two wheels each, as most packages have several. */
export function hashesOf(name: string, version: string): readonly string[] {
  return ['macosx', 'any'].map((platform) =>
    createHash('sha256').update(`${name} ${version} ${platform}`).digest('hex'),
  );
}
