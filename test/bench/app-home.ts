/** A data folder with a stack of stand-in tiers and their gateway, all wanted. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from '../integration/support/ports.ts';
import {
  type VllmMlxSwitchesInput,
  writeEngine,
  writeModelFolder,
} from '../stand-ins/engines/write-engine.ts';
import { type BenchServer, shortLoadMs } from './servers.ts';

export interface HomeRequest {
  readonly tiers: number;
  /** Of the servers, by tier name; `*` holds for all. */
  readonly switches?: Readonly<Record<string, VllmMlxSwitchesInput>>;
  readonly gatewayShutdownMs?: number;
}

export interface AppHome {
  readonly folder: string;
  readonly tierNames: readonly string[];
  readonly gatewayPort: number;
  /** The engines as anybody may start them. */
  readonly litellm: string;
  readonly vllmMlx: string;
  readonly tierPorts: readonly number[];
}

const privateFile = { mode: 0o600 } as const;

export async function writeAppHome(folder: string, request: HomeRequest): Promise<AppHome> {
  const [gatewayPort = 0, ...tierPorts] = await freePorts(request.tiers + 1);
  const tierNames = tierPorts.map((_, index) => `tier-${index + 1}`);
  const bin = path.join(folder, 'bin');
  const vllmMlx = writeEngine({
    dir: bin,
    name: 'vllm-mlx',
    switches: { ...request.switches, '*': { loadMs: shortLoadMs, ...request.switches?.['*'] } },
  });
  const shutdown = request.gatewayShutdownMs;
  const litellm = writeEngine({
    dir: bin,
    name: 'litellm',
    switches: shutdown === undefined ? {} : { shutdownMs: shutdown },
  });
  for (const name of tierNames) writeModelFolder(path.join(folder, 'models', name));
  await mkdir(path.join(folder, 'stacks'), { recursive: true, mode: 0o700 });
  const stack = {
    schema_version: 1,
    name: 'default',
    hardware_profile: 'bench',
    intent: 'balanced',
    created: new Date().toISOString(),
    tiers: tierNames.map((name, index) => ({
      name,
      model: name,
      quant: 'int4',
      source: path.join(folder, 'models', name),
      port: tierPorts[index],
      vllm_flags: {},
    })),
  };
  const config = { 'litellm-path': litellm, 'litellm-port': gatewayPort, 'vllm-mlx-path': vllmMlx };
  const services = Object.fromEntries(tierNames.map((name) => [name, 'on']));
  await writeFile(path.join(folder, 'stacks', 'default.yaml'), stringify(stack), privateFile);
  await writeFile(path.join(folder, 'config.yaml'), stringify(config), privateFile);
  await writeFile(
    path.join(folder, 'desired.json'),
    `${JSON.stringify({ version: 1, services })}\n`,
    privateFile,
  );
  return { folder, tierNames, gatewayPort, litellm, vllmMlx, tierPorts };
}

/** A tier as a server of its own, to be started without the app. */
export function tierServer(home: AppHome, index: number): BenchServer {
  const id = home.tierNames[index];
  const port = home.tierPorts[index];
  if (id === undefined || port === undefined) throw new Error(`no tier ${index}`);
  const modelFolder = path.join(home.folder, 'models', id);
  const place = ['--port', String(port), '--host', '127.0.0.1'];
  return {
    id,
    port,
    executable: home.vllmMlx,
    args: ['serve', modelFolder, ...place, '--served-model-name', id, '--offline'],
    env: { HOME: home.folder, PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
    cwd: home.folder,
    modelFolder,
  };
}
