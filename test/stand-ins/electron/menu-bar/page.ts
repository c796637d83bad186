/** Runs in the "Menu bar" page: draws what it is given, and reports clicks and keys. Self-contained: it travels as text. */
import type { MenuItemView } from '../menu-view.ts';
import type { ImageView } from '../native-image.ts';

/** Name of the function that the page calls; with `Draw` appended, of the one that it offers. */
export const menuBarBinding = '__menuBar';

export interface Modifiers {
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

export interface MenuBarView {
  readonly trays: readonly {
    readonly id: number;
    readonly title: string;
    readonly toolTip: string;
    readonly image: ImageView | null;
  }[];
  readonly menu: {
    /** Another number is another opening. */
    readonly opening: number;
    readonly trayId: number | null;
    readonly items: readonly MenuItemView[];
  } | null;
  readonly notifications: readonly {
    readonly number: number;
    readonly title: string;
    readonly subtitle: string;
    readonly body: string;
  }[];
  readonly messageBox: {
    readonly number: number;
    readonly message: string;
    readonly detail: string;
    readonly buttons: readonly string[];
    readonly defaultId: number;
    readonly cancelId: number;
    readonly checkboxLabel: string;
    readonly checkboxChecked: boolean;
  } | null;
}

export function drawMenuBar(binding: string): void {
  type Call = (name: string, ...args: unknown[]) => Promise<unknown>;
  const bound: unknown = Reflect.get(globalThis, binding);
  if (typeof bound !== 'function') throw new Error(`This page has no ${binding}`);
  const call: Call = (...args) => Reflect.apply(bound, undefined, args);

  /** A menu on screen: the root, or a submenu of `parent`'s current item. */
  interface Panel {
    readonly element: HTMLElement;
    readonly rows: readonly { readonly element: HTMLElement; readonly item: MenuItemView }[];
    readonly parent: Panel | null;
    current: number;
    child: Panel | null;
  }

  let root: Panel | null = null;
  let openingDrawn = 0;
  let messageBoxDrawn = 0;

  const place = (id: string): HTMLElement => {
    const found = document.getElementById(id);
    if (found === null) throw new Error(`no #${id}`);
    return found;
  };

  function element(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
    const made = document.createElement(tag);
    if (className !== '') made.className = className;
    made.append(...children);
    return made;
  }

  function icon(image: ImageView): HTMLElement {
    const sources = image.representations.map(({ scale, src }) => `url("${src}") ${scale}x`).join(', ');
    const made = element('span', image.template ? 'icon template' : 'icon');
    made.style.width = `${image.width}px`;
    made.style.height = `${image.height}px`;
    made.style[image.template ? 'maskImage' : 'backgroundImage'] = `image-set(${sources})`;
    made.style[image.template ? 'maskSize' : 'backgroundSize'] = '100% 100%';
    made.dataset['file'] = image.fileName;
    return made;
  }

  const modifiersOf = ({ altKey, ctrlKey, metaKey, shiftKey }: Modifiers): Modifiers => ({
    altKey,
    ctrlKey,
    metaKey,
    shiftKey,
  });

  function drawTrays(view: MenuBarView): void {
    const wanted = view.trays.map((tray) => {
      const button = element('button', 'tray');
      button.dataset['tray'] = String(tray.id);
      button.setAttribute(
        'aria-label',
        [tray.toolTip || 'Menu bar icon', tray.title.trim()].filter(Boolean).join(', '),
      );
      button.setAttribute('aria-haspopup', 'menu');
      button.setAttribute('aria-expanded', String(view.menu?.trayId === tray.id));
      button.title = tray.toolTip;
      if (tray.image !== null) button.append(icon(tray.image));
      if (tray.title !== '') button.append(element('span', 'title', tray.title.trim()));
      button.addEventListener('pointerdown', (event) => {
        event.preventDefault();
        if (event.button === 0) void call('press', tray.id, modifiersOf(event));
      });
      button.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ' && event.key !== 'ArrowDown') return;
        event.preventDefault();
        event.stopPropagation();
        void call('press', tray.id, modifiersOf(event));
      });
      button.addEventListener('contextmenu', (event) => {
        event.preventDefault();
        void call('pressRight', tray.id, modifiersOf(event));
      });
      return button;
    });
    const trays = place('trays');
    const drawn = [...trays.children];
    const same =
      wanted.length === drawn.length &&
      wanted.every((next, i) => next.dataset['tray'] === drawn[i]?.getAttribute('data-tray'));
    if (!same) trays.replaceChildren(...wanted);
    else {
      for (const [i, next] of wanted.entries()) {
        const button = drawn[i];
        if (button !== undefined && !button.isEqualNode(next)) redraw(button, next);
      }
    }
  }

  /** In its place: another button there would lose the click or the key that is on its way to this one. */
  function redraw(drawn: Element, next: Element): void {
    for (const { name, value } of next.attributes) drawn.setAttribute(name, value);
    drawn.replaceChildren(...next.childNodes);
  }

  const roleOf = (item: MenuItemView): string =>
    item.type === 'checkbox' ? 'menuitemcheckbox' : item.type === 'radio' ? 'menuitemradio' : 'menuitem';

  function drawItem(item: MenuItemView): HTMLElement {
    /** What is drawn is hidden from assistive technology, which gets the name, the description and the shortcut. */
    const hidden = (part: HTMLElement) => {
      part.ariaHidden = 'true';
      return part;
    };
    const words = hidden(element('span', 'words', element('span', 'label', item.label)));
    const row = element('div', 'item', hidden(element('span', 'mark', item.checked ? '✓' : '')));
    row.setAttribute('role', roleOf(item));
    row.setAttribute('aria-label', item.name);
    row.tabIndex = -1;
    row.dataset['id'] = item.id;
    if (item.toolTip !== '') row.title = item.toolTip;
    if (!item.enabled) row.setAttribute('aria-disabled', 'true');
    if (item.type === 'checkbox' || item.type === 'radio')
      row.setAttribute('aria-checked', String(item.checked));
    if (item.sublabel !== '') {
      words.append(element('span', 'sublabel', item.sublabel));
      row.setAttribute('aria-description', item.sublabel);
    }
    if (item.icon !== null) row.append(icon(item.icon));
    row.append(words);
    if (item.badge !== '') row.append(hidden(element('span', 'badge', item.badge)));
    if (item.shortcut !== '') {
      row.append(hidden(element('span', 'shortcut', item.shortcut)));
      row.setAttribute('aria-keyshortcuts', item.shortcut);
    }
    if (item.type === 'submenu') {
      row.setAttribute('aria-haspopup', 'menu');
      row.setAttribute('aria-expanded', 'false');
      row.append(chevron());
    }
    return row;
  }

  function chevron(): Node {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('class', 'chevron');
    svg.setAttribute('width', '6');
    svg.setAttribute('height', '10');
    svg.setAttribute('viewBox', '0 0 6 10');
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    line.setAttribute('d', 'M1 1l4 4-4 4');
    line.setAttribute('fill', 'none');
    line.setAttribute('stroke', 'currentColor');
    line.setAttribute('stroke-width', '1.7');
    line.setAttribute('stroke-linecap', 'round');
    line.setAttribute('stroke-linejoin', 'round');
    svg.append(line);
    return svg;
  }

  /** Items after a header, up to the next separator, are its group. */
  function openPanel(items: readonly MenuItemView[], name: string, parent: Panel | null, at: DOMRect): Panel {
    const menu = element('div', 'menu');
    menu.setAttribute('role', 'menu');
    menu.setAttribute('aria-label', name);
    menu.tabIndex = -1;
    if (items.some((item) => item.type === 'checkbox' || item.type === 'radio'))
      menu.classList.add('has-marks');
    const rows: { element: HTMLElement; item: MenuItemView }[] = [];
    const panel: Panel = { element: menu, rows, parent, current: -1, child: null };
    let group = menu;
    for (const item of items) {
      if (item.type === 'separator') {
        group = menu;
        const line = element('div', 'separator');
        line.setAttribute('role', 'separator');
        menu.append(line);
      } else if (item.type === 'header') {
        group = element('div', 'group');
        group.setAttribute('role', 'group');
        group.setAttribute('aria-label', item.name);
        const header = element('div', 'header', item.label);
        header.setAttribute('aria-hidden', 'true');
        group.append(header);
        menu.append(group);
      } else {
        const row = drawItem(item);
        const index = rows.push({ element: row, item }) - 1;
        row.addEventListener('pointerenter', () => point(panel, index));
        row.addEventListener('pointerup', (event) => {
          point(panel, index);
          activate(panel, modifiersOf(event));
        });
        group.append(row);
      }
    }
    menu.addEventListener('pointerleave', () => {
      if (panel.child === null) setCurrent(panel, -1);
    });
    place('menus').append(menu);
    position(menu, parent !== null, at);
    return panel;
  }

  function position(menu: HTMLElement, isSubmenu: boolean, at: DOMRect): void {
    const top = place('desktop').getBoundingClientRect().top;
    const { width, height } = menu.getBoundingClientRect();
    const room = 6;
    let left = isSubmenu ? at.right + 3 : at.left;
    if (left + width > innerWidth - room) left = isSubmenu ? at.left - width - 3 : innerWidth - room - width;
    const wantedTop = isSubmenu ? at.top - 5 : at.bottom + 1;
    menu.style.left = `${Math.max(room, left)}px`;
    menu.style.top = `${Math.max(top, Math.min(wantedTop, innerHeight - room - height))}px`;
  }

  function closePanel(panel: Panel | null): void {
    if (panel === null) return;
    closePanel(panel.child);
    panel.element.remove();
    if (panel.parent === null) return;
    panel.parent.child = null;
    panel.parent.rows[panel.parent.current]?.element.setAttribute('aria-expanded', 'false');
  }

  function setCurrent(panel: Panel, index: number): void {
    if (panel.current === index) return;
    closePanel(panel.child);
    panel.rows[panel.current]?.element.classList.remove('current');
    panel.current = index;
    const row = panel.rows[index];
    row?.element.classList.add('current');
    (row?.element ?? panel.element).focus({ preventScroll: true });
  }

  function openChild(panel: Panel): void {
    const row = panel.rows[panel.current];
    if (row === undefined || row.item.type !== 'submenu' || !row.item.enabled || panel.child !== null) return;
    row.element.setAttribute('aria-expanded', 'true');
    panel.child = openPanel(row.item.children, row.item.name, panel, row.element.getBoundingClientRect());
  }

  /** The pointer is over a row: disabled ones are not highlighted. */
  function point(panel: Panel, index: number): void {
    setCurrent(panel, panel.rows[index]?.item.enabled ? index : -1);
    openChild(panel);
  }

  function activate(panel: Panel, modifiers: Modifiers): void {
    const row = panel.rows[panel.current];
    if (row === undefined || !row.item.enabled) return;
    if (row.item.type === 'submenu') openChild(panel);
    else void call('choose', row.item.key, modifiers);
  }

  function step(panel: Panel, from: number, by: 1 | -1): void {
    for (let index = from; index >= 0 && index < panel.rows.length; index += by) {
      if (panel.rows[index]?.item.enabled) {
        setCurrent(panel, index);
        return;
      }
    }
  }

  function typeSelect(panel: Panel, letter: string): void {
    const index = panel.rows.findIndex(
      ({ item }, i) => i > panel.current && item.enabled && item.label.toLowerCase().startsWith(letter),
    );
    const first = panel.rows.findIndex(
      ({ item }) => item.enabled && item.label.toLowerCase().startsWith(letter),
    );
    if (index >= 0 || first >= 0) setCurrent(panel, index >= 0 ? index : first);
  }

  function onKey(event: KeyboardEvent): void {
    if (root === null) return;
    let panel = root;
    while (panel.child !== null && panel.child.current >= 0) panel = panel.child;
    event.preventDefault();
    switch (event.key) {
      case 'ArrowDown':
        step(panel, panel.current + 1, 1);
        return;
      case 'ArrowUp':
        step(panel, panel.current < 0 ? panel.rows.length - 1 : panel.current - 1, -1);
        return;
      case 'Home':
        step(panel, 0, 1);
        return;
      case 'End':
        step(panel, panel.rows.length - 1, -1);
        return;
      case 'ArrowRight':
        openChild(panel);
        if (panel.child !== null) step(panel.child, 0, 1);
        return;
      case 'ArrowLeft': {
        const { parent } = panel;
        if (parent === null) return;
        closePanel(panel);
        parent.rows[parent.current]?.element.focus({ preventScroll: true });
        return;
      }
      case 'Enter':
      case ' ':
        activate(panel, modifiersOf(event));
        if (panel.child !== null) step(panel.child, 0, 1);
        return;
      case 'Escape':
        void call('close');
        return;
      default:
        if (event.key.length === 1 && !event.metaKey) typeSelect(panel, event.key.toLowerCase());
    }
  }

  function drawMenu(view: MenuBarView): void {
    const opening = view.menu?.opening ?? 0;
    if (opening === openingDrawn) return;
    openingDrawn = opening;
    closePanel(root);
    root = null;
    if (view.menu === null) return;
    const tray = document.querySelector(`[data-tray="${view.menu.trayId}"]`);
    const at = tray?.getBoundingClientRect() ?? new DOMRect(innerWidth / 2, place('desktop').offsetTop, 0, 0);
    root = openPanel(view.menu.items, tray?.getAttribute('aria-label') ?? 'Menu', null, at);
    root.element.focus({ preventScroll: true });
  }

  function drawNotifications(view: MenuBarView): void {
    const banners = view.notifications.map(({ number, title, subtitle, body }) => {
      const banner = element('button', 'notification', element('b', '', title));
      for (const text of [subtitle, body]) if (text !== '') banner.append(element('span', '', text));
      banner.addEventListener('click', () => void call('clickNotification', number));
      return banner;
    });
    place('notifications').replaceChildren(...banners);
  }

  function drawMessageBox(view: MenuBarView): void {
    const box = view.messageBox;
    if ((box?.number ?? 0) === messageBoxDrawn) return;
    messageBoxDrawn = box?.number ?? 0;
    if (box === null) {
      place('message-box').replaceChildren();
      return;
    }
    const alert = element('div', 'message-box', element('h2', '', box.message));
    alert.setAttribute('role', 'alertdialog');
    alert.setAttribute('aria-label', box.message);
    if (box.detail !== '') alert.append(element('p', '', box.detail));
    const checkbox = document.createElement('input');
    checkbox.type = 'checkbox';
    checkbox.checked = box.checkboxChecked;
    if (box.checkboxLabel !== '') alert.append(element('label', '', checkbox, ` ${box.checkboxLabel}`));
    const buttons = box.buttons.map((label, index) => {
      const button = element('button', index === box.defaultId ? 'default' : '', label);
      button.addEventListener('click', () => void call('answer', box.number, index, checkbox.checked));
      return button;
    });
    alert.append(element('div', 'buttons', ...buttons));
    place('message-box').replaceChildren(alert);
    buttons[box.defaultId]?.focus();
  }

  function draw(view: MenuBarView): void {
    drawTrays(view);
    drawMenu(view);
    drawNotifications(view);
    drawMessageBox(view);
  }

  document.addEventListener('keydown', onKey);
  document.addEventListener('pointerdown', (event) => {
    const inside = event.target instanceof Element && event.target.closest('.menu, .tray') !== null;
    if (root !== null && !inside) void call('close');
  });
  Object.defineProperty(globalThis, `${binding}Draw`, { value: draw });
  // The other end of the binding is menu-bar.ts, whose `view` is typed so.
  void call('view').then((view) => draw(view as MenuBarView));
}
