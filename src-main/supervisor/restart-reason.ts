/** Why a service must be started anew, in words that complete "Restarting: …". Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { ServiceSpec } from '../stack/spec.ts';
import { supervisorWords } from '../words/index.ts';

export function restartReason(before: ServiceSpec, after: ServiceSpec): string {
  if (!isDeepStrictEqual(before.executable, after.executable)) return supervisorWords.engineChanged;
  if (modelOf(before) !== modelOf(after)) return supervisorWords.modelChanged;
  if (before.port !== after.port) return supervisorWords.portChanged;
  if (before.contextTokens !== after.contextTokens) return supervisorWords.contextChanged;
  const isSame = isDeepStrictEqual(before.args, after.args) && isDeepStrictEqual(before.env, after.env);
  /** What is left is the file that the gateway reads. */
  if (isSame && after.kind === 'gateway') return supervisorWords.modelsBehindChanged;
  return supervisorWords.settingsChanged;
}

function modelOf({ requirements }: ServiceSpec): string | undefined {
  return requirements.find((requirement) => requirement.kind === 'model-folder')?.path;
}
