/** The whole app on a home that is damaged, hostile or foreign: it lives, says so, harms nothing and signals nobody. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHome, enginesOf, launch, snapshotOf, type TestHome, write } from './support/app.ts';
import { temporaryFolder } from './support/rig.ts';

const modeOf = (file: string) => statSync(file).mode & 0o777;

describe('a damaged file', () => {
  it.each([
    ['garbage', '{{{ : nonsense ]['],
    ['empty', ''],
    ['binary', randomBytes(4096)],
    ['huge', 'a: 1\n'.repeat(200_000)],
  ])(
    '%s stack file: nothing runs, the first row says why, the file stays as it was',
    async (kind, content) => {
      const home = await createHome({ tiers: ['fast'] });
      write(home.home, 'stacks/default.yaml', content);
      const running = await launch(home);
      const shown = await running.untilTray('the problem', (tray) =>
        tray.image.startsWith('stack-attention'),
      );
      expect(shown.text, kind).toMatch(/stack/i);
      expect(await enginesOf(home.home)).toEqual([]);
      expect(readFileSync(path.join(home.home, 'stacks/default.yaml')).equals(Buffer.from(content))).toBe(
        true,
      );
    },
  );

  it('a stack file that turns bad while running changes nothing, and that turns good again is taken', async () => {
    const home = await createHome({ tiers: ['fast'] });
    const running = await launch(home);
    await running.untilReady();
    const before = await enginesOf(home.home);
    const good = readFileSync(path.join(home.home, 'stacks/default.yaml'), 'utf8');
    write(home.home, 'stacks/default.yaml', good.slice(0, good.length / 2));
    const bad = await running.untilTray('the mistake', (tray) => tray.image.startsWith('stack-attention'));
    expect(bad.headline).toContain('stack file');
    expect(await enginesOf(home.home)).toEqual(before);
    write(home.home, 'stacks/default.yaml', good);
    await running.untilReady();
    expect(await enginesOf(home.home)).toEqual(before);
  });

  it.each([
    ['config.yaml', 'litellm-port: [not, a, port'],
    ['desired.json', '{"version":1,"services":{"fast":"on"'],
    ['ledger.json', '{"version":1,"launches":[{"service":"x","pid":1}]}'],
    ['litellm.yaml', '\0\0\0'],
  ])('%s: the app lives and says what is wrong with it', async (file, content) => {
    const home = await createHome({ tiers: ['fast'] });
    write(home.home, file, content);
    const running = await launch(home);
    await running.untilTray('its tray', (tray) => !tray.text.includes('opening'));
    expect(running.app.ended()).toBe(false);
    // What we generate ourselves is simply written anew; everything else is kept for the user to look at.
    if (file === 'litellm.yaml') await running.untilReady();
    else if (file === 'ledger.json') expect(existsSync(path.join(home.home, 'ledger.json.bad'))).toBe(true);
    else expect(readFileSync(path.join(home.home, file), 'utf8')).toBe(content);
    if (file !== 'config.yaml') return;
    // It says so also once the model has failed, whose engine only that file would have named.
    await running.untilTray('the failure', (tray) => tray.stateOf('fast') === 'Failed');
    const { headline } = await running.tray();
    expect(headline).toMatch(/settings file/i);
  });
});

describe('every file at once', () => {
  it.each([
    ['empty', Buffer.alloc(0)],
    ['binary', randomBytes(4096)],
    ['huge', Buffer.from('[1, 2, 3]\n'.repeat(100_000))],
    ['cut short', Buffer.from('{"version":1,"laun')],
  ])(
    '%s: the app lives, starts nothing by mistake, and loses nothing the user wrote',
    async (_kind, content) => {
      const home = await createHome({ tiers: ['fast'] });
      const files = ['config.yaml', 'desired.json', 'ledger.json', 'litellm.yaml'];
      for (const file of files) write(home.home, file, content);
      const running = await launch(home);
      await running.untilTray('the model of the good stack file', (tray) => tray.stateOf('fast') !== 'none');
      expect(running.app.ended()).toBe(false);
      expect(await enginesOf(home.home)).toEqual([]);
      expect(readFileSync(path.join(home.home, 'config.yaml')).equals(content)).toBe(true);
      expect(readFileSync(path.join(home.home, 'desired.json')).equals(content)).toBe(true);
      await running.session.stop();
    },
  );
});

describe('a ledger that names strangers', () => {
  /** Records every signal it gets; KILL would end it. */
  function stranger() {
    const script = `
      for (const s of ['SIGTERM','SIGINT','SIGHUP','SIGCONT','SIGUSR2']) process.on(s, () => process.stdout.write(s + '\\n'));
      process.stdout.write('ready\\n'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const ready = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    return { child, ready, said: () => said };
  }

  it('signals neither a live stranger nor the process that started the app', async () => {
    const other = stranger();
    await other.ready;
    const home = await createHome({ tiers: ['fast'] });
    const base = {
      service: 'fast',
      startedAtS: Math.floor(Date.now() / 1000),
      executable: process.execPath,
      launchId: '7b0d3a52-3d2c-4a55-9a53-0c8c2f3f8f11',
      port: home.tierPorts['fast'] ?? 0,
    };
    write(
      home.home,
      'ledger.json',
      JSON.stringify({
        version: 1,
        launches: [
          { ...base, pid: other.child.pid },
          { ...base, pid: process.pid, launchId: '7b0d3a52-3d2c-4a55-9a53-0c8c2f3f8f12' },
        ],
      }),
    );
    const running = await launch(home);
    await running.untilReady();
    await running.session.stop();
    expect(other.said()).toBe('ready\n');
    expect(other.child.exitCode).toBeNull();
    expect(other.child.signalCode).toBeNull();
  });
});

describe('links and permissions', () => {
  async function expectNothingStarts(home: TestHome): Promise<string> {
    const running = await launch(home);
    const shown = await running.untilTray('the reason', (tray) => tray.image.startsWith('stack-attention'));
    expect(await enginesOf(home.home)).toEqual([]);
    await running.session.stop();
    return shown.text;
  }

  it('a home that is a symbolic link is refused with a sentence, and nothing is written through it', async () => {
    const home = await createHome({ tiers: ['fast'] });
    const real = path.join(temporaryFolder(), 'elsewhere');
    renameSync(home.home, real);
    symlinkSync(real, home.home);
    const before = readdirSync(real).sort();
    // The preview resolves the folder it is given; the app is told the link's own path.
    const running = await launch({ home: real }, { env: { MLX_STACK_HOME: home.home } });
    const shown = await running.untilTray('the reason', (tray) => tray.image.startsWith('stack-attention'));
    expect(shown.headline).toContain('symbolic l');
    expect(await enginesOf(home.home)).toEqual([]);
    expect(readdirSync(real).sort()).toEqual(before);
  });

  it('a records file that is a symbolic link is neither read nor replaced', async () => {
    const home = await createHome({ tiers: ['fast'] });
    const outside = path.join(temporaryFolder(), 'outside.json');
    writeFileSync(outside, JSON.stringify({ version: 1, launches: [] }));
    symlinkSync(outside, path.join(home.home, 'ledger.json'));
    const before = readFileSync(outside, 'utf8');
    expect(await expectNothingStarts(home)).toMatch(/link/i);
    expect(lstatSync(path.join(home.home, 'ledger.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(outside, 'utf8')).toBe(before);
  });

  it('a logs folder that is a symbolic link is not written through', async () => {
    const home = await createHome({ tiers: ['fast'] });
    const outside = temporaryFolder();
    symlinkSync(outside, path.join(home.home, 'logs'));
    expect(await expectNothingStarts(home)).toMatch(/link/i);
    expect(existsSync(path.join(outside, 'fast.log'))).toBe(false);
  });

  it('modes that let others in are repaired, with a notice, and the stack runs', async () => {
    const home = await createHome({ tiers: ['fast'] });
    const at = (name: string) => path.join(home.home, name);
    mkdirSync(at('logs'));
    write(home.home, 'logs/fast.log', 'of an earlier run\n');
    write(home.home, 'usage.jsonl', '');
    const opened = {
      logs: 0o777,
      stacks: 0o755,
      'config.yaml': 0o666,
      'usage.jsonl': 0o644,
      'logs/fast.log': 0o664,
    };
    for (const [name, mode] of Object.entries(opened)) chmodSync(at(name), mode);
    chmodSync(home.home, 0o755);
    const running = await launch(home, { hidden: false });
    await running.untilReady();
    expect(modeOf(home.home)).toBe(0o700);
    const { notices } = await snapshotOf(running);
    const said = notices.filter(({ title }) => title.includes('now only you can'));
    expect(said).toHaveLength(1);
    for (const name of Object.keys(opened)) {
      expect(modeOf(at(name)), name).toBe(name.includes('.') ? 0o600 : 0o700);
    }
    for (const file of ['ledger.json', 'desired.json', 'litellm.yaml', 'logs/fast.log']) {
      expect(modeOf(path.join(home.home, file)), file).toBe(0o600);
    }
  });
});
