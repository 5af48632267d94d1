/** The element with the id. */
export const byId = (id) => document.getElementById(id);

/**
 * A new element. Text comes in as text nodes only: labels and names are the producers', and never become markup.
 * @param {string} tag
 * @param {Record<string, string | boolean | undefined>} attributes
 * @param {...(Node | string | undefined)} children
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Sets an element's text where it differs, so that nothing is laid out or read out again for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A bar filled to a share from 0 to 1. */
export function bar(share, kind = '') {
  const fill = h('i');
  fill.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
  return h('span', { class: `bar ${kind}`, 'aria-hidden': 'true' }, fill);
}

/**
 * A part of the page for each of these keys: the one it had, else a new one. Those without a key any more are stopped.
 * @template {{ stop: () => void }} Part
 * @param {Map<string, Part>} parts
 * @param {string[]} keys
 * @param {(key: string) => Part} create
 * @returns {Map<string, Part>} in the order of the keys
 */
export function keep(parts, keys, create) {
  const kept = new Map(keys.map((key) => [key, parts.get(key) ?? create(key)]));
  for (const [key, part] of parts) if (!kept.has(key)) part.stop();
  return kept;
}

/** Brings a list's children to these elements in this order; those in place are not touched, and the focus stays. */
export function arrange(list, elements) {
  const focused = document.activeElement;
  const wanted = new Set(elements);
  const strays = [...list.children].filter((child) => !wanted.has(child));
  for (const stray of strays) stray.remove();
  let place = list.firstElementChild;
  for (const element of elements) {
    if (element === place) place = place.nextElementSibling;
    else list.insertBefore(element, place);
  }
  // An element that is moved loses the focus.
  if (document.activeElement !== focused && list.contains(focused)) focused.focus({ preventScroll: true });
}
