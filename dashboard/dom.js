/** The only way this dashboard makes elements: text is always text, never markup. */

/**
 * An element. Attributes whose name begins with `on` are listeners, `vars` are CSS custom
 * properties; null, undefined and false leave an attribute or a child out.
 */
export const h = (tag, attributes = {}, ...children) =>
  complete(document.createElement(tag), attributes, children);

/** The same for what a picture is made of. */
export const svg = (tag, attributes = {}, ...children) =>
  complete(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

function complete(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat().filter(isPresent));
  return element;
}

/** Replace all children. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(isPresent));
  return element;
}

const isPresent = (child) => child !== null && child !== undefined && child !== false;

function set(element, name, value) {
  if (!isPresent(value)) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "vars") for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
  else element.setAttribute(name, value === true ? "" : value);
}
