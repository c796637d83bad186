/** For a file of tests over the fake bridge: one Chromium for all of them; each begins with a window that holds nothing of the one before, and none had an error at its end. */
import type { Page } from 'playwright-core';
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
  let opened: { readonly window: OpenedWindow; readonly options: OpenOptions }[] = [];
  /** Whose window is not looked at any more, by what their clocks say: the next begins there. */
  const used = new Map<number | undefined, Page>();

  beforeAll(async () => {
    renderer = await startRenderer();
  });
  afterAll(() => renderer.close());
  afterEach(async () => {
    const errors = opened.flatMap(({ window }) => window.errors);
    for (const { window, options } of opened) {
      if (options.now === undefined && !used.has(options.date)) used.set(options.date, window.page);
      else await window.page.context().close();
    }
    opened = [];
    expect(errors).toEqual([]);
  });

  return async (snapshot, options = {}) => {
    const page = options.now === undefined ? used.get(options.date) : undefined;
    if (page !== undefined) used.delete(options.date);
    const answers = { ...usualAnswers, ...options.answers };
    const window = await renderer.open(snapshot, { ...options, answers }, page);
    opened.push({ window, options });
    return window;
  };
}
