/** Every view but the first, in a file of their own: the first paint need not wait for them. */
export { Cloud } from './cloud/cloud.tsx';
export { Logs } from './logs/logs.tsx';
export { Models } from './models/models.tsx';
export { EngineSettings, Settings } from './settings/settings.tsx';
export { Setup } from './setup/setup.tsx';
