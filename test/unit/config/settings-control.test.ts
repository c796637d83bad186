/** The settings as the window sees and changes them: one rule for file and window, refusals in sentences, restarts told truthfully. */
import { describe, expect, it } from 'vitest';
import {
  parseConfig,
  parsedDefaults,
  removeAllSettings,
  removeConfigKey,
  setConfigKey,
} from '../../../src-main/config/config-file.ts';
import { type ConfigContext, configKeys, settingRules } from '../../../src-main/config/config-keys.ts';
import type { ConfigState } from '../../../src-main/config/config-store.ts';
import {
  type AffectedService,
  createSettingsControl,
  type PathWish,
  type SettingsControlDeps,
} from '../../../src-main/config/settings-control.ts';
import { ok, type Problem, problem, type Result } from '../../../src-main/contract/result.ts';
import { type Settings, settingKeys, settingsSchema } from '../../../src-main/contract/settings.ts';

const context: ConfigContext = { home: '/Users/me/.mlx-stack', userHome: '/Users/me' };

/** The store over a text in memory, with the very functions that edit the file. */
function setUp(first = '', more: Partial<SettingsControlDeps> = {}) {
  let text = first;
  let lastGood = parsedDefaults(context);
  const listeners = new Set<(state: ConfigState) => void>();
  const published: Settings[] = [];
  const asked: PathWish[] = [];
  let services: AffectedService[] = [
    { id: 'fast', name: 'Fast', fingerprint: 'a', isRunning: true },
    { id: 'gateway', name: 'Gateway', fingerprint: 'b', isRunning: true },
    { id: 'idle', name: 'Idle', fingerprint: 'c', isRunning: false },
  ];

  function state(): ConfigState {
    const parsed = parseConfig(text, context);
    if (!parsed.ok) return { value: lastGood, source: 'last-good', problems: parsed.error };
    lastGood = parsed.value;
    return { value: parsed.value, source: 'file', problems: [] };
  }
  function become(next: string): void {
    text = next;
    for (const listener of listeners) listener(state());
  }
  async function edit(change: (text: string) => Result<string>): Promise<Result<void>> {
    const changed = change(text);
    if (!changed.ok) return changed;
    become(changed.value);
    return ok(undefined);
  }
  const control = createSettingsControl({
    ...context,
    config: {
      state,
      set: (key, value) => edit((now) => setConfigKey(now, key, value, context)),
      remove: (key) => edit((now) => removeConfigKey(now, key, context)),
      removeAll: () => edit((now) => removeAllSettings(now, context)),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    file: '/Users/me/.mlx-stack/config.yaml',
    refresh: async () => {},
    services: () => services,
    tiers: () => [{ name: 'fast', port: 8000 }],
    isFolder: async (folder) => folder === '/Volumes/Models' || folder === '/Users/me/Models',
    checkProgram: async (_key, file) =>
      file === '/bin/good' ? null : problem('executable-missing', `${file} is not there.`),
    choosePath: async (wish) => {
      asked.push(wish);
      return null;
    },
    publish: (settings) => published.push(settings),
    ...more,
  });
  return {
    control,
    published,
    asked,
    text: () => text,
    become,
    setServices: (next: AffectedService[]) => {
      services = next;
    },
    services: () => services,
    set: control.handlers['settings.set'],
    reset: control.handlers['settings.reset'],
    async read(): Promise<Settings> {
      const read = await control.handlers['settings.read']();
      if (!read.ok) throw new Error(read.error.message);
      return settingsSchema.parse(read.value);
    },
  };
}

const refusal = (result: Result<unknown>): Problem => {
  if (result.ok) throw new Error('was accepted');
  return result.error;
};

describe('reading', () => {
  it('gives every key but the OpenRouter key, each with its default, and nothing of that key', async () => {
    const { read } = setUp(`openrouter-key: sk-or-v1-${'ab12'.repeat(16)}\n`);
    const settings = await read();
    expect(settings.settings.map(({ key }) => key)).toEqual(
      configKeys.filter((key) => key !== 'openrouter-key'),
    );
    for (const { value, defaultValue, isSet } of settings.settings) {
      expect(value).toEqual(defaultValue);
      expect(isSet).toBe(false);
    }
    expect(JSON.stringify(settings)).not.toContain('ab12');
  });

  it('tells what is set, what is in force and which keys nothing reads', async () => {
    const settings = await setUp('litellm-port: 4100\nmodel-dir: ~/Models\nkeep-awake:\nmy-key: 1\n').read();
    const of = (key: string) => settings.settings.find((setting) => setting.key === key);
    expect(of('litellm-port')).toMatchObject({ value: 4100, defaultValue: 4000, isSet: true });
    expect(of('model-dir')).toMatchObject({ value: '/Users/me/Models', isSet: true });
    expect(of('keep-awake')).toMatchObject({ value: false, isSet: false });
    expect(settings.unknownKeys).toEqual(['my-key']);
  });

  it('does not repeat an unknown key that could be a secret', async () => {
    const settings = await setUp(`sk-or-v1-${'ab12'.repeat(8)}: oops\n`).read();
    expect(settings.unknownKeys).toEqual(['…']);
  });

  it('says of a bad file what is wrong, and what is still in force', async () => {
    const { become, read } = setUp('litellm-port: 4100\n');
    await read();
    become('litellm-port: much\n');
    const settings = await read();
    expect(settings.problems[0]?.message).toContain('litellm-port is “much” but must be a whole number');
    expect(settings.settings.find(({ key }) => key === 'litellm-port')?.value).toBe(4100);
  });

  it('tells each change as a whole, the later with the higher revision', async () => {
    const { become, published, read } = setUp();
    const before = await read();
    become('keep-awake: true\n');
    become('keep-awake: false\n');
    expect(published.map(({ revision }) => revision)).toEqual([before.revision + 1, before.revision + 2]);
    expect(await read()).toEqual(published[1]);
  });
});

describe('what a setting may hold', () => {
  it.each(settingKeys)('%s: what its kind offers is what its rule takes', (key) => {
    const rule = settingRules[key];
    const takes = (raw: unknown) => rule.read(raw, context).ok;
    const { kind } = rule;
    switch (kind.kind) {
      case 'number':
        expect([takes(kind.min), takes(kind.min - 1)]).toEqual([true, false]);
        if (kind.max !== null) expect([takes(kind.max), takes(kind.max + 1)]).toEqual([true, false]);
        expect(takes(kind.min + 0.5)).toBe(!kind.isWhole);
        if (kind.noneWord !== null) expect(takes(kind.noneWord)).toBe(true);
        break;
      case 'choice':
        expect(kind.choices.map(takes)).toEqual(kind.choices.map(() => true));
        expect(takes('none-of-these')).toBe(false);
        break;
      case 'switch':
        expect([takes(true), takes(false), takes('maybe')]).toEqual([true, true, false]);
        break;
      case 'path':
        expect([takes('/a/b'), takes('~/b'), takes('a/b'), takes('')]).toEqual([
          true,
          true,
          false,
          kind.isOptional,
        ]);
        break;
      default:
        expect(
          takes(
            Array.from({ length: kind.max + 1 }, (_, at) =>
              key === 'cloud-models' ? `a/m${at}` : `/f${at}`,
            ),
          ),
        ).toBe(false);
    }
  });
});

describe('changing', () => {
  it('keeps comments and unknown keys', async () => {
    const { set, reset, text } = setUp('# mine\nlitellm-port: 4100 # for work\nmy-key: 1\n');
    expect(await set({ key: 'litellm-port', value: 4200 })).toEqual(ok({ restarts: [] }));
    expect(await set({ key: 'keep-awake', value: true })).toEqual(ok({ restarts: [] }));
    expect(text()).toBe('# mine\nlitellm-port: 4200 # for work\nmy-key: 1\nkeep-awake: true\n');
    expect(await reset({ key: 'litellm-port' })).toEqual(ok({ restarts: [] }));
    expect(text()).toBe('# mine\nmy-key: 1\nkeep-awake: true\n');
  });

  it('resets everything in one step, but what is not a setting', async () => {
    const { reset, text, published } = setUp(
      '# mine\nlitellm-port: 4100\nopenrouter-key: sk-or-v1-abc\nmodel-folders:\n  - /a\n  - /b\nmy-key: 1\ncloud: true\n',
    );
    expect(await reset({ key: null })).toEqual(ok({ restarts: [] }));
    expect(text()).toBe('# mine\nopenrouter-key: sk-or-v1-abc\nmy-key: 1\n');
    expect(published).toHaveLength(1);
  });

  it('repairs the one value that made a file bad, by another or by its default', async () => {
    const bad = 'log-max-files: nine\nkeep-awake: true\n';
    const first = setUp(bad);
    expect((await first.set({ key: 'log-max-files', value: 7 })).ok).toBe(true);
    expect(first.text()).toBe('log-max-files: 7\nkeep-awake: true\n');
    const second = setUp(bad);
    expect((await second.reset({ key: 'log-max-files' })).ok).toBe(true);
    expect(second.text()).toBe('keep-awake: true\n');
    const third = setUp(bad);
    expect(refusal(await third.set({ key: 'keep-awake', value: false })).message).toContain('log-max-files');
    expect(third.text()).toBe(bad);
  });

  it.each([
    ['memory-budget-pct', 0, 'Enter a whole number from 1 to 100.'],
    ['memory-budget-pct', 'forty', 'Enter a whole number from 1 to 100.'],
    ['default-quant', 'int5', 'Enter int4, int8 or bf16.'],
    ['ranking', 'CLI', 'Enter quality or cli.'],
    ['keep-awake', 'maybe', 'Enter true or false.'],
    ['log-max-files', 0.5, 'Enter a whole number of at least 1.'],
    ['model-dir', '/Volumes/Models', 'The model folder is chosen in the dialog of macOS, not typed.'],
    ['vllm-mlx-path', '/bin/good', 'A program is chosen in the dialog of macOS, not typed.'],
    ['litellm-path', 'litellm', 'A program is chosen in the dialog of macOS, not typed.'],
    ['uv-path', '/usr/bin/uv', 'A program is chosen in the dialog of macOS, not typed.'],
    ['litellm-port', 8000, 'Port 8000 belongs to the model “fast”.'],
    ['openrouter-key', 'sk-or-v1-abc', 'The OpenRouter key is kept in the Keychain, never in config.yaml.'],
    ['litellm-prt', 4100, '“litellm-prt” is not a setting.'],
    ['__proto__', 1, 'This is not a setting.'],
  ])('%s: %j is refused: %s', async (key, value, sentence) => {
    const { set, text, published } = setUp('# mine\n');
    expect(refusal(await set({ key, value })).message).toBe(sentence);
    expect(text()).toBe('# mine\n');
    expect(published).toEqual([]);
  });

  it('takes no program for one', async () => {
    const { set, text } = setUp();
    expect(await set({ key: 'litellm-path', value: '' })).toEqual(ok({ restarts: [] }));
    expect(text()).toBe('litellm-path: ""\n');
  });

  it('names the running services whose definition is another afterwards, and no other', async () => {
    const rig = setUp('', {
      refresh: async () =>
        rig.setServices(
          rig.services().map((one) => (one.id === 'fast' ? one : { ...one, fingerprint: 'z' })),
        ),
    });
    expect(await rig.set({ key: 'litellm-port', value: 4100 })).toEqual(ok({ restarts: ['Gateway'] }));
  });
});

describe('choosing a path', () => {
  it('asks where the present one is, and does nothing when that is cancelled', async () => {
    const { control, asked, text } = setUp('model-dir: /Volumes/Models\n');
    const choose = control.handlers['settings.choosePath'];
    expect(await choose({ key: 'model-dir' })).toEqual(ok(null));
    expect(await choose({ key: 'litellm-path' })).toEqual(ok(null));
    expect(asked).toEqual([
      { key: 'model-dir', kind: 'folder', startAt: '/Volumes/Models' },
      { key: 'litellm-path', kind: 'file', startAt: '/Users/me' },
    ]);
    expect(refusal(await choose({ key: 'cloud' })).code).toBe('setting-not-a-path');
    expect(text()).toBe('model-dir: /Volumes/Models\n');
  });

  it('sets what was chosen, a program too, by the same checks as the file', async () => {
    const answers = ['models', '/nowhere', '/Volumes/Models', '/nowhere', '/bin/good'];
    const { control, text } = setUp('', { choosePath: async () => answers.shift() ?? null });
    const choose = control.handlers['settings.choosePath'];
    expect(refusal(await choose({ key: 'model-dir' })).message).toBe(
      'Enter the full path of a folder, beginning with “/” or “~/”.',
    );
    expect(refusal(await choose({ key: 'model-dir' })).message).toBe('There is no folder at /nowhere.');
    expect(await choose({ key: 'model-dir' })).toEqual(ok({ restarts: [] }));
    expect(refusal(await choose({ key: 'vllm-mlx-path' })).message).toBe('/nowhere is not there.');
    expect(await choose({ key: 'vllm-mlx-path' })).toEqual(ok({ restarts: [] }));
    expect(text()).toBe('model-dir: /Volumes/Models\nvllm-mlx-path: /bin/good\n');
  });
});

it('is silent once closed', () => {
  const { control, become, published } = setUp();
  control.close();
  become('keep-awake: true\n');
  expect(published).toEqual([]);
});
