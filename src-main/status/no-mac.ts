/** The Mac before it has been asked anything. Pure. */
import type { MacStatus } from '../contract/mac.ts';

export const noMac: MacStatus = {
  login: { state: 'off', problem: null },
  power: { source: 'unknown', thermal: 'unknown', keepAwake: 'off' },
  memoryPressure: 'unknown',
};
