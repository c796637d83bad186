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

export function Rail({ start, span, isAtEnd, onMove, onEnd }: RailProps) {
  const rail = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const size = Math.min(1, Math.max(thumbMin, span));
  const shown = dragged ?? (isAtEnd ? 1 - size : Math.min(Math.max(0, start), 1) * (1 - size));
  const percent = Math.round((dragged === null ? (isAtEnd ? 1 : start) : dragged / (1 - size || 1)) * 100);

  function go(top: number): void {
    const fraction = Math.min(1, Math.max(0, top / (1 - size || 1)));
    if (fraction >= 0.995) onEnd();
    else onMove(fraction);
  }

  function onPointerDown(event: PointerEvent): void {
    const element = rail.current;
    if (!element || event.button !== 0) return;
    event.preventDefault();
    element.focus();
    const box = element.getBoundingClientRect();
    const at = (event.clientY - box.top) / box.height;
    const grip = at >= shown && at <= shown + size ? at - shown : size / 2;
    const topOf = (move: PointerEvent): number =>
      Math.min(1 - size, Math.max(0, (move.clientY - box.top) / box.height - grip));
    element.setPointerCapture(event.pointerId);
    setDragged(topOf(event));
    const onMoveThumb = (move: PointerEvent): void => setDragged(topOf(move));
    const onUp = (up: PointerEvent): void => {
      element.removeEventListener('pointermove', onMoveThumb);
      element.removeEventListener('pointerup', onUp);
      element.removeEventListener('pointercancel', onUp);
      setDragged(null);
      go(topOf(up));
    };
    element.addEventListener('pointermove', onMoveThumb);
    element.addEventListener('pointerup', onUp);
    element.addEventListener('pointercancel', onUp);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowUp: -keyStep,
      ArrowDown: keyStep,
      PageUp: -0.1,
      PageDown: 0.1,
    };
    const step = steps[event.key];
    if (step !== undefined) go((Math.min(1, Math.max(0, isAtEnd ? 1 : start)) + step) * (1 - size));
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
      aria-valuenow={Math.min(100, Math.max(0, percent))}
      aria-valuetext={formatPercent(Math.min(100, Math.max(0, percent)))}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    >
      <div class="log-thumb" style={{ top: `${shown * 100}%`, height: `${size * 100}%` }} />
    </div>
  );
}
