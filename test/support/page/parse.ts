import { type Focus, PageElement } from './element.ts';

const NODE = /<(\/?)([\w-]+)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*(\/?)>|([^<]+)/g;
const ATTRIBUTE = /([\w-]+)(?:="([^"]*)")?/g;

/** The elements of a page whose every tag is closed. */
export function parsePage(html: string, focus: Focus): PageElement {
  const root = new PageElement('document', focus);
  let place = root;
  for (const [, closes, tag = '', attributes = '', empty, text] of html.matchAll(NODE)) {
    if (text !== undefined) place.append(text);
    else if (closes) place = place.parent ?? root;
    else {
      const element = new PageElement(tag, focus);
      for (const [, name = '', value = ''] of attributes.matchAll(ATTRIBUTE)) element.setAttribute(name, value);
      place.append(element);
      if (!empty) place = element;
    }
  }
  return root;
}
