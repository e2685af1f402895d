// Menus that open beside a button: overflow menus and the switch between people. Arrow keys, Home, End, Escape.

import { h } from "./dom.js";

let open = null;

/** Close the menu that is open, if any, and give the keyboard back to its button. */
export function closeMenu({ focus = true } = {}) {
  if (!open) return;
  const { menu, button } = open;
  open = null;
  menu.remove();
  button.setAttribute("aria-expanded", "false");
  if (focus && button.isConnected) button.focus();
}

/** Open a menu beside a button. `items`: `{label, detail, danger, checked, lead, run}`. */
export function openMenu(button, items, { label = "", within = document.body } = {}) {
  if (open?.button === button) return closeMenu();
  closeMenu({ focus: false });
  const menu = h("div", { class: "menu", role: "menu", "aria-label": label || button.getAttribute("aria-label") }, items.map(entry));
  within.append(menu);
  open = { menu, button };
  button.setAttribute("aria-expanded", "true");
  place(menu, button);
  menu.addEventListener("keydown", move);
  (menu.querySelector("[aria-checked=true]") ?? menu.firstElementChild)?.focus();
  return undefined;
}

function entry({ label, detail, danger, checked, lead, run }) {
  const role = checked === undefined ? "menuitem" : "menuitemradio";
  const choose = () => {
    closeMenu();
    run();
  };
  return h("button", { type: "button", role, class: danger ? "menu-item danger" : "menu-item", tabindex: -1, "aria-checked": checked === undefined ? undefined : String(checked), on: { click: choose } },
    lead, h("span", { class: "menu-words" }, h("span", {}, label), detail && h("span", { class: "menu-detail" }, detail)));
}

/** Put a menu below its button, or above it or further left where there is no room. */
export function place(menu, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + 6 + height <= window.innerHeight || at.top < height + 12;
  menu.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, below ? at.bottom + 6 : at.top - height - 6)}px`;
}

function move(event) {
  const items = [...event.currentTarget.children];
  const here = items.indexOf(document.activeElement);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length).focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    closeMenu();
  }
}

document.addEventListener("pointerdown", ({ target }) => {
  if (open && !open.menu.contains(target) && !open.button.contains(target)) closeMenu({ focus: false });
});
window.addEventListener("resize", () => closeMenu({ focus: false }));
