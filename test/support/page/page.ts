import { readFileSync } from 'node:fs';
import { mock } from 'node:test';
import { type Focus, PageElement } from './element.ts';
import { PageImage } from './image.ts';
import { parsePage } from './parse.ts';

const FOLDER = new URL('../../../src/console/static/', import.meta.url);

/** The console's page for scripts to run on, without a browser: its clock, frames, pictures and events are the test's. */
export class Page {
  /** Pictures that the scripts began to load, oldest first. One that was cancelled has no `src`. */
  readonly loads: PageImage[] = [];
  readonly #focus: Focus = {};
  readonly #root = parsePage(readFileSync(new URL('index.html', FOLDER), 'utf8'), this.#focus);
  readonly #events = new PageElement('events', this.#focus);
  readonly #frames: (() => void)[] = [];
  readonly #globals = ['document', 'Image', 'EventSource', 'requestAnimationFrame'];

  /** Makes this the page that scripts see, until `close`. */
  open(): void {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_000_000 });
    const values = [this.#document(), this.#imageClass(), this.#eventSourceClass(), this.#requestFrame];
    for (const [i, name] of this.#globals.entries()) Object.assign(globalThis, { [name]: values[i] });
  }

  close(): void {
    mock.timers.reset();
    for (const name of this.#globals) Reflect.deleteProperty(globalThis, name);
  }

  /** What a script of the page exports; one that keeps state in itself can be run anew by another `run`. */
  async script(name: string, run = ''): Promise<any> {
    return import(new URL(`${name}${run && `?${run}`}`, FOLDER).href);
  }

  byId(id: string): PageElement {
    const found = this.#root.all().find((element) => element.getAttribute('id') === id);
    if (!found) throw new Error(`the page has no ${id}`);
    return found;
  }

  /** The buttons within the element with the id. */
  buttons(id: string): PageElement[] {
    return this.byId(id)
      .all()
      .filter(({ tag }) => tag === 'button');
  }

  filter(name: string): PageElement | undefined {
    return this.#filters().find(({ dataset }) => dataset['filter'] === name);
  }

  get focused(): PageElement | undefined {
    return this.#focus.element;
  }

  press(key: string): void {
    this.#root.dispatch('keydown', { key });
  }

  /** An event from the server, and the frame after it. */
  tell(name: string, data: unknown): void {
    this.#events.dispatch(name, { data: JSON.stringify(data) });
    for (const frame of this.#frames.splice(0)) frame();
  }

  pass(ms: number): void {
    mock.timers.tick(ms);
  }

  readonly #requestFrame = (frame: () => void) => void this.#frames.push(frame);

  #filters(): PageElement[] {
    return this.#root.all().filter(({ dataset }) => dataset['filter'] !== undefined);
  }

  #document(): object {
    const root = this.#root;
    const focus = this.#focus;
    const body = root.all().find(({ tag }) => tag === 'body');
    return {
      body,
      title: '',
      get activeElement() {
        return focus.element ?? body;
      },
      createElement: (tag: string) => new PageElement(tag, focus),
      createElementNS: (_namespace: string, tag: string) => new PageElement(tag, focus),
      getElementById: (id: string) => this.byId(id),
      querySelectorAll: () => this.#filters(),
      addEventListener: root.addEventListener.bind(root),
    };
  }

  #imageClass(): unknown {
    const { loads } = this;
    return class extends PageImage {
      constructor() {
        super();
        loads.push(this);
      }
    };
  }

  #eventSourceClass(): unknown {
    const events = this.#events;
    return class {
      static readonly CLOSED = 2;
      readonly addEventListener = events.addEventListener.bind(events);
    };
  }
}
