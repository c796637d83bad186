/** Notices that the other side has said nothing for a while: `heard` costs a look at the clock, where a timer set anew for each part would cost a tenth of handing it on. */
export interface SilenceWatch {
  /** Something came, or the other side may speak again after `pause`. */
  heard(): void;
  /** The other side was asked to wait: its silence says nothing. */
  pause(): void;
  /** For good. */
  stop(): void;
}

export function watchSilence(limitMs: number, onSilent: () => void): SilenceWatch {
  let heardMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function look(): void {
    timer = undefined;
    const leftMs = limitMs - (performance.now() - heardMs);
    if (leftMs > 0) timer = setTimeout(look, Math.ceil(leftMs));
    else onSilent();
  }
  const pause = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  timer = setTimeout(look, limitMs);

  return {
    heard() {
      heardMs = performance.now();
      if (timer === undefined && !stopped) timer = setTimeout(look, limitMs);
    },
    pause,
    stop() {
      stopped = true;
      pause();
    },
  };
}
