/**
 * Six bundles: `--mode main`, `--mode preload`, the threads `--mode reader`, which reads logs, and `--mode hasher`, which
 * verifies downloads, and `--mode updater`, what only an update needs (all CommonJS, electron left outside), and
 * `--mode renderer`.
 */
import { builtinModules } from 'node:module';
import { defineConfig, type Plugin, type UserConfig } from 'vite';

const outsideTheBundle = [
  'electron',
  'keytar',
  ...builtinModules,
  ...builtinModules.map((name) => `node:${name}`),
];

/**
 * Files of their own: V8 sets memory aside by the size of the largest file that it reads at once, and the system does
 * not get it back. One file took 6 MB more for as long as the app runs. The first is read before the others, since it
 * says how they are compiled.
 */
const separateFiles = {
  groups: [
    { name: 'v8-flags', test: /src-main\/(v8-flags|compilers)\.ts$/ },
    { name: 'zod', test: /node_modules\/zod\// },
    { name: 'yaml', test: /node_modules\/yaml\// },
    { name: 'libraries', test: /node_modules\// },
    { name: 'contract', test: /src-main\/contract\// },
    { name: 'words', test: /src-main\/words\// },
    { name: 'models', test: /src-main\/(models|catalogue|setup|planner)\// },
    { name: 'supervisor', test: /src-main\/(supervisor|stack)\// },
    { name: 'cloud', test: /src-main\/(cloud|toolchain|secrets)\// },
    { name: 'foundation', test: /src-main\/(logs|files|shell|status|config|hardware)\// },
  ],
};

/** It can send lines to a server, which nothing here asks for; what it loads for that takes 2 MB. */
const electronLogStaysHere: Plugin = {
  name: 'electron-log-stays-here',
  transform: {
    filter: { id: /node_modules\/electron-log\/src\/node\/transports\/remote\.js$/ },
    handler: (code) => ({ code: code.replace("require('https')", '{}'), map: null }),
  },
};

/**
 * What a file hands to others is read through an accessor, which takes 0.8 KB of memory for each of a thousand words. They
 * import nothing and never change: whoever reads the value itself reads the same.
 */
const wordsAreValues: Plugin = {
  name: 'words-are-values',
  generateBundle(_options, bundle) {
    const words = bundle['words.cjs'];
    if (words?.type !== 'chunk') return;
    words.code = words.code.replace(
      /Object\.defineProperty\(exports,"([\w$]+)",\{enumerable:true,get:function\(\)\{return ([\w$]+)\}\}\);/g,
      'exports.$1=$2;',
    );
    if (words.code.includes('get:')) this.error('The words are handed on in another way than is known here.');
  },
};

/**
 * V8 keeps a program's text as long as it runs, at two bytes for each character as soon as one of them is not Latin: a
 * single apostrophe of a sentence doubled it. The escapes mean the same wherever a program may hold such a character.
 */
const oneBytePrograms: Plugin = {
  name: 'one-byte-programs',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue;
      file.code = file.code.replace(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

/** Comments and indents would stay in memory with the program. Names stay: a stack trace shows them. */
const withoutSpace = { compress: false, mangle: false, codegen: { removeWhitespace: true } } as const;

/** A sandboxed preload must be one CommonJS file, and CommonJS spares the main bundle a `createRequire` banner. */
function nodeBundle(name: 'main' | 'preload' | 'reader' | 'hasher' | 'updater', input: string): UserConfig {
  return {
    publicDir: false,
    plugins: [electronLogStaysHere, oneBytePrograms, wordsAreValues],
    ssr: { noExternal: true },
    resolve: { conditions: ['node'], mainFields: ['module', 'main'] },
    build: {
      ssr: true,
      outDir: `dist/${name}`,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      sourcemap: true,
      reportCompressedSize: false,
      rollupOptions: {
        input: { [name]: input },
        external: outsideTheBundle,
        // Schemas that a bundle does not use leave zod outside of it: the reader thread starts in a third of the time.
        treeshake: { manualPureFunctions: ['z'] },
        output: {
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: '[name].cjs',
          codeSplitting: name === 'main' ? separateFiles : false,
          minify: name === 'main' ? withoutSpace : false,
        },
      },
    },
  };
}

/**
 * The first paint waits for the script, which renders at once: an empty page in between would only cost a frame. Vite
 * writes the tag anew and leaves the attribute out.
 */
const firstPaintWaits: Plugin = {
  name: 'first-paint-waits',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
  },
};

/** Vite's own has the files that a file needs loaded with it; here they all are there by then. */
const plainImport: Plugin = {
  name: 'plain-import',
  enforce: 'pre',
  load: {
    filter: { id: /vite\/preload-helper/ },
    handler: () => 'export const __vitePreload = (load) => load();',
  },
};

const rendererBundle: UserConfig = {
  root: 'src-renderer',
  base: './',
  plugins: [firstPaintWaits, plainImport],
  // Children as arguments take fewer bytes than as a property of each element.
  oxc: {
    jsx: { runtime: 'classic', pragma: 'jsxElement', pragmaFrag: 'JsxGroup' },
    jsxInject: "import { Fragment as JsxGroup, h as jsxElement } from 'preact'",
  },
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome140',
    modulePreload: false,
    // The app serves no map: its files name none.
    sourcemap: 'hidden',
    reportCompressedSize: false,
    rollupOptions: {
      // A sentence stands where it is said: under a name it would also be handed from file to file.
      optimization: { inlineConst: { mode: 'all' } },
      // Words stand in the file of the views that say them, though one index names them all.
      treeshake: { moduleSideEffects: [{ test: /src-renderer\/words\//, sideEffects: false }] },
    },
  },
};

export default defineConfig(({ mode }): UserConfig => {
  switch (mode) {
    case 'main':
    case 'preload':
      return { ...nodeBundle(mode, `src-main/${mode}.ts`), logLevel: 'warn' };
    case 'reader':
      return { ...nodeBundle(mode, 'src-main/logs/reader/reader.ts'), logLevel: 'warn' };
    case 'hasher':
      return { ...nodeBundle(mode, 'src-main/models/hashing/hasher.ts'), logLevel: 'warn' };
    case 'updater':
      return { ...nodeBundle('updater', 'src-main/shell/updater.ts'), logLevel: 'warn' };
    default:
      return { ...rendererBundle, logLevel: 'warn' };
  }
});
