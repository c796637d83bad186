/** What starts a service, as text for a person: a line that a shell would take, and around it what it does not say. Pure. */
import { engineOf } from '../stack/engine-missing.ts';
import { supervisorWords } from '../words/index.ts';
import type { StartCommand } from './service.ts';

/** Alone what a shell runs: an interactive zsh takes a line that begins with `#` for a command. */
export function commandLineOf({ spec, options }: StartCommand): string {
  const program = options?.executable ?? engineOf(spec.kind);
  return commandLine([program, ...spec.args]);
}

/** Names alone of the environment: a key of ours is among its values, and those of the user are nobody's business. */
export function commandText(command: StartCommand): string {
  const { spec, options } = command;
  const names = Object.keys(options?.env ?? spec.env).toSorted();
  return [
    commandLineOf(command),
    '',
    supervisorWords.inFolder(quoted(spec.cwd)),
    supervisorWords.withNames(names.join(', ')),
  ].join('\n');
}

/** An option and its value a line. */
function commandLine(parts: readonly string[]): string {
  return parts.map(quoted).reduce((line, part) => `${line}${part.startsWith('--') ? ' \\\n  ' : ' '}${part}`);
}

/** At the beginning of a word `=` is zsh's: the path of the command that follows. */
const plain = /^(?!=)[\w@%+=:,./-]+$/;
/** Control characters, and those that turn the direction of what is read. */
const unseen = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

/** As sh reads it, or where that could not be seen, as bash and zsh do. */
export function quoted(text: string): string {
  if (plain.test(text)) return text;
  if (!unseen.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = [...text].map((each) => {
    if (each === "'" || each === '\\') return `\\${each}`;
    if (!unseen.test(each)) return each;
    return [...Buffer.from(each)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  });
  return `$'${escaped.join('')}'`;
}
