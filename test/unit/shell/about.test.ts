/** The About panel: what it says, and that it comes to the front of an app that has no Dock icon. */
import { expect, it, vi } from 'vitest';
import { describeApp, showAbout } from '../../../src-main/shell/lifecycle.ts';

const given = vi.hoisted((): { calls: unknown[][] } => ({ calls: [] }));
vi.mock('electron', () => ({
  app: {
    getName: () => 'MLX Stack',
    getVersion: () => '1.2.3',
    setAboutPanelOptions: (options: unknown) => given.calls.push(['options', options]),
    focus: (options: unknown) => given.calls.push(['focus', options]),
    showAboutPanel: () => given.calls.push(['shown']),
  },
}));

it('says name, version, copyright and credits, and the build number is not said beside the version', () => {
  given.calls.length = 0;
  describeApp({ copyright: '© us', credits: 'Thanks' });
  expect(given.calls).toEqual([
    [
      'options',
      {
        applicationName: 'MLX Stack',
        applicationVersion: '1.2.3',
        version: '',
        copyright: '© us',
        credits: 'Thanks',
      },
    ],
  ]);
});

it('is brought to the front before it is shown', () => {
  given.calls.length = 0;
  showAbout();
  expect(given.calls).toEqual([['focus', { steal: true }], ['shown']]);
});
