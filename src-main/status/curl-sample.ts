/** A first request to the gateway as one pastes it into a terminal: the same text to be shown and to be copied. Pure. */
import { statusWords as words } from '../words/index.ts';

/** A name of a tier, an address and a key of ours have nothing that a shell or JSON would read otherwise. */
export function curlSample(baseUrl: string, tier: string, key: string): string {
  const content = words.sampleQuestion;
  const lines = [
    `curl ${baseUrl}/chat/completions`,
    `-H "Authorization: Bearer $MLX_STACK_KEY"`,
    `-H "Content-Type: application/json"`,
    `-d '${JSON.stringify({ model: tier, messages: [{ role: 'user', content }] })}'`,
  ];
  return `MLX_STACK_KEY='${key}'\n${lines.join(' \\\n  ')}\n`;
}
