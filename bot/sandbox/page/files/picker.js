// A field that finds and picks: for selects of several, and for those whose options the bot looks up.

import { debounced, h, show, uid } from "./dom.js";
import { icon } from "./icons.js";
import { place } from "./menu.js";
import { choice, offered } from "./options.js";
import { heldBy, nameOf, state } from "./store.js";

const NOTHING = "Nothing found";

/** The field with its chips and its list. Keyboard: type to find, arrows, Enter, Backspace, Escape. */
export function picker(block, element, surface, about) {
  return new Picker(block, element, surface, about).root;
}

class Picker {
  constructor(block, element, surface, about) {
    Object.assign(this, { block, element, surface });
    this.many = element.type.startsWith("multi_");
    this.external = element.type.includes("external");
    const held = heldBy(element, surface.entry(block, element));
    this.held = this.many ? [...held] : held ? [held] : [];
    this.options = [];
    this.active = -1;
    const list = uid("list");
    this.list = h("div", { id: list, class: "menu picker-list", role: "listbox", "aria-multiselectable": this.many || undefined, });
    this.chips = h("span", { class: "chips" });
    this.field = h("input", {
      id: about.id, type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": list, "aria-autocomplete": "list",
      "aria-label": about.id ? undefined : element.placeholder?.text ?? "Choose",
      "aria-describedby": about.describedBy, "aria-invalid": about.invalid, "aria-required": about.required,
      on: { input: () => void this.find(), focus: () => void this.find(), click: () => void this.find(), blur: () => this.close(), keydown: (event) => this.key(event) },
    });
    this.ask = debounced(async (query) => this.offer(await surface.suggest(block, element, query)), 150);
    this.root = h("span", { class: "picker" }, this.chips, this.field, icon("down"));
    this.drawChips();
  }

  label(held) {
    if (typeof held === "object") return held.text.text;
    return state.channels.has(held) ? `#${state.channels.get(held).name}` : nameOf(held);
  }

  drawChips() {
    show(this.chips, this.many && this.held.map((held) =>
      h("span", { class: "chip" }, this.label(held),
        h("button", { type: "button", "aria-label": `Remove ${this.label(held)}`, on: { click: () => this.toggle(held) } }, icon("close")))));
    const single = !this.many && this.held.length ? this.label(this.held[0]) : "";
    if (!this.many) this.field.value = single;
    this.field.placeholder = this.held.length ? "" : this.element.placeholder?.text ?? "Choose";
  }

  async find() {
    const query = this.many || this.field.value !== this.chosenLabel() ? this.field.value : "";
    if (!this.external) return this.offer(filtered(offered(this.element), query));
    if (query.length < (this.element.min_query_length ?? 3)) return this.offer([], `Type ${this.element.min_query_length ?? 3} characters to search`);
    this.ask(query);
    return undefined;
  }

  chosenLabel() {
    return this.held.length ? this.label(this.held[0]) : "";
  }

  offer(found, words = NOTHING) {
    if (document.activeElement !== this.field) return;
    const groups = found.some((item) => item.options && !item.value) ? found : [{ label: "", options: found.map(choice) }];
    this.options = [];
    const entry = (option) => {
      const index = this.options.push(option) - 1;
      const on = this.held.some((held) => (held.value ?? held) === option.value);
      return h("div", { id: uid("option"), class: "menu-item", role: "option", "aria-selected": String(on),
        on: { pointerdown: (event) => event.preventDefault(), click: () => this.choose(index) } },
        h("span", { class: "tick" }, on && icon("check")), option.text);
    };
    show(this.list, groups.map(({ label, options }) => options.length > 0 && [label && h("div", { class: "menu-heading" }, label), options.map(entry)]));
    if (!this.options.length) show(this.list, h("div", { class: "menu-heading" }, words));
    (this.root.closest("dialog") ?? document.body).append(this.list); // not inside: what scrolls would clip it
    this.field.setAttribute("aria-expanded", "true");
    this.list.style.minWidth = `${this.root.offsetWidth}px`;
    place(this.list, this.root);
    this.point(-1);
  }

  point(to) {
    const entries = [...this.list.querySelectorAll("[role=option]")];
    this.active = entries.length ? Math.max(-1, Math.min(to, entries.length - 1)) : -1;
    entries.forEach((entry, index) => entry.classList.toggle("active", index === this.active));
    const current = entries[this.active];
    current?.scrollIntoView({ block: "nearest" });
    if (current) this.field.setAttribute("aria-activedescendant", current.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const open = this.list.isConnected;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) this.point(this.active + (event.key === "ArrowDown" ? 1 : -1));
      else void this.find();
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Backspace" && !this.field.value && this.many && this.held.length) {
      this.toggle(this.held.at(-1));
    }
  }

  choose(index) {
    const { held } = this.options[index];
    if (this.many) this.field.value = "";
    this.toggle(held);
    if (this.many) void this.find();
    else this.close();
  }

  toggle(held) {
    const key = (item) => item.value ?? item;
    const has = this.held.some((item) => key(item) === key(held));
    if (!this.many) this.held = [held];
    else if (has) this.held = this.held.filter((item) => key(item) !== key(held));
    else if (this.held.length < (this.element.max_selected_items ?? Infinity)) this.held.push(held);
    this.drawChips();
    this.surface.change(this.block, this.element, this.many ? [...this.held] : held, "chosen");
  }

  close() {
    this.list.remove();
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.field.value = this.many ? "" : this.chosenLabel();
  }
}

function filtered(groups, query) {
  const wanted = query.trim().toLowerCase();
  return groups.map(({ label, options }) => ({ label, options: options.filter(({ text }) => text.toLowerCase().includes(wanted)) }));
}
