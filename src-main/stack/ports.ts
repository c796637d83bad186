/** Which ports a tier may move to. */
import type { Stack } from './stack-types.ts';

/** Where the CLI puts tiers. */
export const firstTierPort = 8000;
export const lastTierPort = 8100;

/** In order of preference: the tiers' usual range without what the stack and the gateway use. */
export function candidatePorts(stack: Stack, gatewayPort: number): number[] {
  const taken = new Set([gatewayPort, ...stack.tiers.map((tier) => tier.port)]);
  const range = Array.from({ length: lastTierPort - firstTierPort + 1 }, (_, index) => firstTierPort + index);
  return range.filter((port) => !taken.has(port));
}
