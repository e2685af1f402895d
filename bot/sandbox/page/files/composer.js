// The message box: text, and slash commands that complete themselves from what the bot registers.

import { act } from "./api.js";
import { h, show, toast, uid } from "./dom.js";
import { iconButton } from "./icons.js";
import { openMenu } from "./menu.js";
import { state } from "./store.js";

/** A message box. `target()`: `{channel, thread, label}`. */
export class Composer {
  constructor(target) {
    this.target = target;
    const list = uid("commands");
    this.list = h("div", { id: list, class: "completions", role: "listbox", "aria-label": "Commands", hidden: true });
    this.field = h("textarea", {
      rows: 1, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list, spellcheck: "false",
      on: { input: () => this.typed(), keydown: (event) => this.key(event), blur: () => this.close() },
    });
    this.button = iconButton("send", "Send", () => void this.send(), { class: "send", disabled: true });
    this.shortcuts = iconButton("bolt", "Shortcuts", ({ currentTarget }) => openMenu(currentTarget, shortcutItems(), { label: "Shortcuts" }), { "aria-haspopup": "menu", "aria-expanded": "false" });
    this.root = h("div", { class: "composer" }, this.list, h("div", { class: "composer-box" }, this.shortcuts, this.field, this.button));
    this.choices = [];
    this.active = 0;
  }

  /** Name the place that is written to. */
  label(text) {
    this.shortcuts.hidden = this.target().thread !== undefined || !shortcutItems().length;
    this.field.setAttribute("aria-label", text);
    this.field.placeholder = text;
  }

  typed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(180, this.field.scrollHeight)}px`;
    this.button.disabled = !this.field.value.trim();
    this.choices = this.target().thread ? [] : completions(this.field.value);
    this.active = 0;
    this.draw();
  }

  draw() {
    const open = this.choices.length > 0;
    this.list.hidden = !open;
    this.field.setAttribute("aria-expanded", String(open));
    const ids = this.choices.map(() => uid("command"));
    show(this.list, this.choices.map((choice, index) =>
      h("div", { id: ids[index], role: "option", class: index === this.active ? "menu-item active" : "menu-item", "aria-selected": String(index === this.active),
        on: { pointerdown: (event) => event.preventDefault(), click: () => this.take(index) } },
        h("code", {}, choice.shown), h("span", { class: "menu-detail" }, choice.detail))));
    if (open) this.field.setAttribute("aria-activedescendant", ids[this.active]);
    else this.field.removeAttribute("aria-activedescendant");
  }

  take(index) {
    this.field.value = this.choices[index].text;
    this.field.focus();
    this.typed();
  }

  close() {
    this.choices = [];
    this.draw();
  }

  key(event) {
    const open = this.choices.length > 0;
    const unfinished = open && this.choices[this.active].text.trimEnd() !== this.field.value.trimEnd();
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.active = (this.active + step + this.choices.length) % this.choices.length;
      this.draw();
    } else if (unfinished && (event.key === "Tab" || (event.key === "Enter" && !this.field.value.includes(" ")))) {
      event.preventDefault();
      this.take(this.active);
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void this.send();
    }
  }

  async send() {
    const text = this.field.value.trim();
    if (!text) return;
    const { channel, thread } = this.target();
    const [, name, rest] = /^(\/\S+)\s*([\s\S]*)$/.exec(text) ?? [];
    if (name && thread) {
      toast("Commands do not work in threads. Write @Baton and the rest here, or type it in the channel.", "bad");
      return;
    }
    if (name && !state.commands.some((command) => command.name === name)) {
      toast(`${name} is not a command here. Try ${state.commands.map((command) => command.name).join(", ")}.`, "bad");
      return;
    }
    this.field.value = "";
    this.typed();
    const answer = name ? await act("command", { name, text: rest, channel }) : await act("write", { channel, text, thread });
    if (answer.error && !this.field.value) {
      this.field.value = text;
      this.typed();
    }
  }
}

function shortcutItems() {
  return state.shortcuts
    .filter((shortcut) => !shortcut.on_message)
    .map((shortcut) => ({ label: shortcut.name, run: () => void act("shortcut", { callback: shortcut.callback_id }) }));
}

/** What a text that begins with "/" may become: a command, then what the command takes. */
export function completions(text) {
  if (!text.startsWith("/") || text.includes("\n")) return [];
  const [name, ...words] = text.split(" ");
  if (!words.length) {
    return state.commands
      .filter((command) => command.name.startsWith(name))
      .map((command) => ({ text: `${command.name} `, shown: command.name, detail: command.description }));
  }
  const command = state.commands.find((known) => known.name === name);
  if (!command || words.length > 1) return [];
  return command.usage_hint
    .split("|")
    .map((hint) => hint.trim())
    .filter((hint) => /^[a-z]/.test(hint) && hint.split(" ")[0].startsWith(words[0]))
    .map((hint) => {
      const [word, ...takes] = hint.split(" ");
      const whole = `${name} ${word}`;
      return { text: takes.length ? `${whole} ` : whole, shown: `${whole} ${takes.join(" ")}`.trim(), detail: "" };
    });
}
