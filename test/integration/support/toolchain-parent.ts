/** Installs an engine as the app would, tells when it begins, and waits to be killed. */
import path from 'node:path';
import { createHomeFiles } from '../../../src-main/files/home-files.ts';
import { derivePaths } from '../../../src-main/paths.ts';
import { createExecutableFinder } from '../../../src-main/stack/executables.ts';
import { runTool, spawnGroup } from '../../../src-main/supervisor/child.ts';
import { loadPins } from '../../../src-main/toolchain/pins.ts';
import { createToolchain } from '../../../src-main/toolchain/toolchain.ts';

const root = process.argv[2] ?? '';
const userHome = path.join(root, 'user');
const paths = derivePaths(path.join(root, 'home with space'));
const files = createHomeFiles({ home: paths.home });
const toolchain = createToolchain({
  paths,
  files,
  pins: await loadPins(path.resolve(import.meta.dirname, '../../../assets/engines.yaml')),
  executables: createExecutableFinder({ userHome, engines: paths.engines, env: {}, run: async () => null }),
  configured: () => ({ 'vllm-mlx': null, litellm: null, uv: null }),
  choose: async () => ({ ok: true, value: undefined }),
  run: runTool,
  spawn: spawnGroup,
  user: { HOME: userHome },
  userHome,
  publish: () => {},
  onSwitch: () => {},
  log: () => {},
});
process.stdout.write('begins\n');
const done = await toolchain.install(['litellm']);
process.stdout.write(`${done.ok ? 'done' : done.error.code}\n`);
setInterval(() => {}, 60_000);
