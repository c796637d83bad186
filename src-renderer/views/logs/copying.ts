/** The text of a selection that is not, or not wholly, in memory: read page by page, up to a bound that is told. */
import type { CommandOutput, LogAnchor, LogFilter, LogRow, Result } from '../../bridge.ts';
import type { Store } from '../../state/store.ts';
import { keyOfRow, placeOf } from './feed.ts';
import type { SelectionEnds } from './selection.ts';

/** More than anybody pastes, read within the few seconds after a click in which a page may write to the clipboard. */
export const copyMaxLines = 10_000;
export const copyMaxChars = 16_000_000;
const pageRows = 1000;

export interface CopiedLines {
  readonly text: string;
  readonly lines: number;
  /** There were more than may be copied. */
  readonly isPart: boolean;
}

/** As it is pasted: the time as it stands in the file, the service where there are several, the line. */
export const copiedLine = (row: LogRow, text: string, filter: LogFilter): string =>
  `${new Date(row.timeMs).toISOString()} ${filter.logs?.length === 1 ? '' : `${row.log} `}${text}\n`;

export async function collectLines(
  { ask }: Pick<Store, 'ask'>,
  filter: LogFilter,
  ends: SelectionEnds,
): Promise<Result<CopiedLines>> {
  const lastKey = ends === 'all' ? null : keyOfRow(ends[1]);
  const lastMs = ends === 'all' ? Number.POSITIVE_INFINITY : ends[1].timeMs;
  const texts: string[] = [];
  let chars = 0;
  const collected = (isPart: boolean): Result<CopiedLines> => ({
    ok: true,
    value: { text: texts.join(''), lines: texts.length, isPart },
  });
  let from: LogAnchor =
    ends === 'all' ? { kind: 'start' } : { kind: 'row', row: placeOf(ends[0]), side: 'before' };
  for (;;) {
    const page: Result<CommandOutput<'log.page'>> = await ask('log.page', {
      filter,
      from,
      before: 0,
      after: pageRows,
    });
    if (!page.ok) return page;
    for (const row of page.value.rows) {
      // The last one may have been removed meanwhile.
      if (row.timeMs > lastMs) return collected(false);
      if (texts.length >= copyMaxLines || chars >= copyMaxChars) return collected(true);
      const whole = row.isCut
        ? await ask('log.entry', { log: row.log, segment: row.segment, offset: row.offset })
        : null;
      const text = copiedLine(row, whole?.ok ? whole.value.text : row.text, filter);
      texts.push(text);
      chars += text.length;
      if (keyOfRow(row) === lastKey) return collected(false);
    }
    if (page.value.atEnd) return collected(false);
    from = { kind: 'cursor', cursor: page.value.end };
  }
}
