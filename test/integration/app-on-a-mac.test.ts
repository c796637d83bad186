/** The shipped bundle with the system tools of a Mac at their places, which say what the test has them say. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type MacTools, m4ProProfile, whyNoMacTools, writeMacTools } from '../stand-ins/macos/mac-tools.ts';
import { createHome, launch, type TestHome, until } from './support/app.ts';
import { temporaryFolder } from './support/rig.ts';

const isMac = process.platform === 'darwin';
/** A shortage is looked for every 15 s, and its end believed at the second look. */
const pressureLimitMs = 60_000;

/** Skips the test, saying why, where there can be none. */
function macTools(skip: (why: string) => void): MacTools {
  const tools = writeMacTools(temporaryFolder());
  if (tools === null) {
    skip(whyNoMacTools);
    throw new Error('not skipped');
  }
  return tools;
}

const profileOf = ({ home }: TestHome): unknown => {
  try {
    return JSON.parse(readFileSync(path.join(home, 'profile.json'), 'utf8'));
  } catch {
    return null;
  }
};

describe.skipIf(isMac)('on a Mac (with its tools as stand-ins, only on Linux)', () => {
  it('the app finds out which one it is, and keeps it for plans and for the CLI', async ({ skip }) => {
    const mac = macTools(skip);
    const home = await createHome({ tiers: ['standard'] });
    const running = await launch(home, { mac });
    await running.untilReady();
    const profile = await until(
      'profile.json',
      async () => profileOf(home),
      (value) => value !== null,
    );
    expect(profile).toEqual(m4ProProfile);
  });

  it('memory that runs short is told with the one click that helps, again if that was not enough, and no more when it is', async ({
    skip,
  }) => {
    const mac = macTools(skip);
    const home = await createHome({ tiers: ['standard', 'fast'] });
    const running = await launch(home, { mac });
    const before = await running.untilReady();
    expect(before.text).not.toContain('memory left');
    mac.setSysctl('kern.memorystatus_vm_pressure_level', '4');
    const short = await running.untilTray(
      'the shortage',
      (tray) => tray.text.includes('This Mac has almost no memory left'),
      pressureLimitMs,
    );
    const [, largest = ''] = /^Stop (standard|fast) /m.exec(short.text) ?? [];
    expect(['standard', 'fast']).toContain(largest);
    await running.click(`Stop ${largest}`);
    await running.untilTray(
      'its end',
      (tray) => tray.stateOf(largest) === 'Off' && !tray.text.includes(`Stop ${largest} `),
    );
    // That was not enough.
    const other = largest === 'fast' ? 'standard' : 'fast';
    const still = await running.untilTray(
      'the other one',
      (tray) => tray.text.includes('almost no memory left'),
      pressureLimitMs,
    );
    expect(still.text).toContain(`Stop ${other} `);
    mac.setSysctl('kern.memorystatus_vm_pressure_level', '1');
    const enough = await running.untilTray(
      'enough memory',
      (tray) => !tray.text.includes('memory left'),
      pressureLimitMs,
    );
    expect(enough.stateOf(other)).toBe('Ready');
  });

  it('a model is not started into a shortage of memory, unless the user says so', async ({ skip }) => {
    const mac = macTools(skip);
    mac.setSysctl('kern.memorystatus_vm_pressure_level', '4');
    const home = await createHome({ tiers: ['standard'] });
    const running = await launch(home, { mac });
    const refused = await running.untilTray('refused', (tray) =>
      tray.text.includes('macOS reports that memory is critically short.'),
    );
    expect(refused.stateOf('standard')).toBe('Failed');
    await running.click('standard', 'Start Anyway');
    await running.untilReady();
  });

  it('nor where other programs have taken what there is, and then with both numbers', async ({ skip }) => {
    const mac = macTools(skip);
    mac.setUsedPages(100_000_000);
    const home = await createHome({ tiers: ['standard'] });
    const running = await launch(home, { mac });
    const refused = await running.untilTray('refused', (tray) => tray.text.includes('needs about'));
    expect(refused.text).toMatch(/standard needs about [\d.]+ GB, but only 0 GB of memory are free now\./);
    mac.setUsedPages(0);
    await running.click('standard', 'Start Anyway');
    await running.untilReady();
  });

  it('without sysctl it serves all the same, and says what it does not know', async ({ skip }) => {
    const mac = macTools(skip);
    mac.breakAll();
    const home = await createHome({ tiers: ['standard'] });
    const running = await launch(home, { mac });
    const said = 'The system does not say which chip and how much memory this computer has.';
    await running.untilTray(
      'the sentence',
      (tray) => tray.text.includes(said) && tray.stateOf('standard') === 'Ready',
    );
    expect(profileOf(home)).toBeNull();
  });

  it('a Mac with an Intel processor is told that it is none of those', async ({ skip }) => {
    const mac = macTools(skip);
    mac.setSysctl('machdep.cpu.brand_string', 'Intel(R) Core(TM) i9-9880H CPU @ 2.30GHz');
    const home = await createHome({ tiers: ['standard'] });
    const running = await launch(home, { mac });
    const told = await running.untilTray('the sentence', (tray) =>
      tray.text.includes('i9-9880H CPU @ 2.30GHz”, but MLX runs on Apple silicon only.'),
    );
    expect(told.text).toContain('Use a Mac with an M1 or a later chip.');
  });

  it('the watchdog of the command-line version is unloaded and removed by one click', async ({ skip }) => {
    const mac = macTools(skip);
    const userHome = temporaryFolder();
    const agent = path.join(userHome, 'Library/LaunchAgents/com.mlx-stack.watchdog.plist');
    mkdirSync(path.dirname(agent), { recursive: true });
    writeFileSync(agent, '<dict><key>Label</key><string>com.mlx-stack.watchdog</string></dict>');
    mac.loadAgent('com.mlx-stack.watchdog');
    const running = await launch(await createHome({ tiers: ['fast'] }), { mac, env: { HOME: userHome } });
    await running.untilTray('the offer', (tray) => tray.text.includes('Remove Watchdog'));
    await running.click('Remove Watchdog');
    await running.untilTray('no offer', (tray) => !tray.text.includes('Remove Watchdog'));
    expect(mac.isLoaded('com.mlx-stack.watchdog')).toBe(false);
    expect(existsSync(agent)).toBe(false);
  });
});
