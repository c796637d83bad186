/** What a test counts where the clock would count every other process on a busy machine, too. */

/** Milliseconds of processor time that this thread has used. */
export function threadTimeMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
