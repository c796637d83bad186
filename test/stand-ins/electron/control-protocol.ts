/** What tests may ask of a running app: a fixed set of operations over Node's own IPC channel, never code. */
import * as z from 'zod';

const nothing = z.strictObject({});

const powerEventSchema = z.union([
  z.strictObject({
    name: z.enum([
      'suspend',
      'resume',
      'shutdown',
      'lock-screen',
      'unlock-screen',
      'on-battery',
      'on-ac',
      'user-did-become-active',
      'user-did-resign-active',
    ]),
  }),
  z.strictObject({
    name: z.literal('thermal-state-change'),
    state: z.enum(['unknown', 'nominal', 'fair', 'serious', 'critical']),
  }),
]);

export interface MenuRow {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly sublabel: string;
  readonly toolTip: string;
  readonly name: string;
  readonly shortcut: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  /** File name of the icon. */
  readonly icon: string;
  readonly children: readonly MenuRow[];
}
const menuRowSchema: z.ZodType<MenuRow> = z.lazy(() =>
  z.strictObject({
    id: z.string(),
    type: z.string(),
    label: z.string(),
    sublabel: z.string(),
    toolTip: z.string(),
    name: z.string(),
    shortcut: z.string(),
    enabled: z.boolean(),
    checked: z.boolean(),
    icon: z.string(),
    children: z.array(menuRowSchema),
  }),
);

export const operations = {
  /** The address of Chromium's debugger; `null` without a screen. */
  'app.read': {
    input: nothing,
    output: z.strictObject({
      ready: z.boolean(),
      name: z.string(),
      version: z.string(),
      cdp: z.string().nullable(),
    }),
  },
  /** The user opens the app again. */
  'app.activate': { input: nothing, output: nothing },
  /** What ⌘Q in the Dock, logout or AppleScript do. */
  'app.quit': { input: nothing, output: nothing },
  'tray.read': {
    input: nothing,
    output: z
      .strictObject({
        title: z.string(),
        toolTip: z.string(),
        image: z.string(),
        template: z.boolean(),
        rows: z.array(menuRowSchema),
      })
      .nullable(),
  },
  /** The user hides the icon, or shows it again, in System Settings. */
  'tray.hide': { input: z.strictObject({ hidden: z.boolean() }), output: nothing },
  /** Opens the tray's menu, chooses the item with these labels, and lets the menu close. */
  'menu.click': { input: z.strictObject({ path: z.array(z.string()).min(1) }), output: nothing },
  'menu.open': { input: nothing, output: nothing },
  'menu.close': { input: nothing, output: nothing },
  'windows.read': {
    input: nothing,
    output: z.array(
      z.strictObject({
        id: z.number(),
        title: z.string(),
        url: z.string(),
        visible: z.boolean(),
        focused: z.boolean(),
        bounds: z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
        backgroundColor: z.string(),
      }),
    ),
  },
  /** As the user drags and resizes it. */
  'window.place': {
    input: z.strictObject({
      id: z.number(),
      x: z.number(),
      y: z.number(),
      width: z.number(),
      height: z.number(),
    }),
    output: nothing,
  },
  /** The red button. */
  'window.close': { input: z.strictObject({ id: z.number() }), output: nothing },
  /** Ends the renderer process as a crash would. */
  'window.crash': { input: z.strictObject({ id: z.number() }), output: nothing },
  /** `shown`: how often something brought the icon up, if only for a moment. */
  'dock.read': { input: nothing, output: z.strictObject({ visible: z.boolean(), shown: z.number() }) },
  'theme.set': { input: z.strictObject({ dark: z.boolean() }), output: nothing },
  'power.happen': { input: powerEventSchema, output: z.strictObject({ prevented: z.boolean() }) },
  /** The power-save blockers that are held now. */
  'power.read': { input: nothing, output: z.strictObject({ blockers: z.array(z.string()) }) },
  'clipboard.read': { input: nothing, output: z.strictObject({ text: z.string() }) },
  'clipboard.write': { input: z.strictObject({ text: z.string() }), output: nothing },
  'notifications.read': {
    input: nothing,
    output: z.array(
      z.strictObject({
        number: z.number(),
        title: z.string(),
        subtitle: z.string(),
        body: z.string(),
        open: z.boolean(),
      }),
    ),
  },
  'notification.click': { input: z.strictObject({ number: z.number() }), output: nothing },
  'notifications.deny': { input: z.strictObject({ deny: z.boolean() }), output: nothing },
  'notifications.support': { input: z.strictObject({ support: z.boolean() }), output: nothing },
  'messageBoxes.read': {
    input: nothing,
    output: z.array(
      z.strictObject({
        number: z.number(),
        message: z.string(),
        detail: z.string(),
        buttons: z.array(z.string()),
        answer: z.number().nullable(),
      }),
    ),
  },
  'messageBox.answer': {
    input: z.strictObject({
      number: z.number(),
      response: z.number(),
      checkboxChecked: z.boolean().optional(),
    }),
    output: nothing,
  },
  /** Where the user will save what the app asks for next; `null` to cancel. Answers what the app suggested last. */
  'saveDialog.choose': {
    input: z.strictObject({ path: z.string().nullable() }),
    output: z.strictObject({ suggested: z.string() }),
  },
  /** What the user will choose when the app asks for a file or folder next; none to cancel. Answers what was asked last. */
  'openDialog.choose': {
    input: z.strictObject({ paths: z.array(z.string()) }),
    output: z
      .strictObject({ message: z.string(), defaultPath: z.string(), properties: z.array(z.string()) })
      .nullable(),
  },
  /** What the app handed to `shell`. */
  'opened.read': {
    input: nothing,
    output: z.array(
      z.strictObject({ via: z.enum(['openExternal', 'openPath', 'showItemInFolder']), target: z.string() }),
    ),
  },
  /** Whether macOS finds a browser, or another program, for what is handed to `openExternal`. */
  'openExternal.outcome': { input: z.strictObject({ opens: z.boolean() }), output: nothing },
  /** What a window wanted and did not get. */
  'blocked.read': {
    input: nothing,
    output: z.array(z.strictObject({ url: z.string(), kind: z.enum(['request', 'navigation', 'window']) })),
  },
  'pageErrors.read': {
    input: nothing,
    output: z.array(z.strictObject({ kind: z.enum(['uncaught', 'console']), text: z.string() })),
  },
  'loginItem.read': {
    input: nothing,
    output: z.strictObject({ openAtLogin: z.boolean(), status: z.string() }),
  },
  /** What macOS will say when the app asks to be opened at login. */
  'loginItem.outcome': {
    input: z.strictObject({
      status: z.enum(['not-registered', 'enabled', 'requires-approval', 'not-found']),
    }),
    output: nothing,
  },
  /** Asks the desk that stands in real Electron (test/macos/real-desk.ts), for the test of it. */
  'desk.ask': { input: z.strictObject({ name: z.string(), input: z.unknown() }), output: z.unknown() },
  /** Calls a handler as a window would; `sender` may lie, to test that the app refuses it. */
  'ipc.invoke': {
    input: z.strictObject({
      channel: z.string(),
      args: z.array(z.unknown()),
      sender: z.strictObject({ url: z.string(), isMainFrame: z.boolean() }).optional(),
    }),
    output: z.union([
      z.strictObject({ ok: z.literal(true), value: z.unknown() }),
      z.strictObject({ ok: z.literal(false), error: z.string() }),
    ]),
  },
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type OperationInput<N extends OperationName> = z.input<Operations[N]['input']>;
export type OperationOutput<N extends OperationName> = z.output<Operations[N]['output']>;

export const isOperationName = (name: string): name is OperationName => Object.hasOwn(operations, name);

export const requestSchema = z.strictObject({
  standIn: z.literal('request'),
  id: z.number(),
  name: z.string(),
  input: z.unknown(),
});

/** What the app's process sends: replies, and whether it became ready. */
export const reportSchema = z.union([
  z.strictObject({ standIn: z.literal('ready'), cdp: z.string().nullable() }),
  z.strictObject({ standIn: z.literal('failed'), message: z.string() }),
  z.strictObject({ standIn: z.literal('reply'), id: z.number(), ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ standIn: z.literal('reply'), id: z.number(), ok: z.literal(false), message: z.string() }),
]);
export type Report = z.infer<typeof reportSchema>;
