/** The order of the test files: what takes longest begins first, so that no worker is left alone with it at the end. */
import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * As a quiet machine with two cores had them. On a fresh clone vitest knows of no run and goes by the size of the files,
 * which says little: the one that takes longest is among the smallest.
 */
export const longest: readonly string[] = [
  'test/e2e/window-pictures.test.ts',
  'test/integration/app-crash.test.ts',
  'test/integration/toolchain.test.ts',
  'test/integration/app-mac.test.ts',
  'test/integration/models-download-kill.test.ts',
  'test/e2e/logs-view.test.ts',
  'test/integration/stand-in-electron.test.ts',
  'test/e2e/window-models.test.ts',
  'test/integration/app-life.test.ts',
  'test/e2e/menu-pictures.test.ts',
  'test/integration/setup.test.ts',
  'test/e2e/setup-flow.test.ts',
  'test/e2e/cloud-canary.test.ts',
  'test/integration/toolchain-crash.test.ts',
  'test/e2e/window-look.test.ts',
  'test/e2e/keyboard.test.ts',
  'test/e2e/preview-command.test.ts',
  'test/integration/models-download.test.ts',
  'test/e2e/window-settings.test.ts',
  'test/integration/app-cloud.test.ts',
  'test/e2e/window-renderer.test.ts',
  'test/e2e/cloud-view.test.ts',
  'test/integration/logs-children.test.ts',
  'test/integration/app-bad-files.test.ts',
  'test/e2e/keyboard-steps.test.ts',
  'test/e2e/window-setup.test.ts',
  'test/integration/app-sleep.test.ts',
  'test/integration/supervisor-preflight.test.ts',
  'test/integration/supervisor-stack.test.ts',
  'test/integration/supervisor-stop.test.ts',
  'test/integration/logs-room.test.ts',
  'test/e2e/tray-menu.test.ts',
  'test/integration/supervisor-sleep.test.ts',
  'test/integration/models-room.test.ts',
  'test/integration/app-engines.test.ts',
  'test/e2e/menu-notices.test.ts',
  'test/integration/stand-in-vllm-mlx.test.ts',
  'test/integration/app-settings.test.ts',
  'test/integration/supervisor-start.test.ts',
  'test/e2e/engines-settings.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranks = new Map(longest.map((file, index) => [path.resolve(this.ctx.config.root, file), index]));
    const rankOf = ({ moduleId }: TestSpecification) => ranks.get(moduleId) ?? longest.length;
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
