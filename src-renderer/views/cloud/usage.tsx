/** What the cloud was used for and what it cost: today, this month, by model, by day. */
import { type CloudFigures, type CloudStatus, formatUsd } from '../../bridge.ts';
import { Panel } from '../../parts/panel.tsx';
import { formatCompact, formatWait, joinFacts } from '../../words/format.ts';
import { cloudWords as words } from '../../words/index.ts';
import { tokensOf } from './figures.ts';
import { Plot } from './plot.tsx';

export function Usage({ usage }: { readonly usage: CloudStatus['usage'] }) {
  return (
    <Panel id="cloud-usage" title={words.usage}>
      <div class="totals">
        <Total label={words.today} figures={usage.today} />
        <Total label={words.month} figures={usage.month} />
      </div>
      {usage.days.length > 0 && <Plot days={usage.days} />}
      {usage.byModel.length === 0 ? (
        <p class="card-note">{words.unused}</p>
      ) : (
        <ByModel rows={usage.byModel} />
      )}
    </Panel>
  );
}

function Total({ label, figures }: { readonly label: string; readonly figures: CloudFigures }) {
  const facts = [
    words.requests(figures.requests),
    words.tokens(formatCompact(tokensOf(figures))),
    figures.failed > 0 && words.failed(figures.failed),
  ];
  return (
    <div class="total">
      <h3>{label}</h3>
      <p class="total-cost">{formatUsd(figures.costUsd)}</p>
      <p class="card-note card-note-small">{joinFacts(...facts)}</p>
      {figures.estimatedUsd >= 0.005 && (
        <p class="card-note card-note-small">{words.estimated(formatUsd(figures.estimatedUsd))}</p>
      )}
    </div>
  );
}

function ByModel({ rows }: { readonly rows: CloudStatus['usage']['byModel'] }) {
  return (
    <table class="table">
      <caption class="visually-hidden">{words.byModel}</caption>
      <thead>
        <tr>
          <td class="table-name" />
          <th class="table-group" scope="colgroup" colSpan={3}>
            {words.today}
          </th>
          <th class="table-group" scope="colgroup" colSpan={3}>
            {words.month}
          </th>
        </tr>
        <tr>
          <th class="table-name" scope="col">
            {words.model}
          </th>
          <Heads />
          <Heads />
        </tr>
      </thead>
      <tbody>
        {rows.map(({ model, today, month }) => (
          <tr key={model}>
            <th class="table-name" scope="row">
              <span class="ellipsis" title={model}>
                {model}
              </span>
              <FirstByte today={today.firstByteMs} month={month.firstByteMs} />
            </th>
            <Cells figures={today} />
            <Cells figures={month} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Below the name: as columns, twice, it would leave the names no room. */
function FirstByte({ today, month }: { readonly today: number | null; readonly month: number | null }) {
  if (month === null) return null;
  return (
    <p class="card-note-small">
      {words.firstByte(today === null ? null : formatWait(today), formatWait(month))}
    </p>
  );
}

function Heads() {
  return (
    <>
      <th scope="col">{words.requestsHead}</th>
      <th scope="col">{words.tokensHead}</th>
      <th scope="col">{words.cost}</th>
    </>
  );
}

function Cells({ figures }: { readonly figures: CloudFigures }) {
  const unused = figures.requests === 0 ? 'cell-unused' : undefined;
  return (
    <>
      <td class={unused}>{figures.requests}</td>
      <td class={unused}>{formatCompact(tokensOf(figures))}</td>
      <td class={unused}>{formatUsd(figures.costUsd)}</td>
    </>
  );
}
