/** Models, engines and setup before anything is known of them. Pure. */
import type { EnginesStatus } from '../contract/engines.ts';
import type { ModelsStatus } from '../contract/models.ts';
import type { SetupStatus } from '../contract/setup.ts';

export const noModels: ModelsStatus = {
  downloads: [],
  checks: [],
  inventoryRevision: 0,
  token: { state: 'absent', last4: null, problem: null },
};

export const noEngines: EnginesStatus = {
  engines: [],
  uv: { state: 'unknown', version: null, path: null, problem: null, installCommand: '' },
  job: null,
  problem: null,
};

export const noSetup: SetupStatus = { phase: 'idle', steps: [], answer: null, problem: null };
