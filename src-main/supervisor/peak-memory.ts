/** The most memory that a model's server has had since its start, from its own `/v1/status`. */
import * as z from 'zod';
import { parseServerStatus, readServerStatus } from './server-status.ts';

/** vllm-mlx divides MLX’s bytes by a billion, and rounds to a hundredth (engine/simple.py, `get_stats`). */
const bytesPerGb = 1e9;
/** More than any Mac has. */
const maxGb = 10_000;

const gb = z.number().nonnegative().max(maxGb);
const statusSchema = z.object({
  metal: z
    .object({ peak_memory_gb: gb, active_memory_gb: gb.nullish().catch(null) })
    /** A peak below what it has now is none. */
    .refine(({ peak_memory_gb, active_memory_gb }) => peak_memory_gb >= (active_memory_gb ?? 0)),
});

export function parsePeakMemory(text: string): number | null {
  const parsed = statusSchema.safeParse(parseServerStatus(text));
  return parsed.success ? Math.round(parsed.data.metal.peak_memory_gb * bytesPerGb) : null;
}

/** In bytes; `null` where the server does not say it, or nothing that can be. */
export async function readPeakMemory(port: number, timeoutMs: number): Promise<number | null> {
  const text = await readServerStatus(port, timeoutMs);
  return text === null ? null : parsePeakMemory(text);
}
