// Builds the document. Data only ever becomes text nodes and attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `props`: attributes, `on` (listeners), `data` (data-…), or a property such as `value`. */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** An SVG element. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "hidden", "indeterminate"]);

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "data") {
      for (const [key, text] of Object.entries(value)) element.dataset[key] = text;
    } else if (PROPERTIES.has(name)) {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  add(element, children);
  return element;
}

/** Append nodes and texts; nothing, false and nested lists are welcome. */
export function add(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

/** Make these the only children. */
export function show(parent, ...children) {
  parent.replaceChildren();
  return add(parent, children);
}

let numbers = 0;

/** An id that no other element has. */
export function uid(prefix = "i") {
  numbers += 1;
  return `${prefix}-${numbers}`;
}

/** Say something to those who listen to the page instead of looking at it. */
export function announce(text) {
  const region = document.getElementById("announcer");
  region.append(h("p", {}, text));
  while (region.childElementCount > 5) region.firstElementChild.remove();
}

let toastTimer = 0;

/** A sentence at the foot of the page, for a few seconds. */
export function toast(text, kind = "plain") {
  const place = document.getElementById("toast");
  clearTimeout(toastTimer);
  show(place, h("p", { class: `toast ${kind}` }, text));
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover(); // above an open dialog too
  toastTimer = setTimeout(() => place.hidePopover(), kind === "bad" ? 8000 : 4500);
}

/** Wait until nobody has called for `ms`. */
export function debounced(work, ms) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), ms);
  };
}

/** The address if a link may lead there, else nothing. Our own permalinks become places on the page. */
export function safeLink(address) {
  try {
    const url = new URL(address);
    if (url.origin === location.origin && url.pathname.startsWith("/archives/")) {
      const [, , channel, point] = url.pathname.split("/");
      return `#${channel}/${point.slice(1, -6)}.${point.slice(-6)}`;
    }
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

/** A link that opens beside the page, or its plain text where the address is none. */
export function anchor(address, ...children) {
  const href = safeLink(address);
  if (!href) return h("span", {}, ...children);
  const outside = !href.startsWith("#");
  return h("a", { href, target: outside && "_blank", rel: outside && "noopener noreferrer" }, ...children);
}
