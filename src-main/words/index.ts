/** Every sentence that the main process says to a person. A translation is one more folder beside `en/` with the same names, chosen here. */
export * as appWords from './en/app.ts';
export * as catalogueWords from './en/catalogue.ts';
export * as cloudWords from './en/cloud.ts';
export * as commonWords from './en/common.ts';
export * as configWords from './en/config.ts';
export * as fileWords from './en/files.ts';
export * as hardwareWords from './en/hardware.ts';
export * as logWords from './en/logs.ts';
export * as modelWords from './en/models.ts';
export * as plannerWords from './en/planner.ts';
export * as secretWords from './en/secrets.ts';
export * as setupWords from './en/setup.ts';
export * as shellWords from './en/shell.ts';
export * as stackWords from './en/stack.ts';
export * as statusWords from './en/status.ts';
export * as supervisorWords from './en/supervisor.ts';
export * as toolchainWords from './en/toolchain.ts';
