/** Writes executables that are a stand-in engine with faults built in, as children get no environment to ask for them. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { LITELLM_VERSION } from './litellm-options.ts';
import type { LitellmSwitches, VllmMlxSwitches, VllmMlxSwitchesByName } from './switches.ts';
import { VLLM_MLX_VERSION } from './vllm-mlx-options.ts';

export type VllmMlxSwitchesInput = VllmMlxSwitches;
export type LitellmSwitchesInput = LitellmSwitches;

export type EngineRequest = {
  /** As pip leaves it beside the program's folder, unless something else has put it there. */
  readonly hasMetadata?: boolean;
} & (
  | {
      readonly dir: string;
      readonly name: 'vllm-mlx';
      /** By served model name; `*` holds for all. */
      readonly switches: VllmMlxSwitchesByName;
      /** Options of `serve`, with their dashes, that this version does not have. */
      readonly without?: readonly string[];
    }
  | {
      readonly dir: string;
      readonly name: 'litellm';
      readonly switches: LitellmSwitches;
    }
);

const here = import.meta.dirname;
/** Compiled code of the engines, without which each launch strips their types anew. */
const COMPILE_CACHE = path.resolve(here, '../../../node_modules/.cache/stand-ins');

function nodePath(): string {
  const bundled = path.resolve(here, '../../../node_modules/.bin/node');
  return existsSync(bundled) ? bundled : process.execPath;
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function replaceFile(file: string, content: string, mode: number): void {
  const next = `${file}.${process.pid}.next`;
  writeFileSync(next, content, { mode });
  renameSync(next, file);
}

/** The absolute path of the executable. Written anew, it counts from the next launch on. */
export function writeEngine(request: EngineRequest): string {
  const variable = request.name === 'vllm-mlx' ? 'VLLM_MLX_STANDIN' : 'LITELLM_STANDIN';
  const implementation = path.join(here, `${request.name}.ts`);
  const file = path.resolve(request.dir, request.name);
  mkdirSync(request.dir, { recursive: true });
  const lines = [
    '#!/bin/sh',
    `':' //; case "$0" in /*) self="$0" ;; *) self="$PWD/$0" ;; esac; exec ${quoteForShell(nodePath())} --no-warnings "$self" "$@"`,
    `process.env[${JSON.stringify(variable)}] = ${JSON.stringify(JSON.stringify(request.switches))};`,
    ...(request.name === 'vllm-mlx' && request.without
      ? [`process.env['VLLM_MLX_STANDIN_WITHOUT'] = ${JSON.stringify(request.without.join(','))};`]
      : []),
    `import('node:module').then((node) => {`,
    `  node.enableCompileCache(${JSON.stringify(COMPILE_CACHE)});`,
    `  return import(${JSON.stringify(pathToFileURL(implementation).href)}).then(() => node.flushCompileCache());`,
    '});',
    '',
  ];
  replaceFile(file, lines.join('\n'), 0o755);
  if (request.hasMetadata !== false) writeMetadata(request.dir, request.name);
  return file;
}

const distributions = {
  'vllm-mlx': `vllm_mlx-${VLLM_MLX_VERSION}.dist-info`,
  litellm: `litellm-${LITELLM_VERSION}.dist-info`,
} as const;

function writeMetadata(bin: string, name: EngineRequest['name']): void {
  const folder = path.resolve(bin, '../lib/python3.12/site-packages', distributions[name]);
  mkdirSync(folder, { recursive: true });
}

/** Changes the faults of running servers: the content of the `controlFile` their switches name. */
export function writeControl(file: string, switches: VllmMlxSwitches | LitellmSwitches): void {
  replaceFile(file, JSON.stringify(switches), 0o644);
}

/** The least that the stand-in takes for a model: a folder with a config and weights of the given size. */
export function writeModelFolder(folder: string, weightsBytes = 1024): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'config.json'),
    JSON.stringify({ model_type: 'qwen3', hidden_size: 64, num_hidden_layers: 2, num_attention_heads: 2 }),
  );
  writeFileSync(path.join(folder, 'model.safetensors'), Buffer.alloc(weightsBytes));
  return folder;
}
