/** `powerMonitor` and `powerSaveBlocker`; the control channel plays the hardware. */
import { app } from './app.ts';
import { Strict, StrictEmitter } from './strict.ts';
import { standInEvent } from './types.ts';

type ThermalState = ReturnType<Electron.PowerMonitor['getCurrentThermalState']>;

export type PowerEvent =
  | { readonly name: 'suspend' | 'resume' | 'shutdown' | 'lock-screen' | 'unlock-screen' }
  | { readonly name: 'on-battery' | 'on-ac' }
  | { readonly name: 'user-did-become-active' | 'user-did-resign-active' }
  | { readonly name: 'thermal-state-change'; readonly state: ThermalState };

type PowerMonitorMembers =
  | 'getCurrentThermalState'
  | 'getSystemIdleTime'
  | 'getSystemIdleState'
  | 'isOnBatteryPower'
  | 'onBatteryPower';

class PowerMonitorStandIn extends StrictEmitter implements Pick<Electron.PowerMonitor, PowerMonitorMembers> {
  onBatteryPower = false;
  #thermal: ThermalState = 'nominal';

  getCurrentThermalState(): ThermalState {
    return this.#thermal;
  }
  getSystemIdleTime(): number {
    return 0;
  }
  getSystemIdleState(): 'active' {
    return 'active';
  }
  isOnBatteryPower(): boolean {
    return this.onBatteryPower;
  }

  /** What macOS does. True when the app prevented the default, which only a shutdown has. */
  happen(event: PowerEvent): boolean {
    if (event.name === 'on-battery' || event.name === 'on-ac')
      this.onBatteryPower = event.name === 'on-battery';
    if (event.name === 'thermal-state-change') {
      this.#thermal = event.state;
      this.emit(event.name, standInEvent({ state: event.state }));
      return false;
    }
    const emitted = standInEvent({});
    this.emit(event.name, emitted);
    if (event.name === 'shutdown' && !emitted.defaultPrevented) app.quit();
    return emitted.defaultPrevented;
  }
}

class PowerSaveBlockerStandIn
  extends Strict
  implements Pick<Electron.PowerSaveBlocker, 'start' | 'stop' | 'isStarted'>
{
  #nextId = 1;
  readonly #started = new Map<number, 'prevent-app-suspension' | 'prevent-display-sleep'>();

  start(type: 'prevent-app-suspension' | 'prevent-display-sleep'): number {
    const id = this.#nextId++;
    this.#started.set(id, type);
    return id;
  }
  stop(id: number): boolean {
    return this.#started.delete(id);
  }
  isStarted(id: number): boolean {
    return this.#started.has(id);
  }
  get started(): readonly string[] {
    return [...this.#started.values()];
  }
}

export const powerMonitor = new PowerMonitorStandIn('powerMonitor');
export const powerSaveBlocker = new PowerSaveBlockerStandIn('powerSaveBlocker');
