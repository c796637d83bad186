/** The views there are, in the order of the sidebar: a new view is one line here. */
import type { FunctionComponent } from 'preact';
import type { Snapshot } from '../bridge.ts';
import type { IconName } from '../parts/icons.tsx';
import { commonWords } from '../words/index.ts';
import { later } from './later.tsx';
import { Overview } from './overview.tsx';

export interface ViewProps {
  readonly status: Snapshot;
}

export interface ViewEntry {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly component: FunctionComponent<ViewProps>;
  /** The one in the sidebar that it belongs to. */
  readonly within?: string;
}

const labels = commonWords.views;

export const firstView: ViewEntry = {
  id: 'overview',
  label: labels.overview,
  icon: 'stack',
  component: Overview,
};

export const views: readonly ViewEntry[] = [
  firstView,
  { id: 'models', label: labels.models, icon: 'models', component: later('Models') },
  { id: 'cloud', label: labels.cloud, icon: 'cloud', component: later('Cloud') },
  { id: 'logs', label: labels.logs, icon: 'logs', component: later('Logs') },
  { id: 'settings', label: labels.settings, icon: 'settings', component: later('Settings') },
];

/** Reached by a button, not by the sidebar. Setting up takes the place of the Overview at the first start. */
const asides: readonly ViewEntry[] = [
  { id: 'setup', label: labels.setup, icon: 'chip', component: later('Setup'), within: 'overview' },
  {
    id: 'engines',
    label: labels.settings,
    icon: 'settings',
    component: later('EngineSettings'),
    within: 'settings',
  },
];

export const viewOf = (id: string): ViewEntry =>
  [...views, ...asides].find((view) => view.id === id) ?? firstView;
