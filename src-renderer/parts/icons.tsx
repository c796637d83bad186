/** The app's own icons, the very drawings of the tray, inlined at build time. */
import stack from '../../assets/tray/stack-ready.svg?raw';
import backingOff from '../../assets/tray/state-backing-off.svg?raw';
import degraded from '../../assets/tray/state-degraded.svg?raw';
import failed from '../../assets/tray/state-failed.svg?raw';
import healthy from '../../assets/tray/state-healthy.svg?raw';
import starting from '../../assets/tray/state-starting.svg?raw';
import stopped from '../../assets/tray/state-stopped.svg?raw';
import stopping from '../../assets/tray/state-stopping.svg?raw';
import unresponsive from '../../assets/tray/state-unresponsive.svg?raw';
import waiting from '../../assets/tray/state-waiting.svg?raw';
import check from '../../assets/window/check.svg?raw';
import chip from '../../assets/window/chip.svg?raw';
import cloud from '../../assets/window/cloud.svg?raw';
import copy from '../../assets/window/copy.svg?raw';
import cross from '../../assets/window/cross.svg?raw';
import info from '../../assets/window/info.svg?raw';
import logs from '../../assets/window/logs.svg?raw';
import models from '../../assets/window/models.svg?raw';
import settings from '../../assets/window/settings.svg?raw';
import type { ServiceState } from '../bridge.ts';

const drawings = { stack, cloud, check, copy, cross, info, logs, models, chip, settings } as const;
export type IconName = keyof typeof drawings;

const states: Record<ServiceState, string> = {
  stopped,
  waiting,
  starting,
  healthy,
  degraded,
  unresponsive,
  stopping,
  'backing-off': backingOff,
  failed,
};

/** Only ever our own files, compiled in: nothing that arrives at run time becomes markup. */
function Drawing({ svg, kind }: { readonly svg: string; readonly kind: string }) {
  return <span class={`icon ${kind}`} aria-hidden="true" dangerouslySetInnerHTML={{ __html: svg }} />;
}

export const Icon = ({ name }: { readonly name: IconName }) => (
  <Drawing svg={drawings[name]} kind={`icon-${name}`} />
);

/** Beside the state in words, never instead of it. */
export const StateIcon = ({ state }: { readonly state: ServiceState }) => (
  <Drawing svg={states[state]} kind="icon-state" />
);
