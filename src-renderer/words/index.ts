/** Every sentence that the window itself says. A translation is one more folder beside `en/` with the same names, chosen here. */
export { cloudWords } from './en/cloud.ts';
export { commonWords } from './en/common.ts';
export { logWords } from './en/logs.ts';
export { modelWords } from './en/models.ts';
export { overviewWords } from './en/overview.ts';
export { progressWords } from './en/progress.ts';
export { settingsWords } from './en/settings.ts';
export { setupWords } from './en/setup.ts';
