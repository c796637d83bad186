/** Estimates of what a tier needs of the memory that the GPU may use. */

/** What the server takes besides weights and context (Rapid-MLX's sizing rule). */
export const engineOverheadBytes = 1_200_000_000;

/** The same rule reserves 1.5 to 6 GB for the KV cache; larger models have larger entries. */
export const minKvReserveBytes = 1_500_000_000;
export const maxKvReserveBytes = 6_000_000_000;
const kvReserveShareOfWeights = 0.25;

export function kvReserveBytes(weightsBytes: number): number {
  const share = Math.round(weightsBytes * kvReserveShareOfWeights);
  return Math.min(maxKvReserveBytes, Math.max(minKvReserveBytes, share));
}

export function tierMemoryBytes(weightsBytes: number): number {
  return weightsBytes + engineOverheadBytes + kvReserveBytes(weightsBytes);
}

/** The default of `iogpu.wired_limit_mb`: two thirds of the memory up to 32 GB, three quarters above. */
export function gpuLimitBytes(totalMemoryBytes: number): number {
  const share = totalMemoryBytes <= 32 * 1024 ** 3 ? 2 / 3 : 3 / 4;
  return Math.floor(totalMemoryBytes * share);
}
