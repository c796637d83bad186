/** The whole environment of a server: an allow-list, never the app's own. */
import path from 'node:path';

/** A person's environment as far as a server may see it. */
export type UserEnvironment = Readonly<Record<string, string | undefined>>;

const inherited = ['HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TMPDIR'] as const;
const systemPath = '/usr/bin:/bin:/usr/sbin:/sbin';

/** For both engines. Without PYTHONUNBUFFERED the last words of a dying server stay in its buffer. */
const pythonAndHub = {
  PYTHONUNBUFFERED: '1',
  /** Packages in the user's own site folder are no part of the verified environment. */
  PYTHONNOUSERSITE: '1',
  HF_HUB_OFFLINE: '1',
  HF_HUB_DISABLE_TELEMETRY: '1',
  DO_NOT_TRACK: '1',
} as const;

/** A busy server would answer 503 by default, and the gateway would take that for a failure. */
export const vllmMlxEnvironment = { VLLM_MLX_SIMPLE_ENGINE_LOCK_ADMISSION: 'wait' } as const;

/** DEV mode would read `.env` files; the switches for single downloads serve versions before LITELLM_OFFLINE_MODE. */
export const litellmEnvironment = {
  LITELLM_MODE: 'PRODUCTION',
  LITELLM_OFFLINE_MODE: 'true',
  LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: 'True',
  LITELLM_LOCAL_BLOG_POSTS: 'True',
  LITELLM_LOCAL_POLICY_TEMPLATES: 'True',
  LITELLM_LOG: 'ERROR',
  NO_DOCS: 'True',
  NO_REDOC: 'True',
  NO_OPENAPI: 'True',
  DISABLE_ADMIN_UI: 'True',
} as const;

export function childEnvironment(
  user: UserEnvironment,
  executable: string | null,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = inherited.flatMap((name): [string, string][] => {
    const value = user[name];
    return value === undefined || value.includes('\0') ? [] : [[name, value]];
  });
  const folder = executable === null ? '' : path.dirname(executable);
  const usable = folder !== '' && !folder.includes(':');
  return {
    ...Object.fromEntries(kept),
    PATH: usable ? `${folder}:${systemPath}` : systemPath,
    ...pythonAndHub,
    ...own,
  };
}
