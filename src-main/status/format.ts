/** Numbers as a person reads them, the same in the tray and in the window. Pure. */
import { statusWords } from '../words/index.ts';

const gibibyte = 2 ** 30;

/** Memory as macOS shows it: binary units called GB, one decimal, none when it is whole. */
export function formatGigabytes(bytes: number): string {
  const value = (bytes / gibibyte).toFixed(1);
  return `${value.endsWith('.0') ? value.slice(0, -2) : value} GB`;
}

/** "22.4 of 64 GB": one unit, said once. */
export function formatGigabytesOf(part: number, whole: number): string {
  return statusWords.partOf(formatGigabytes(part).replace(' GB', ''), formatGigabytes(whole));
}

const gigabyte = 1e9;
const megabyte = 1e6;
const kilobyte = 1e3;

/** On the disk and over the network, as the Finder counts: in thousands. */
export function formatDiskBytes(bytes: number): string {
  if (bytes > 0 && bytes < 0.95 * megabyte) return `${Math.ceil(bytes / kilobyte)} KB`;
  if (bytes < 0.95 * gigabyte) return `${Math.round(bytes / megabyte)} MB`;
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}

/** "4.1 of 18.2 GB": one unit, said once where both have it. */
export function formatDiskBytesOf(part: number, whole: number): string {
  const [first, second] = [formatDiskBytes(part), formatDiskBytes(whole)];
  const unit = second.slice(-3);
  return statusWords.partOf(first.endsWith(unit) ? first.slice(0, -3) : first, second);
}

/** `45s`, `2m 30s`, `3h 5m`, `2d 4h`: at most two units, whole ones. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days}d ${hours % 24}h`;
  if (hours > 0) return `${hours}h ${minutes % 60}m`;
  if (minutes > 0) return `${minutes}m ${seconds % 60}s`;
  return `${seconds}s`;
}

/** Cut to `limit` characters with an ellipsis; the whole text belongs in a tooltip. Never splits a surrogate pair. */
export function shorten(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit
    ? text
    : `${characters
        .slice(0, limit - 1)
        .join('')
        .trimEnd()}…`;
}

/** `127.0.0.1:4000` from a base URL; the text itself when it is not one. */
export function hostOf(baseUrl: string): string {
  return URL.parse(baseUrl)?.host ?? baseUrl;
}
