/** What says that an engine was found nowhere, and which one a service needs. Pure. */
import type { EngineName } from '../contract/engines.ts';
import type { ServiceSpec } from './spec.ts';

/** Not the code of a configured path that leads nowhere: an installation would not be used then. */
export const engineMissing = 'engine-missing';
/** One was found, by chance: it runs once the user has chosen it. */
export const engineNotChosen = 'engine-not-chosen';

export const engineOf = (kind: ServiceSpec['kind']): EngineName =>
  kind === 'gateway' ? 'litellm' : 'vllm-mlx';
