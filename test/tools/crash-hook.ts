/** Loaded before the app by a test that wants its bugs: each signal makes one, with the text of a file in it. */
import { readFileSync } from 'node:fs';

const { CRASH_TEXT_FILE: file = '' } = process.env;
const text = () => readFileSync(file, 'utf8');

/** An exception that nobody catches. */
process.on('SIGIO', () => {
  throw Object.assign(new Error(`Request with ${text()} failed`, { cause: { headers: text() } }), {
    request: { key: text() },
  });
});
/** Words on standard error that went past the app's log. */
process.on('SIGVTALRM', () => void process.stderr.write(`${text()}\n`));
