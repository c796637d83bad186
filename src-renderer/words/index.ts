/** Every sentence that the window itself says. A translation is one more folder beside `en/` with the same names, chosen here. */
export * as cloudWords from './en/cloud.ts';
export * as commonWords from './en/common.ts';
export * as engineWords from './en/engines.ts';
export * as logWords from './en/logs.ts';
export * as modelWords from './en/models.ts';
export * as overviewWords from './en/overview.ts';
export * as progressWords from './en/progress.ts';
export * as settingsWords from './en/settings.ts';
export * as setupWords from './en/setup.ts';
