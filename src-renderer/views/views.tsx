/** The views there are, in the order of the sidebar: a new view is one line here. */
import type { FunctionComponent } from 'preact';
import type { Snapshot } from '../bridge.ts';
import type { IconName } from '../parts/icons.tsx';
import { words } from '../words.ts';
import { Cloud } from './cloud/cloud.tsx';
import { Logs } from './logs/logs.tsx';
import { logWords } from './logs/words.ts';
import { Models } from './models/models.tsx';
import { words as modelWords } from './models/words.ts';
import { Overview } from './overview.tsx';
import { Settings } from './settings/settings.tsx';
import { words as settingsWords } from './settings/words.ts';
import { Setup } from './setup/setup.tsx';
import { words as setupWords } from './setup/words.ts';

export interface ViewProps {
  readonly status: Snapshot;
}

export interface ViewEntry {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly component: FunctionComponent<ViewProps>;
}

export const firstView: ViewEntry = {
  id: 'overview',
  label: words.overview,
  icon: 'stack',
  component: Overview,
};

export const views: readonly ViewEntry[] = [
  firstView,
  { id: 'models', label: modelWords.models, icon: 'models', component: Models },
  { id: 'cloud', label: words.cloud, icon: 'cloud', component: Cloud },
  { id: 'logs', label: logWords.logs, icon: 'logs', component: Logs },
  { id: 'settings', label: settingsWords.settings, icon: 'settings', component: Settings },
];

/** Reached by a button, not by the sidebar. */
const asides: readonly ViewEntry[] = [
  { id: 'setup', label: setupWords.setup, icon: 'chip', component: Setup },
];

export const viewOf = (id: string): ViewEntry =>
  [...views, ...asides].find((view) => view.id === id) ?? firstView;
