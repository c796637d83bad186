/** The one place that writes to the clipboard; nothing ever reads it. */
import { clipboard } from 'electron';

export function copyText(text: string): void {
  clipboard.writeText(text);
}
