// Draws the elements that people act on. Where they stand decides, through `surface`, what becomes of it:
// `press(block, element, value)`, `change(block, element, held, how)`, `entry(block, element)`, `suggest(…)`.

import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { checkboxes, dateField, fileField, radios, textField, timeField, wholeDateField } from "./inputs.js";
import { openMenu } from "./menu.js";
import { plain, textObject } from "./mrkdwn.js";
import { offered } from "./options.js";
import { picker } from "./picker.js";
import { heldBy } from "./store.js";

const DRAW = {
  button,
  overflow,
  image,
  static_select: select,
  users_select: select,
  conversations_select: select,
  channels_select: select,
  external_select: picker,
  multi_static_select: picker,
  multi_external_select: picker,
  multi_users_select: picker,
  multi_conversations_select: picker,
  multi_channels_select: picker,
  datepicker: dateField,
  timepicker: timeField,
  datetimepicker: wholeDateField,
  checkboxes,
  radio_buttons: radios,
  plain_text_input: textField,
  email_text_input: textField,
  url_text_input: textField,
  number_input: textField,
  file_input: fileField,
};

/** An element of a block. `about`: `{id, describedBy, invalid, label}` of the input block around it. */
export function drawElement(block, element, surface, about = {}) {
  const draw = DRAW[element.type];
  if (!draw) return h("span", { class: "unknown" }, `[${element.type}]`);
  const drawn = draw(block, element, surface, about);
  drawn.dataset.action = element.action_id ?? "";
  return drawn;
}

function button(block, element, surface) {
  const look = element.style ? `button ${element.style}` : "button";
  const props = { class: look, "aria-label": element.accessibility_label };
  const press = async (event) => {
    const pressed = event.currentTarget;
    if (pressed.getAttribute("aria-busy") === "true") return;
    if (!(await confirmed(element.confirm))) return;
    pressed.setAttribute("aria-busy", "true");
    await surface.press(block, element);
    pressed.removeAttribute("aria-busy");
  };
  const words = textObject(element.text);
  if (!element.url) return h("button", { type: "button", ...props, on: { click: press } }, words);
  return h("a", { ...props, href: element.url, target: "_blank", rel: "noopener noreferrer", role: "button", on: { click: () => void surface.press(block, element) } },
    words, h("span", { class: "outward", "aria-hidden": "true" }, "↗"));
}

function overflow(block, element, surface) {
  const choose = async (option) => {
    if (!(await confirmed(element.confirm))) return;
    if (option.url) window.open(option.url, "_blank", "noopener");
    await surface.press(block, element, option.value);
  };
  const items = element.options.map((option) => ({
    label: plain(option.text.text),
    detail: option.description?.text,
    run: () => void choose(option),
  }));
  const open = ({ currentTarget }) => openMenu(currentTarget, items, { label: "More actions", within: currentTarget.closest("dialog") ?? document.body });
  return h("button", { type: "button", class: "button overflow", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false", on: { click: open } },
    icon("more"));
}

function image(_block, element) {
  return h("img", { class: "accessory-image", src: element.image_url, alt: element.alt_text, loading: "lazy" });
}

function select(block, element, surface, about) {
  const held = heldBy(element, surface.entry(block, element));
  const chosen = held?.value ?? held ?? "";
  const groups = offered(element);
  const all = groups.flatMap(({ options }) => options);
  const draw = ({ text, value }) => h("option", { value, selected: value === chosen }, text);
  const words = element.placeholder?.text ?? "Choose";
  const change = async ({ currentTarget: field }) => {
    if (!(await confirmed(element.confirm))) {
      field.value = chosen;
      return;
    }
    surface.change(block, element, all.find(({ value }) => value === field.value)?.held ?? null, "chosen");
  };
  return h("span", { class: "select" },
    h("select", { id: about.id, "aria-label": about.id ? undefined : words, "aria-describedby": about.describedBy, "aria-invalid": about.invalid, "aria-required": about.required, on: { change } },
      h("option", { value: "", selected: !chosen, disabled: !about.optional, hidden: !about.optional }, words),
      groups.map(({ label, options }) => (label ? h("optgroup", { label }, options.map(draw)) : options.map(draw)))),
    icon("down"));
}
