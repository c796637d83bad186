/** Why a service must be started anew, in words that complete "Restarting: …". Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { ServiceSpec } from '../stack/spec.ts';

export function restartReason(before: ServiceSpec, after: ServiceSpec): string {
  if (!isDeepStrictEqual(before.executable, after.executable)) return 'its engine changed';
  if (modelOf(before) !== modelOf(after)) return 'its model changed';
  if (before.port !== after.port) return 'its port changed';
  if (before.contextTokens !== after.contextTokens) return 'its context changed';
  const isSame = isDeepStrictEqual(before.args, after.args) && isDeepStrictEqual(before.env, after.env);
  /** What is left is the file that the gateway reads. */
  if (isSame && after.kind === 'gateway') return 'the models behind it changed';
  return 'its settings changed';
}

function modelOf({ requirements }: ServiceSpec): string | undefined {
  return requirements.find((requirement) => requirement.kind === 'model-folder')?.path;
}
