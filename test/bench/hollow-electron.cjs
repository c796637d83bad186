/**
 * `node --require`: an Electron that is there and does nothing, for figures of what the app itself costs. The real
 * stand-in would be counted with it, and so would the removal of types at run time; hence plain JavaScript.
 */
const { registerHooks } = require('node:module');
const { EventEmitter } = require('node:events');
const os = require('node:os');
const path = require('node:path');

const standIns = new Map([
  ['electron', __filename],
  ['keytar', path.join(__dirname, 'hollow-keytar.cjs')],
]);

registerHooks({
  resolve(name, context, next) {
    const file = standIns.get(name);
    if (file === undefined) return next(name, context);
    return { url: require('node:url').pathToFileURL(file).href, format: 'commonjs', shortCircuit: true };
  },
});

/** Can be called, constructed and read to any depth; it is no promise, and it has no elements. */
const nothing = new Proxy(class {}, {
  get(_target, name) {
    if (name === 'then') return undefined;
    if (name === Symbol.toPrimitive) return () => '';
    if (name === Symbol.iterator) return () => [][Symbol.iterator]();
    return nothing;
  },
  apply: () => nothing,
  construct: () => nothing,
});

/** What is not said here is nothing. */
const orNothing = (object) =>
  new Proxy(object, { get: (target, name) => (name in target ? Reflect.get(target, name) : nothing) });

const app = orNothing(
  Object.assign(new EventEmitter(), {
    whenReady: () => Promise.resolve(),
    isReady: () => true,
    requestSingleInstanceLock: () => true,
    getAppPath: () => path.resolve(__dirname, '../..'),

    getPath: (name) => (name === 'home' ? os.homedir() : path.join(os.homedir(), `electron-${name}`)),
    setPath: () => {},
    getVersion: () => '0.0.0',
    getLoginItemSettings: () => ({ wasOpenedAtLogin: true }),
    exit: (code) => process.exit(code),
    quit: () => process.exit(0),
  }),
);

/** The page of releases offers this very version, as on nearly every day of an app's life. */
process.resourcesPath = path.join(__dirname, 'hollow-resources');
const net = {
  request() {
    const request = new EventEmitter();
    const response = Object.assign(new EventEmitter(), { statusCode: 200 });
    return Object.assign(request, {
      abort() {},
      end() {
        setImmediate(() => {
          request.emit('response', response);
          response.emit('data', Buffer.from(`version: ${app.getVersion()}\n`));
          response.emit('end');
        });
      },
    });
  },
};

module.exports = orNothing({ app, net, nativeTheme: orNothing({ shouldUseDarkColors: false }) });
