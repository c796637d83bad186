/** The scroll bar: where the lines on screen lie in all logs, and a way to get anywhere in them. */
import { useRef, useState } from 'preact/hooks';
import { formatPercent } from '../../words/format.ts';
import { logWords as words } from '../../words/index.ts';

interface RailProps {
  /** 0 to 1. */
  readonly start: number;
  readonly span: number;
  readonly isAtEnd: boolean;
  readonly onMove: (fraction: number) => void;
  readonly onEnd: () => void;
}

const thumbMin = 0.04;
const keyStep = 0.02;

const within = (fraction: number): number => Math.min(1, Math.max(0, fraction));

export function Rail({ start, span, isAtEnd, onMove, onEnd }: RailProps) {
  const rail = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const size = Math.min(1, Math.max(thumbMin, span));
  const at = isAtEnd ? 1 : within(start);
  const shown = dragged ?? at * (1 - size);
  const percent = Math.round((dragged === null ? at : within(dragged / (1 - size || 1))) * 100);

  function go(top: number): void {
    const fraction = within(top / (1 - size || 1));
    if (fraction >= 0.995) onEnd();
    else onMove(fraction);
  }

  function onPointerDown(event: PointerEvent): void {
    const element = rail.current;
    if (!element || event.button !== 0) return;
    event.preventDefault();
    element.focus();
    const box = element.getBoundingClientRect();
    const pressed = (event.clientY - box.top) / box.height;
    const grip = pressed >= shown && pressed <= shown + size ? pressed - shown : size / 2;
    const topOf = (move: PointerEvent): number =>
      Math.min(1 - size, Math.max(0, (move.clientY - box.top) / box.height - grip));
    element.setPointerCapture(event.pointerId);
    setDragged(topOf(event));
    const over = new AbortController();
    const onUp = (up: PointerEvent): void => {
      over.abort();
      setDragged(null);
      go(topOf(up));
    };
    element.addEventListener('pointermove', (move) => setDragged(topOf(move)), over);
    element.addEventListener('pointerup', onUp, over);
    element.addEventListener('pointercancel', onUp, over);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowUp: -keyStep,
      ArrowDown: keyStep,
      PageUp: -0.1,
      PageDown: 0.1,
    };
    const step = steps[event.key];
    if (step !== undefined) go((at + step) * (1 - size));
    else if (event.key === 'Home') onMove(0);
    else if (event.key === 'End') onEnd();
    else return;
    event.preventDefault();
  }

  return (
    <div
      ref={rail}
      class="log-rail"
      role="slider"
      aria-orientation="vertical"
      aria-label={words.position}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={formatPercent(percent)}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    >
      <div class="log-thumb" style={{ top: `${shown * 100}%`, height: `${size * 100}%` }} />
    </div>
  );
}
