/** Takes secrets out of text: those the app registered, exactly, and what looks like a key, by pattern. */
import type { Fingerprint } from './kernel/kernel.ts';

/** What stands in a line where a secret stood. */
export const redactionMark = '[redacted]';

/** Shorter strings occur by chance; redacting them would make a log unreadable and protect nothing. */
const secretMinChars = 8;
/** Longer ones could not be told apart from ordinary output within the overlap that a cut line keeps. */
export const secretMaxChars = 4096;
/** Each line is searched for all of them. The first ones stay: they are in use; of the others the patterns take what looks like a key. */
export const secretsMax = 256;
/** Any pattern is recognised within this many characters of its start. */
const patternReachChars = 128;
/** An unfinished value longer than this is given up on: its rest is dropped up to where it ends. */
const heldMaxChars = 4096;
/** How far from the end an unfinished secret is looked for when a line ends with it. */
const openTailChars = 512;

/** A line that is still growing, divided where no secret is cut. */
export interface OpenText {
  /** Redacted, may be written. */
  readonly done: string;
  /** Not redacted, must stay in memory until more has arrived. */
  readonly held: string;
  /** A secret longer than what may be held ends `done`; what follows it is part of it, see `afterValue`. */
  readonly insideValue: boolean;
}

export interface Redactor {
  /** Takes effect at once; `false` when it is too short or too long to be redacted by value, or one too many. */
  register(secret: string): boolean;
  forget(secret: string): void;
  /** Safe to apply twice. */
  redact(text: string): string;
  /**
   * Whole lines as bytes; the same buffer when there was nothing to do. `mayHoldPattern` is `false` when none of the
   * `fingerprints` is in it.
   */
  redactBlock(block: Buffer, mayHoldPattern?: boolean): Buffer;
  /** The beginning of a line that has become too long to hold; one character per byte. */
  redactOpen(text: string): OpenText;
  /** The end of a line that may have been cut off in the middle of a secret. */
  redactCutOff(text: string): string;
}

/** Where the rest of a value that `redactOpen` gave up on ends. */
export function afterValue(text: string): number {
  const end = text.search(/[ \t\r\n"'\\&,;<>(){}[\]]/);
  return end < 0 ? text.length : end;
}

// Only blanks, never `\s`: a line break must end every match, and 0xA0 is half of a letter in a text of bytes.
const quote = `(?:\\\\?["'])`;
const assigns = `${quote}?[ \\t]{0,4}(?:[:=]|%3a|%3d)[ \\t]{0,4}(?:b?${quote})?`;
/** Words that stand where a key would and say that there is none, or that it was redacted before. */
const noSecret =
  '(?!(?:none|null|true|false|undefined|os\\.environ)(?![a-z0-9])|(?:[a-z]{1,10}[ \\t]{1,4})?\\[redacted\\])';
const value = `(?:(?<=")[^"\\\\\\n]+|(?<=')[^'\\\\\\n]+|[^ \\t\\r\\n"'\\\\&,;<>(){}\\[\\]]+)`;
/** Not in the middle of a word (`task-…`), but right after an escape such as `%20` or `\n`. */
const startsAt = (prefix: string): string =>
  `${prefix}(?<=(?:^|[^a-z0-9]|%[0-9a-f]{2}|\\\\[nrtbf])${prefix})`;

const keyNames = [
  'api[_-]?key',
  '(?:master|secret|private|access|signing|encryption|salt|openrouter|litellm|openai)[_-]key',
  '(?:access|refresh|auth|api|session|bearer|csrf|hf|hub|id)[_-]?token',
  '(?:[?&]|%26|%3f)key',
  'secret',
  'passw(?:or)?d',
  'passphrase',
].join('|');

/** Each with at most one group: what to keep in front of the mark. */
const patterns = [
  'sk-or-v1-[a-z0-9_-]{4,}',
  `${startsAt('sk-')}[a-z0-9_-]{16,}`,
  `${startsAt('hf_')}[a-z0-9]{16,}`,
  `(authorization(?:${quote}[ \\t]{0,4},[ \\t]{0,4}b?${quote}|${assigns})(?:(?:bearer|basic|token|digest)[ \\t]{1,4})?)${noSecret}${value}`,
  `(bearer(?:[ \\t]{1,4}|%20|\\+))(?![a-z]{1,20}(?:[^a-z0-9._~+/=-]|$))[a-z0-9._~+/=-]{6,}`,
  `((?:${keyNames})${assigns})${noSecret}${value}`,
  `((?<![a-z0-9_-])token(?:=|%3d)${quote}?)${noSecret}[^ \\t\\r\\n"'\\\\&,;<>(){}\\[\\]]{6,}`,
  `((?<![a-z0-9_-])token${assigns})[a-z0-9._~+/=-]{16,}`,
];

// Cut to the letters that the engine skips best by: the literals of one test agree in where their rare letters stand
// (the `k`), or begin behind a letter that is common (`earer`, `ecret`). Each of the two passes a text at 1.5 to 4 GB/s;
// the same with whole words takes three times as long, the patterns themselves many times that.
const preTests: readonly RegExp[] = [
  /hf_|sk-|[_?&6fi-]key|oken["'\\]{0,2}[ \t]{0,4}(?:[=:]|%3)/i,
  /earer|ecret|ass[pw]|thoriz/i,
];

const letters = 'abcdefghijklmnopqrstuvwxyz';
const keyChars = `${letters}0123456789_-`;
/**
 * Four characters of each thing that a pre-test finds, so that what holds none of them needs no pre-test. Which of a
 * word's letters: those that ordinary lines hold least (`prompt_tokens` is in every line of some servers).
 */
export const fingerprints: readonly Fingerprint[] = [
  ['s', 'k', '-', keyChars],
  ['h', 'f', '_', keyChars],
  ['_?&6fi-', 'k', 'e', 'y'],
  ['k', 'e', 'n', '"\'\\ \t=:%'],
  ['a', 'r', 'e', 'r'],
  ['c', 'r', 'e', 't'],
  ['a', 's', 's', 'pw'],
  ['o', 'r', 'i', 'z'],
];

/** What may turn into a secret when more text follows; applied to the end of a text only. */
const openEnd = new RegExp(
  `(?:sk-[a-z0-9_-]*|hf_[a-z0-9]*|(authorization${assigns}(?:[a-z]+[ \\t]{1,4})?|bearer[ \\t]{1,4}|(?:${keyNames}|(?<![a-z0-9_-])token)${assigns})${noSecret}[^ \\t\\r\\n"'\\\\&,;<>]+)$`,
  'i',
);

const escapeForPattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** The characters of base64 that depend on the secret alone, whatever three-byte alignment it has in a longer text. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const from = shift === 0 ? 0 : shift + 1;
    const whole = (shift + bytes.length) % 3 === 0;
    const core = encoded.slice(from, whole ? undefined : -1);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** A secret as it may appear: plain, in JSON, in a URL, in base64; as text and as UTF-8 bytes read one by one. */
function formsOf(secret: string): string[] {
  let encoded = secret;
  try {
    encoded = encodeURIComponent(secret);
  } catch {
    // A lone surrogate has no URL form.
  }
  const forms = new Set<string>();
  for (const form of [secret, JSON.stringify(secret).slice(1, -1), encoded, encoded.replaceAll('%20', '+')]) {
    forms.add(form);
    forms.add(Buffer.from(form).toString('latin1'));
  }
  for (const form of base64Forms(secret)) forms.add(form);
  return [...forms].filter((form) => form.length >= secretMinChars);
}

const sampleBytes = 4;
/** Bytes from one sample to the next; the shortest form decides. */
const strideMinBytes = 8;
const strideMaxBytes = 32;
const filteredMinBytes = strideMinBytes + sampleBytes - 1;
/** Small enough for the fastest cache: it is asked at each sample. */
const slotBits = 14;
const slotOf = (word: number): number => Math.imul(word, 0x9e3779b1) >>> (32 - slotBits);

/**
 * Tells whether bytes may contain one of many strings, at the same small cost for any number of them: only every n-th
 * position is looked at, n being so small that no string can lie unseen between two samples.
 */
function createSampleFilter(forms: readonly string[]): (block: Buffer) => boolean {
  const all = forms.map((form) => Buffer.from(form, 'latin1'));
  const short = all.filter((bytes) => bytes.length < filteredMinBytes);
  const long = all.filter((bytes) => bytes.length >= filteredMinBytes);
  const shortest = long.reduce((least, bytes) => Math.min(least, bytes.length), strideMaxBytes + sampleBytes);
  const strideWords = Math.floor((shortest - sampleBytes + 1) / 4);
  const words = new Set<number>();
  const slots = new Uint8Array(1 << slotBits);
  for (const bytes of long) {
    for (let offset = 0; offset < strideWords * 4; offset += 1) {
      // Little-endian, as Int32Array reads below on every platform there is a Node for.
      const word = bytes.readInt32LE(offset);
      words.add(word);
      slots[slotOf(word)] = 1;
    }
  }
  return (block) => {
    if (words.size > 0) {
      const lead = (4 - (block.byteOffset & 3)) & 3;
      const count = Math.max(0, (block.length - lead) >> 2);
      const samples = new Int32Array(
        block.buffer,
        block.byteOffset + (count > 0 ? lead : -(block.byteOffset & 3)),
        count,
      );
      for (let i = 0; i < count; i += strideWords) {
        const word = samples[i] ?? 0;
        if (slots[slotOf(word)] === 1 && words.has(word)) return true;
      }
    }
    return short.some((bytes) => block.includes(bytes));
  };
}

/** Characters of `text` at its end that are the beginning of `form`; 0 when fewer than four, which says nothing. */
function overlapWithStart(text: string, form: string): number {
  for (let length = Math.min(form.length, text.length); length >= 4; length -= 1) {
    if (text.endsWith(form.slice(0, length))) return length;
  }
  return 0;
}

const combined = new RegExp(patterns.join('|'), 'gi');

const keepFront = (_match: string, ...rest: unknown[]): string => {
  // Groups come before the offset; exactly one of them, or none, took part in the match.
  const front = rest.slice(0, groupCount).find((group) => typeof group === 'string');
  return `${typeof front === 'string' ? front : ''}${redactionMark}`;
};
const groupCount = patterns.filter((pattern) => /\((?!\?)/.test(pattern)).length;

export function createRedactor(): Redactor {
  const secrets = new Map<string, readonly string[]>();
  let forms: readonly string[] = [];
  let literals: RegExp | null = null;
  let mayHoldForm = createSampleFilter([]);
  let reachChars = patternReachChars;

  function rebuild(): void {
    // Longest first: of two secrets that start alike the longer one must win.
    forms = [...new Set([...secrets.values()].flat())].sort((a, b) => b.length - a.length);
    literals = forms.length === 0 ? null : new RegExp(forms.map(escapeForPattern).join('|'), 'gi');
    mayHoldForm = createSampleFilter(forms);
    reachChars = Math.max(patternReachChars, forms[0]?.length ?? 0);
  }

  // By value before by pattern: a pattern may take the first half of a secret that holds a blank or a comma.
  const withoutForms = (text: string): string => (literals ? text.replace(literals, redactionMark) : text);
  const withoutPatterns = (text: string): string =>
    preTests.some((test) => test.test(text)) ? text.replace(combined, keepFront) : text;

  return {
    register(secret) {
      if (secret.length < secretMinChars || secret.length > secretMaxChars) return false;
      if (!secrets.has(secret)) {
        if (secrets.size >= secretsMax) return false;
        secrets.set(secret, formsOf(secret));
        rebuild();
      }
      return true;
    },
    forget(secret) {
      if (secrets.delete(secret)) rebuild();
    },
    redact(text) {
      return withoutPatterns(forms.some((form) => text.includes(form)) ? withoutForms(text) : text);
    },
    redactBlock(block, mayHoldPattern = true) {
      const isSuspect = mayHoldForm(block);
      if (!isSuspect && !mayHoldPattern) return block;
      const text = block.toString('latin1');
      const safe = withoutPatterns(isSuspect ? withoutForms(text) : text);
      return safe === text ? block : Buffer.from(safe, 'latin1');
    },
    redactOpen(open) {
      const text = withoutForms(open);
      let cut = text.length - reachChars;
      if (cut <= 0) return { done: '', held: open, insideValue: false };
      for (const match of text.matchAll(combined)) {
        const end = match.index + match[0].length;
        if (match.index >= cut) break;
        if (end <= cut) continue;
        const tooLong = text.length - match.index > heldMaxChars + reachChars;
        if (tooLong && end === text.length)
          return { done: withoutPatterns(text), held: '', insideValue: true };
        cut = tooLong ? end : match.index;
        break;
      }
      // Never between the bytes of one UTF-8 character, which has at most three after the first.
      for (let back = 0; back < 3 && cut > 0 && (text.charCodeAt(cut) & 0xc0) === 0x80; back += 1) cut -= 1;
      return { done: withoutPatterns(text.slice(0, cut)), held: text.slice(cut), insideValue: false };
    },
    redactCutOff(text) {
      const overlap = forms.reduce((most, form) => Math.max(most, overlapWithStart(text, form)), 0);
      const whole = overlap === 0 ? text : text.slice(0, -overlap) + redactionMark;
      const safe = withoutPatterns(withoutForms(whole));
      const from = Math.max(0, safe.length - openTailChars);
      const tail = safe
        .slice(from)
        .replace(
          openEnd,
          (_match, front: unknown) => `${typeof front === 'string' ? front : ''}${redactionMark}`,
        );
      return safe.slice(0, from) + tail;
    },
  };
}
