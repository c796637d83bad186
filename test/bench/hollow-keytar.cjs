/**
 * An empty Keychain, in place of keytar's Linux build: that one brings GLib, GIO and libsecret into the process, where the
 * one that ships talks to macOS. Run by itself it says what they take: bytes of resident memory.
 */
module.exports = {
  getPassword: async () => null,
  setPassword: async () => {},
  deletePassword: async () => false,
};

async function measure() {
  /** The threads that the app has anyhow. */
  const { readFile } = require('node:fs/promises');
  await Promise.all(Array.from({ length: 16 }, () => readFile(__filename)));
  const beforeBytes = process.memoryUsage.rss();
  await require('keytar')
    .getPassword('mlx-stack-bench', 'none')
    .catch(() => null);
  process.stdout.write(String(process.memoryUsage.rss() - beforeBytes));
  process.exit();
}

if (require.main === module) void measure();
