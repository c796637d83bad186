/** config.yaml: the CLI's keys keep their meaning, each mistake has its place, and a key in plain text never leaks. */
import { describe, expect, test } from 'vitest';
import {
  addToConfigList,
  parseConfig,
  parsedDefaults,
  readPlaintextKey,
  removeConfigKey,
  removeFromConfigList,
  setConfigKey,
} from '../../../src-main/config/config-file.ts';
import {
  type Config,
  type ConfigContext,
  configKeys,
  modelFoldersMax,
} from '../../../src-main/config/config-keys.ts';

/** Loops over many texts, on machines that do much else. */
const slowMs = 30_000;

const context: ConfigContext = { home: '/Users/me/.mlx-stack', userHome: '/Users/me' };

const defaults: Config = {
  defaultQuant: 'int4',
  memoryBudgetPct: 40,
  ranking: 'quality',
  litellmPort: 4000,
  modelDir: '/Users/me/.mlx-stack/models',
  autoHealthCheck: true,
  logMaxSizeMb: 50,
  logMaxFiles: 5,
  logTotalMaxMb: 1000,
  localOnly: false,
  cloud: false,
  cloudDailyCapUsd: 2,
  cloudMonthlyCapUsd: 20,
  cloudPrivacy: 'zero-retention',
  cloudModels: null,
  vllmMlxPath: null,
  keepAwake: false,
  autoUpdate: true,
  notifyFailures: true,
  notifyRecovery: true,
  notifyDisk: true,
  menuBarTitle: 'none',
  litellmPath: null,
  uvPath: null,
  modelFolders: [],
  hasPlaintextKey: false,
};

function configOf(text: string): Config {
  const parsed = parseConfig(text, context);
  if (!parsed.ok) throw new Error(parsed.error[0]?.problem.message);
  return parsed.value.config;
}

function problemsOf(text: string) {
  const parsed = parseConfig(text, context);
  if (parsed.ok) throw new Error('was accepted');
  return parsed.error.map(({ position, problem }) => ({ ...position, ...problem }));
}

const full = `# made by hand
auto-health-check: 'no'     # PyYAML quotes it
default-quant: int8
litellm-port: 4100
log-max-files: 7
log-max-size-mb: 20
memory-budget-pct: 55
model-dir: ~/Models
openrouter-key: ''

# ours
log-total-max-mb: 500
ranking: cli
local-only: on
cloud: yes
cloud-daily-cap-usd: 0.5
cloud-monthly-cap-usd: none
cloud-privacy: no-training
cloud-models: "~anthropic/claude-sonnet-latest, openai/gpt-5.4"
keep-awake: true
auto-update: off
notify-failures: no
notify-recovery: off
notify-disk: false
menu-bar-title: speed
vllm-mlx-path: "/opt/engines/vllm-mlx"
litellm-path: ~/.local/bin/litellm
uv-path: /opt/uv/bin/uv
model-folders:
  - ~/Other Models   # of another app
  - "/Volumes/Disk, two/models"
`;

test('without a file, and for each key alone, the defaults hold', () => {
  expect(parsedDefaults(context).config).toEqual(defaults);
  expect(configOf('')).toEqual(defaults);
  for (const key of configKeys) expect(configOf(`${key}:\n`)).toEqual(defaults);
});

test('every key is read', () => {
  expect(configOf(full)).toEqual({
    defaultQuant: 'int8',
    memoryBudgetPct: 55,
    ranking: 'cli',
    litellmPort: 4100,
    modelDir: '/Users/me/Models',
    autoHealthCheck: false,
    logMaxSizeMb: 20,
    logMaxFiles: 7,
    logTotalMaxMb: 500,
    localOnly: true,
    cloud: true,
    cloudDailyCapUsd: 0.5,
    cloudMonthlyCapUsd: null,
    cloudPrivacy: 'no-training',
    cloudModels: ['~anthropic/claude-sonnet-latest', 'openai/gpt-5.4'],
    vllmMlxPath: '/opt/engines/vllm-mlx',
    keepAwake: true,
    autoUpdate: false,
    notifyFailures: false,
    notifyRecovery: false,
    notifyDisk: false,
    menuBarTitle: 'speed',
    litellmPath: '/Users/me/.local/bin/litellm',
    uvPath: '/opt/uv/bin/uv',
    modelFolders: ['/Users/me/Other Models', '/Volumes/Disk, two/models'],
    hasPlaintextKey: false,
  });
});

test.each([
  ['memory-budget-pct', [1, 100], [0, 101, 40.5, -1, '"40"', 'forty', '[]', '.inf', '.nan', '1e3']],
  ['litellm-port', [1, 65535], [0, 65536, -4000, '4000.5', '"4000"', '{}', '0x10000']],
  ['log-max-size-mb', [1, 100_000], [0, -1, 'big']],
  ['log-max-files', [1, 1000], [0, 1.5]],
  ['log-total-max-mb', [1, 1_000_000], [0, 'x']],
  ['default-quant', ['int4', 'int8', 'bf16'], ['int5', 'INT4', 4, 'true']],
  ['ranking', ['quality', 'cli', '"cli"'], ['CLI', 'composite', '""', 1, '[cli]', 'true']],
  ['auto-health-check', ['true', 'yes', 'on', 1, 'False', 'NO', '"off"', 0], ['maybe', 2, '[]', 'y']],
  ['local-only', ['true', 'off'], ['maybe']],
  ['cloud', ['true', 'off'], ['maybe', 'openrouter']],
  ['cloud-daily-cap-usd', [0, 0.01, 100_000, 'none'], [-1, 100_001, '"5"', 'unlimited', '.inf', '.nan']],
  ['cloud-monthly-cap-usd', [0, 2.5, 'none'], [-0.01, '[]', 'no cap']],
  ['cloud-privacy', ['zero-retention', 'no-training', 'any'], ['zdr', 'ANY', 'true', 1]],
  [
    'cloud-models',
    ['""', 'openai/gpt-5.4', '"~a/b, c/d:nitro,"', '[a/b, "~c/d"]', '[]'],
    ['gpt-5.4', '"a/b, ../c"', '"a/b c/d"', '[a/b, 5]', 5, '{a: b}', '"a/b\\nc"', `[${'a/b,'.repeat(21)}]`],
  ],
  [
    'model-dir',
    ['/', '~', '~/x', '"/a b/ü"', '/a/../b'],
    ['models', './m', '~other/x', '""', 5, '[]', '"/a\\nb"', '"/a\\u0000b"'],
  ],
  ['vllm-mlx-path', ['/x', '""', '~/x'], ['vllm-mlx', '../x', 7, '"/a\\tb"']],
  ['litellm-path', ['/x', '""'], ['litellm']],
  ['uv-path', ['/x', '""'], ['uv']],
  ['openrouter-key', ['""', 'abc'], ['[a]', '{a: 1}', 5, 'true']],
])('%s takes exactly what it should', (key, good, bad) => {
  for (const value of good) expect(parseConfig(`${key}: ${value}\n`, context).ok).toBe(true);
  for (const value of bad) {
    const [found] = problemsOf(`# head\n${key}: ${value}\n`);
    expect(found).toMatchObject({ line: 2, column: key.length + 3, code: 'config-value' });
    expect(found?.message).toContain(`${key} `);
  }
});

test('values near their end are taken exactly, and paths are made absolute', () => {
  expect(configOf('memory-budget-pct: 100').memoryBudgetPct).toBe(100);
  expect(configOf('model-dir: "~"').modelDir).toBe('/Users/me');
  expect(configOf('model-dir: /a/../b/').modelDir).toBe('/b');
  expect(parseConfig(`model-dir: /${'x'.repeat(1023)}`, context).ok).toBe(true);
  expect(parseConfig(`model-dir: /${'x'.repeat(1024)}`, context).ok).toBe(false);
});

test('a mistake says what is allowed and what was likely meant', () => {
  expect(problemsOf('default-quant: int5\n')[0]).toMatchObject({
    message: 'config.yaml, line 1, column 16: default-quant is “int5” but must be int4, int8 or bf16.',
    hint: 'Did you mean int4?',
  });
  expect(problemsOf('litellm-port: "4000"\n')[0]?.message).toContain('without quotes');
});

test('all bad values of a file are told, and not one of its good ones is taken', () => {
  expect(
    problemsOf('litellm-port: 0\nmemory-budget-pct: 500\nlocal-only: true\n').map(({ line }) => line),
  ).toEqual([1, 2]);
});

test('unknown keys are kept, told with their place, and compared with the known', () => {
  const parsed = parseConfig('litellm_port: 4100\nsome: {thing: [1]}\n', context);
  if (!parsed.ok) throw new Error('refused');
  expect(parsed.value.config).toEqual(defaults);
  expect(parsed.value.unknownKeys).toMatchObject([
    {
      position: { line: 1, column: 1 },
      problem: { code: 'unknown-config-key', hint: 'Did you mean litellm-port?' },
    },
    { position: { line: 2, column: 1 }, problem: { code: 'unknown-config-key' } },
  ]);
});

test('a key named like a part of every object changes nothing', () => {
  expect(configOf('__proto__: {litellm-port: 1}\ntoString: 1\nconstructor: 2\n')).toEqual(defaults);
});

describe('every truncation', () => {
  test(
    'ends in a valid config or a placed problem, never in a value that the rules refuse',
    () => {
      for (let length = 0; length <= full.length; length += 1) {
        const parsed = parseConfig(full.slice(0, length), context);
        if (!parsed.ok) {
          expect(parsed.error.length).toBeGreaterThan(0);
          for (const { position, problem } of parsed.error) {
            expect(position?.line).toBeGreaterThan(0);
            expect(problem.message).toMatch(/^config\.yaml, line \d+, column \d+: /);
          }
          continue;
        }
        const { config } = parsed.value;
        expect(config.litellmPort).toBeGreaterThanOrEqual(1);
        expect(config.memoryBudgetPct).toBeGreaterThanOrEqual(1);
        expect(config.modelDir.startsWith('/')).toBe(true);
        expect(['int4', 'int8', 'bf16']).toContain(config.defaultQuant);
      }
    },
    slowMs,
  );
});

describe('edits', () => {
  test('setting each key keeps every other line byte for byte', () => {
    const values = {
      'default-quant': 'bf16',
      'litellm-port': 4999,
      'model-dir': '~/Other Models',
      'local-only': false,
      'litellm-path': '',
    };
    for (const [key, value] of Object.entries(values)) {
      const changed = setConfigKey(full, key, value, context);
      if (!changed.ok) throw new Error(changed.error.message);
      const before = full.split('\n');
      const after = changed.value.split('\n');
      expect(after).toHaveLength(before.length);
      const different = after.filter((line, index) => line !== before[index]);
      expect(different).toHaveLength(1);
      expect(different[0]?.startsWith(`${key}: `)).toBe(true);
    }
  });

  test('a hostile value stays one value', () => {
    for (const value of [
      '/a: b',
      '/a # b',
      '/"x"',
      "/'x'",
      '/{a}',
      '/&a *b',
      '/é😀',
      '/- a',
      `/${'x'.repeat(500)}`,
      '/a: |\\n',
    ]) {
      const changed = setConfigKey('# c\nlitellm-port: 4100\n', 'model-dir', value, context);
      if (!changed.ok) throw new Error(`${value}: ${changed.error.message}`);
      expect(configOf(changed.value)).toEqual({ ...defaults, litellmPort: 4100, modelDir: value });
      expect(changed.value.split('\n')).toHaveLength(4);
    }
    for (const value of ['/a\nlitellm-port: 1', '/a\0', 'relative', '/a\u2028b']) {
      const changed = setConfigKey('', 'model-dir', value, context);
      expect(!changed.ok && changed.error.code).toBe('config-value');
    }
  });

  test('unknown keys, bad values and the OpenRouter key are refused', () => {
    const code = (key: string, value: string | number) => {
      const changed = setConfigKey('', key, value, context);
      return changed.ok ? 'ok' : `${changed.error.code} ${changed.error.hint ?? ''}`;
    };
    expect(code('litelm-port', 1)).toBe('unknown-config-key Did you mean litellm-port?');
    expect(code('zzz', 1)).toContain('default-quant');
    expect(code('litellm-port', 0)).toContain('config-value');
    expect(code('openrouter-key', 'sk-or-v1-x')).toContain('key-not-in-file');
  });

  test('a bad value can be replaced by a good one, but a second bad one is told', () => {
    const changed = setConfigKey('litellm-port: 0 # oops\n', 'litellm-port', 4100, context);
    expect(changed).toEqual({ ok: true, value: 'litellm-port: 4100 # oops\n' });
    const still = setConfigKey('litellm-port: 0\nlocal-only: maybe\n', 'litellm-port', 4100, context);
    expect(!still.ok && still.error.message).toContain('line 2');
  });

  test('removing a key puts the default back and keeps the comments', () => {
    const changed = removeConfigKey(full, 'litellm-port', context);
    expect(changed).toEqual({ ok: true, value: full.replace('litellm-port: 4100\n', '') });
    expect(removeConfigKey(full, 'no-such-key', context).ok).toBe(false);
  });
});

describe('a list', () => {
  const textOf = (result: ReturnType<typeof addToConfigList>): string => {
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
    return result.value;
  };
  const added = (text: string, folder: string) =>
    textOf(addToConfigList(text, 'model-folders', folder, context));
  const removed = (text: string, folder: string) =>
    textOf(removeFromConfigList(text, 'model-folders', folder, context));

  test('grows by a line and shrinks by it, all else stays as it is', () => {
    const longer = added(full, '/x');
    expect(longer).toBe(`${full}  - /x\n`);
    expect(removed(longer, '/x')).toBe(full);
    expect(removed(full, '/Users/me/Other Models')).toBe(
      full.replace('  - ~/Other Models   # of another app\n', ''),
    );
  });

  test('is made with its first item, and goes with its last', () => {
    const made = added('# mine\nlitellm-port: 4100\n', '/a b');
    expect(made.startsWith('# mine\nlitellm-port: 4100\nmodel-folders:')).toBe(true);
    expect(configOf(made).modelFolders).toEqual(['/a b']);
    expect(removed(made, '/a b')).toBe('# mine\nlitellm-port: 4100\n');
    expect(configOf(added('', '/a')).modelFolders).toEqual(['/a']);
    expect(configOf(added('model-folders: []\n', '/a')).modelFolders).toEqual(['/a']);
  });

  test('has each item once, however it is written', () => {
    expect(added(full, '/Users/me/Other Models/')).toBe(full);
    expect(removed(full, '/not/there')).toBe(full);
    const twice = 'model-folders: [~/a, /Users/me/a, /b]\n';
    expect(configOf(twice).modelFolders).toEqual(['/Users/me/a', '/b']);
    expect(configOf(removed(twice, '/Users/me/a')).modelFolders).toEqual(['/b']);
  });

  test('hostile items stay one item, and what is no full path is refused', () => {
    for (const folder of ['/a: b', '/a # b', '/- a', "/'", '/"', '/{a}', '/é😀', '/a, b', '/-rf', '/~']) {
      const text = added(added('local-only: on # keep\n', '/first'), folder);
      expect(configOf(text)).toEqual({ ...defaults, localOnly: true, modelFolders: ['/first', folder] });
      expect(configOf(removed(text, folder)).modelFolders).toEqual(['/first']);
    }
    for (const folder of ['', 'a', '../a', '/a\0', '/a\nb', '~other', `/${'x'.repeat(4096)}`]) {
      const refused = addToConfigList('', 'model-folders', folder, context);
      expect(!refused.ok && refused.error.code).toBe('config-value');
    }
  });

  test('what is no list, or too long a one, is a mistake with its place', () => {
    for (const value of ['/a', '[1]', '[relative]', '{a: 1}', '[[/a]]']) {
      expect(problemsOf(`model-folders: ${value}\n`)[0]).toMatchObject({ line: 1, code: 'config-value' });
    }
    const folders = Array.from({ length: modelFoldersMax + 1 }, (_, index) => `/${index}`);
    expect(configOf(`model-folders: [${folders.slice(1).join(', ')}]`).modelFolders).toHaveLength(
      modelFoldersMax,
    );
    expect(problemsOf(`model-folders: [${folders.join(', ')}]`)[0]?.code).toBe('config-value');
    const full = addToConfigList(
      `model-folders: [${folders.slice(1).join(', ')}]`,
      'model-folders',
      '/more',
      context,
    );
    expect(!full.ok && full.error.code).toBe('config-value');
  });
});

describe('an OpenRouter key in plain text', () => {
  const key = 'sk-or-v1-canary0123456789abcdef';
  const places = [
    `openrouter-key: ${key}\n`,
    `openrouter-key: "${key}\n`,
    `openrouter-key: ${key}: x\n`,
    `openrouter-key: [${key}]\n`,
    `openrouter-key:\n  ${key}: 1\n`,
    `openrouter-key: *${key}\n`,
    `openrouter-key: &${key}\n`,
    `openrouter-key: !${key} x\n`,
    `openrouter-key: ${key}\nopenrouter-key: ${key}\n`,
    `openrouter-key ${key}\n`,
    `${key}\n`,
    `${key}: 1\n`,
    `${key}: 1\n${key}: 2\n`,
    `litellm-port: ${key}\n`,
    `default-quant: ${key}\n`,
    `model-dir: ${key}\n`,
    `local-only: "${key}"\n`,
    `openrouter-key: "${key}\\q"\n`,
    `openrouter-key: |\n  ${key}\nlitellm-port: x\n`,
    `- ${key}\n`,
    `canary0123456789abcdefcanary: 1\n`,
  ];

  test(
    'is in no result, whatever is wrong with the line, at any truncation',
    () => {
      for (const text of places) {
        for (let length = 1; length <= text.length; length += 1) {
          expect(JSON.stringify(parseConfig(text.slice(0, length), context))).not.toContain('canary');
        }
        const changed = setConfigKey(text, 'litellm-port', 0, context);
        expect(JSON.stringify(changed)).not.toContain('canary');
      }
    },
    slowMs,
  );

  test('is known to be there, can be read once more, and removed', () => {
    const text = `# a\nopenrouter-key: '${key} ' # b\nlitellm-port: 4100\n`;
    expect(configOf(text).hasPlaintextKey).toBe(true);
    expect(readPlaintextKey(text)).toBe(key);
    expect(removeConfigKey(text, 'openrouter-key', context)).toEqual({
      ok: true,
      value: '# a\nlitellm-port: 4100\n',
    });
    expect(readPlaintextKey('openrouter-key: ""')).toBeNull();
    expect(readPlaintextKey('openrouter-key: " "')).toBeNull();
    expect(readPlaintextKey('a: [')).toBeNull();
  });

  test('over several lines it is removed whole', () => {
    for (const text of [
      `openrouter-key: >-\n  ${key}\na: 1\n`,
      `openrouter-key: "${key}\n  ${key}"\na: 1\n`,
      `{openrouter-key: ${key}, a: 1}\n`,
    ]) {
      const changed = removeConfigKey(text, 'openrouter-key', context);
      if (!changed.ok) throw new Error(changed.error.message);
      expect(changed.value).not.toContain('canary');
      expect(changed.value).toContain('a: 1');
    }
  });
});
