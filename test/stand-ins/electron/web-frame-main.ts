/** `webFrameMain`: what an IPC handler may look at to judge its sender. */
import { originOf } from './protocol.ts';
import { StrictEmitter } from './strict.ts';
import { asElectron } from './types.ts';

export interface FrameFacts {
  readonly url: () => string;
  readonly parent: Electron.WebFrameMain | null;
  readonly detached: () => boolean;
}

type FrameMembers =
  | 'url'
  | 'origin'
  | 'parent'
  | 'top'
  | 'detached'
  | 'isDestroyed'
  | 'processId'
  | 'routingId'
  | 'frameTreeNodeId'
  | 'name'
  | 'visibilityState';

let lastId = 0;

export class WebFrameMainStandIn extends StrictEmitter implements Pick<Electron.WebFrameMain, FrameMembers> {
  readonly processId = 1;
  readonly routingId = ++lastId;
  readonly frameTreeNodeId = this.routingId;
  readonly name = '';
  readonly visibilityState = 'visible';
  readonly parent: Electron.WebFrameMain | null;
  readonly #facts: FrameFacts;

  constructor(facts: FrameFacts) {
    super('webFrameMain');
    this.#facts = facts;
    this.parent = facts.parent;
  }
  get url(): string {
    return this.#facts.url();
  }
  get origin(): string {
    return originOf(this.url);
  }
  get top(): Electron.WebFrameMain {
    return this.parent?.top ?? asElectron<Electron.WebFrameMain>(this);
  }
  get detached(): boolean {
    return this.#facts.detached();
  }
  isDestroyed(): boolean {
    return this.#facts.detached();
  }
}
