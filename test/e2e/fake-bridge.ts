/** For a file of tests over the fake bridge: one Chromium for all of them, and after each no window is left and none had an error. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Snapshot } from '../../src-main/contract/status.ts';
import {
  type OpenedWindow,
  type OpenOptions,
  type RendererHarness,
  startRenderer,
} from './renderer-fixture.ts';
import { usualAnswers } from './setup-fixture.ts';

export type OpenWindow = (snapshot: Snapshot, options?: OpenOptions) => Promise<OpenedWindow>;

export function useFakeBridge(): OpenWindow {
  let renderer: RendererHarness;
  let opened: OpenedWindow[] = [];

  beforeAll(async () => {
    renderer = await startRenderer();
  });
  afterAll(() => renderer.close());
  afterEach(async () => {
    const errors = opened.flatMap((window) => window.errors);
    for (const { page } of opened) await page.context().close();
    opened = [];
    expect(errors).toEqual([]);
  });

  return async (snapshot, options = {}) => {
    const window = await renderer.open(snapshot, {
      ...options,
      answers: { ...usualAnswers, ...options.answers },
    });
    opened.push(window);
    return window;
  };
}
