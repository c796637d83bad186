/**
 * A Mac's `sysctl`, `vm_stat`, `system_profiler` and `launchctl` at their places in a mount namespace of the app's own,
 * where nobody else sees them. They print what the real ones print (facts: servers.md, F), and the test says what there
 * is to tell.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Mac {
  /** By name, as `sysctl` knows them. */
  readonly sysctl: Readonly<Record<string, string>>;
  readonly gpuCores: number;
  /** In pages of 16 KiB. */
  readonly usedPages: number;
}

export const m4Pro: Mac = {
  sysctl: {
    'machdep.cpu.brand_string': 'Apple M4 Pro',
    'hw.memsize': String(48 * 1024 ** 3),
    'iogpu.wired_limit_mb': '0',
    'kern.memorystatus_vm_pressure_level': '1',
  },
  gpuCores: 20,
  usedPages: 500_000,
};

/** What `profile.json` says of it, in the CLI's form (facts: mlx-stack-cli.md, 2.4). */
export const m4ProProfile = {
  chip: 'Apple M4 Pro',
  gpu_cores: 20,
  memory_gb: 48,
  bandwidth_gbps: 273,
  is_estimate: false,
  profile_id: 'm4-pro-48',
} as const;

export interface MacTools {
  /** To run the app by, in place of Node. */
  readonly execPath: string;
  /** To be loaded before the app is ready. */
  readonly preload: string;
  /** Holds from the next question on. */
  setSysctl(name: string, value: string): void;
  setUsedPages(pages: number): void;
  /** An agent of the user that launchd keeps running. */
  loadAgent(label: string): void;
  isLoaded(label: string): boolean;
  /** As where something keeps them from telling: each ends with a failure and says nothing. */
  breakAll(): void;
}

const here = import.meta.dirname;

export const whyNoMacTools = 'only root may mount, on Linux';

/** `null` where the machine does not allow it. */
export function writeMacTools(folder: string, mac: Mac = m4Pro): MacTools | null {
  const values = path.join(folder, 'values');
  const [bin, sbin] = [path.join(folder, 'bin'), path.join(folder, 'sbin')];
  for (const each of [values, bin, sbin]) mkdirSync(each, { recursive: true });
  writeScript(path.join(sbin, 'sysctl'), sysctlScript(values));
  writeScript(path.join(sbin, 'system_profiler'), systemProfilerScript(values));
  writeScript(path.join(bin, 'vm_stat'), vmStatScript(values));
  // `/bin` is `/usr/bin` on Debian.
  writeScript(path.join(bin, 'launchctl'), launchctlScript(values));
  const execPath = path.join(folder, 'node-on-a-mac');
  const mounts = [
    ['/usr/sbin', sbin],
    ['/usr/bin', bin],
  ].map(([place, ours]) => `mount -t overlay overlay -o lowerdir=${ours}:${place} ${place}`);
  const inside = (command: string) =>
    `#!/bin/sh\nexec unshare --mount /bin/sh -c '${mounts.join(' && ')} && ${command}' sh "$@"\n`;
  writeScript(execPath, inside(`exec ${process.execPath} "$@"`));
  const say = (name: string, value: string) => {
    const file = path.join(values, name);
    writeFileSync(`${file}.next`, `${value}\n`);
    renameSync(`${file}.next`, file);
  };
  for (const [name, value] of Object.entries(mac.sysctl)) say(name, value);
  say('gpu-cores', String(mac.gpuCores));
  say('used-pages', String(mac.usedPages));
  if (!mayMount(path.join(folder, 'try'), inside)) return null;
  return {
    execPath,
    preload: path.join(here, 'platform.cjs'),
    setSysctl: say,
    setUsedPages: (pages) => say('used-pages', String(pages)),
    loadAgent: (label) => say(`agent-${label}`, 'running'),
    isLoaded: (label) => existsSync(path.join(values, `agent-${label}`)),
    breakAll: () => rmSync(values, { recursive: true }),
  };
}

function writeScript(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

function mayMount(file: string, inside: (command: string) => string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  writeScript(file, inside('exec /usr/bin/vm_stat'));
  try {
    execFileSync(file, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `sysctl name…` prints `name: value`, with `-n` the values only; what it does not know makes the exit code 1. */
const sysctlScript = (values: string) => `#!/bin/sh
named=yes
if [ "$1" = -n ]; then named=; shift; fi
code=0
for name in "$@"; do
  if value=$(cat '${values}'/"$name" 2>/dev/null); then
    if [ "$named" ]; then echo "$name: $value"; else echo "$value"; fi
  else
    echo "sysctl: unknown oid '$name'" >&2
    code=1
  fi
done
exit $code
`;

const systemProfilerScript = (values: string) => `#!/bin/sh
[ "$*" = 'SPDisplaysDataType -json' ] || exit 64
cores=$(cat '${values}/gpu-cores') || exit 1
cat <<END
{
  "SPDisplaysDataType" : [
    {
      "_name" : "Apple M4 Pro",
      "spdisplays_vendor" : "sppci_vendor_Apple",
      "sppci_bus" : "spdisplays_builtin",
      "sppci_cores" : "$cores",
      "sppci_device_type" : "spdisplays_gpu"
    }
  ]
}
END
`;

const vmStatScript = (values: string) => `#!/bin/sh
used=$(cat '${values}/used-pages') || exit 1
cat <<END
Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               100000.
Pages active:                             $used.
Pages inactive:                           0.
Pages speculative:                        0.
Pages throttled:                          0.
Pages wired down:                         0.
Pages purgeable:                          0.
"Translation faults":                     812345678.
Pages copy-on-write:                      12345678.
File-backed pages:                        0.
Anonymous pages:                          $used.
Pages stored in compressor:               0.
Pages occupied by compressor:             0.
END
`;

/** For services of the user's own session; one that it does not know is 3 to `bootout` (mlx-stack-cli.md §9) and 113 to `print`. */
const launchctlScript = (values: string) => `#!/bin/sh
uid=$(id -u)
case "$2" in
  gui/"$uid"/*) agent='${values}'/agent-"\${2##*/}" ;;
  *) echo "Unrecognized target specifier." >&2; exit 64 ;;
esac
case "$1" in
  bootout)
    if [ -e "$agent" ]; then rm "$agent"; exit 0; fi
    echo 'Boot-out failed: 3: No such process' >&2
    exit 3 ;;
  print)
    if [ -e "$agent" ]; then echo "$2 = {"; echo "	state = running"; echo "}"; exit 0; fi
    echo "Bad request." >&2
    echo "Could not find service "\${2##*/}" in domain for user gui: $uid" >&2
    exit 113 ;;
  *) exit 64 ;;
esac
`;
