import { describe, expect, it } from 'vitest';
import { childEnvironment } from '../../../src-main/stack/child-environment.ts';

describe('the environment of a server', () => {
  it('has nothing of what macOS and Electron put into the app’s own', () => {
    const given = childEnvironment(
      {
        HOME: '/Users/me',
        // Electron's Info.plist sets it for the app (LSEnvironment); a Python server would run with another allocator.
        MallocNanoZone: '0',
        ELECTRON_RUN_AS_NODE: '1',
        NODE_OPTIONS: '--inspect',
        __CFBundleIdentifier: 'io.github.mlx-stack.app',
        XPC_SERVICE_NAME: 'application.io.github.mlx-stack.app',
      },
      '/opt/engines/bin/vllm-mlx',
      {},
    );
    expect(given['HOME']).toBe('/Users/me');
    expect(Object.keys(given)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/Malloc|ELECTRON|NODE_OPTIONS|__CF|XPC/)]),
    );
  });
});
