/**
 * Counts, prices, shares and dates as the language of the words writes them. Sizes, durations and costs are those of the
 * menu too: `status/format.ts` and `status/cloud-summary.ts`. Pure.
 */
export const language = 'en-US';

/** Made at its first use: one of these takes milliseconds, and the first paint needs few. */
function later<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const compact = later(
  () => new Intl.NumberFormat(language, { notation: 'compact', maximumSignificantDigits: 3 }),
);
const price = later(
  () =>
    new Intl.NumberFormat(language, {
      style: 'currency',
      currency: 'USD',
      minimumFractionDigits: 2,
      maximumFractionDigits: 4,
    }),
);
const plural = later(() => new Intl.PluralRules(language));

/** `12,345`. */
export const formatCount = (count: number): string => count.toLocaleString(language);
/** `18.4K`, `1M`. */
export const formatCompact = (count: number): string => compact().format(count);
export const formatPrice = (usd: number): string => price().format(usd);
/** `420 ms`, `1.3 s`: a number and its unit stay on one line. */
export const formatWait = (ms: number): string =>
  Math.round(ms) < 1000 ? `${Math.round(ms)}\u00a0ms` : `${(ms / 1000).toFixed(1)}\u00a0s`;
/** A whole percentage of a share between 0 and 1; never 100 before it is. */
export const formatShare = (share: number): string => formatPercent(Math.floor(share * 100));
export const formatPercent = (percent: number): string => `${percent}%`;

/** `1 model`, `12 models`: every category that the language has needs its form, `other` stands for those that lack. */
export function counted(
  count: number,
  forms: { readonly [C in Intl.LDMLPluralRule]?: string } & { readonly other: string },
): string {
  return `${formatCount(count)} ${forms[plural().select(count)] ?? forms.other}`;
}

/** The words of the language, the habits of the user's region: 24 hours, the day before the month. */
function regional(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  return later(() => {
    const { region } = new Intl.Locale(navigator.language);
    const { language: words } = new Intl.Locale(language);
    return new Intl.DateTimeFormat(region === undefined ? language : `${words}-${region}`, options);
  });
}

const dayFormat = regional({ day: 'numeric', month: 'short' });
const timeFormat = regional({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const momentFormat = regional({ dateStyle: 'medium', timeStyle: 'short' });
const isToday = (time: Date): boolean => time.toDateString() === new Date().toDateString();

/** `22 Nov`. */
export const formatDay = (ms: number): string => dayFormat().format(ms);

/** The time alone for today, with the day otherwise. */
export function formatMoment(ms: number): string {
  return (isToday(new Date(ms)) ? timeFormat : momentFormat)().format(ms);
}

/** To the millisecond and always as wide, as a log has it; with the day unless it is today's. */
export function formatLogTime(ms: number): string {
  const time = new Date(ms);
  const padded = (value: number, width = 2): string => String(value).padStart(width, '0');
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()];
  const clock = `${padded(hours)}:${padded(minutes)}:${padded(seconds)}.${padded(time.getMilliseconds(), 3)}`;
  return isToday(time) ? clock : `${formatDay(ms)} ${clock}`;
}

type Part = string | false | null | undefined;

/** What there is to say, as short facts on one line. */
export const joinFacts = (...parts: readonly Part[]): string => parts.filter(Boolean).join(' · ');
/** The same as sentences. */
export const joinSentences = (...parts: readonly Part[]): string => parts.filter(Boolean).join(' ');
