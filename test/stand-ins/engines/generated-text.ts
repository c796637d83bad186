/** A deterministic small text generator: the same prompt always yields the same tokens. */
import { createHash } from 'node:crypto';

/** Rough and stable; no tokenizer is claimed. */
const CHARACTERS_PER_TOKEN = 4;
const ECHO_CHARACTERS = 80;
const SENTENCES_LEAST = 2;
const SENTENCES_SPREAD = 3;

const SUBJECTS = ['The model', 'A small server', 'This answer', 'The stack', 'One tier', 'A quiet machine'];
const VERBS = ['keeps', 'returns', 'prepares', 'considers', 'repeats', 'measures'];
const OBJECTS = [
  'every token',
  'the same words',
  'a short reply',
  'one thought',
  'the next step',
  'a plain line',
];
const ENDINGS = ['in order', 'without hurry', 'as asked', 'on this Mac', 'once more', 'for the test'];

/** Numerical Recipes' linear congruential generator: enough to vary words, and the same everywhere. */
function createRandom(seedText: string): () => number {
  let state = createHash('sha256').update(seedText).digest().readUInt32LE(0);
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function tokenize(text: string): readonly string[] {
  return text.match(/\s*\S+/g) ?? [];
}

export function countTokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / CHARACTERS_PER_TOKEN));
}

function sentence(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? '';
  return `${pick(SUBJECTS)} ${pick(VERBS)} ${pick(OBJECTS)} ${pick(ENDINGS)}.`;
}

/** Names what it answers, so that a test sees which message arrived and how many came before. */
export function generateAnswer(prompt: string, lastMessage: string, turn: number): readonly string[] {
  const random = createRandom(prompt);
  const echo = lastMessage.replaceAll(/\s+/g, ' ').trim().slice(0, ECHO_CHARACTERS);
  const sentences = Array.from({ length: SENTENCES_LEAST + Math.floor(random() * SENTENCES_SPREAD) }, () =>
    sentence(random),
  );
  return tokenize(`Answer ${turn} to "${echo}": ${sentences.join(' ')}`);
}

export function generateReasoning(prompt: string): readonly string[] {
  return tokenize(`Thinking first: ${sentence(createRandom(`reasoning ${prompt}`))}`);
}
