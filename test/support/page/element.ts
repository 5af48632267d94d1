/** Whichever element has the focus. */
export interface Focus {
  element?: PageElement | undefined;
}

/** As much of a DOM element as the console's scripts use. As in browsers, one that leaves its place loses the focus. */
export class PageElement {
  readonly tag: string;
  readonly attributes = new Map<string, string>();
  readonly dataset: Record<string, string> = {};
  readonly style: Record<string, string> = {};
  className = '';
  hidden = false;
  title = '';
  src = '';
  parent: PageElement | undefined;
  readonly #focus: Focus;
  readonly #listeners: [type: string, listener: (event: object) => void][] = [];
  #nodes: (PageElement | string)[] = [];

  constructor(tag: string, focus: Focus) {
    this.tag = tag;
    this.#focus = focus;
  }

  get children(): PageElement[] {
    return this.#nodes.filter((node) => node instanceof PageElement);
  }

  get firstElementChild(): PageElement | null {
    return this.children[0] ?? null;
  }

  get nextElementSibling(): PageElement | null {
    const siblings = this.parent?.children ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }

  get textContent(): string {
    return this.#nodes.map((node) => (typeof node === 'string' ? node : node.textContent)).join('');
  }

  set textContent(text: string) {
    this.replaceChildren(text);
  }

  get classList() {
    const names = new Set(this.className.split(' ').filter((name) => name !== ''));
    const toggle = (name: string, on: boolean) => {
      if (on) names.add(name);
      else names.delete(name);
      this.className = [...names].join(' ');
    };
    return { toggle, contains: (name: string) => names.has(name) };
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
    if (name === 'class') this.className = value;
    if (name === 'hidden') this.hidden = true;
    if (name.startsWith('data-')) this.dataset[name.slice(5)] = value;
  }

  append(...nodes: (PageElement | string)[]): void {
    for (const node of nodes) this.insertBefore(node, null);
  }

  insertBefore(node: PageElement | string, place: PageElement | null): void {
    if (typeof node !== 'string') {
      node.remove();
      node.parent = this;
    }
    this.#nodes.splice(place ? this.#nodes.indexOf(place) : this.#nodes.length, 0, node);
  }

  replaceChildren(...nodes: (PageElement | string)[]): void {
    for (const child of this.children) child.remove();
    this.#nodes = [];
    this.append(...nodes);
  }

  remove(): void {
    if (!this.parent) return;
    if (this.contains(this.#focus.element)) this.#focus.element = undefined;
    this.parent.#nodes = this.parent.#nodes.filter((node) => node !== this);
    this.parent = undefined;
  }

  contains(other: PageElement | null | undefined): boolean {
    for (let element = other; element; element = element.parent) if (element === this) return true;
    return false;
  }

  /** This element and all within it, in the order of the document. */
  all(): PageElement[] {
    return [this, ...this.children.flatMap((child) => child.all())];
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.push([type, listener]);
  }

  dispatch(type: string, event: object = {}): void {
    for (const [wanted, listener] of this.#listeners) if (wanted === type) listener(event);
  }

  click(): void {
    this.dispatch('click');
  }

  focus(): void {
    this.#focus.element = this;
  }
}
