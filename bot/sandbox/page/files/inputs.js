// Fields to fill in: text, dates and times, checkboxes and radio buttons.

import { debounced, h, uid } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { heldBy, zone } from "./store.js";
import { fromLocalField, toLocalField } from "./time.js";

const KEYBOARDS = { email_text_input: "email", url_text_input: "url", number_input: "decimal" };
const NEARLY_FULL = 0.8;

function common(element, about) {
  return {
    id: about.id,
    placeholder: element.placeholder?.text,
    "aria-label": about.id ? undefined : element.placeholder?.text ?? "Value",
    "aria-describedby": about.describedBy,
    "aria-invalid": about.invalid,
    "aria-required": about.required,
  };
}

/** A field for text; where the sender limits its length, it counts once little room is left. */
export function textField(block, element, surface, about) {
  const limit = element.max_length;
  const count = h("span", { class: "count", "aria-hidden": "true" });
  const wants = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const later = debounced((text) => surface.change(block, element, text, "character"), 300);
  const tally = (text) => {
    count.textContent = limit && text.length >= limit * NEARLY_FULL ? `${text.length} / ${limit}` : "";
    count.classList.toggle("over", text.length > limit);
  };
  const input = ({ currentTarget: { value } }) => {
    tally(value);
    surface.change(block, element, value, "typed");
    if (wants.includes("on_character_entered")) later(value);
  };
  const keydown = (event) => {
    const sends = event.key === "Enter" && !element.multiline && wants.includes("on_enter_pressed");
    if (sends && block.dispatch_action) {
      event.preventDefault();
      surface.change(block, element, event.currentTarget.value, "enter");
    }
  };
  const tag = element.multiline ? "textarea" : "input";
  const kind = element.multiline ? { rows: 4 } : { type: "text", inputmode: KEYBOARDS[element.type] };
  const field = h(tag, { ...common(element, about), ...kind, autocomplete: "off", on: { input, keydown } });
  field.value = heldBy(element, surface.entry(block, element)) ?? "";
  tally(field.value);
  return h("span", { class: "text-field" }, field, count);
}

function picked(type, { shown = (held) => held ?? "", read = (text) => text || null } = {}) {
  return (block, element, surface, about) => {
    const change = ({ currentTarget: { value } }) => surface.change(block, element, read(value), "chosen");
    const field = h("input", { ...common(element, about), type, class: "date-field", title: about.id ? undefined : element.placeholder?.text, on: { change } });
    field.value = shown(heldBy(element, surface.entry(block, element)));
    return field;
  };
}

/** A field for a file: what is chosen is sent along with the form. */
export function fileField(block, element, surface, about) {
  const accept = (element.filetypes ?? []).map((kind) => `.${kind}`).join(",");
  const change = async ({ currentTarget: { files } }) => {
    const chosen = await Promise.all([...files].map(async (file) => ({ name: file.name, text: await file.text() })));
    surface.change(block, element, chosen, "chosen");
  };
  return h("input", { ...common(element, about), type: "file", accept, on: { change } });
}

/** A field for a day. */
export const dateField = picked("date");
/** A field for a time of day. */
export const timeField = picked("time");
/** A field for a moment, in the reader's own zone. */
export const wholeDateField = picked("datetime-local", {
  shown: (held) => (held ? toLocalField(held, zone()) : ""),
  read: (text) => fromLocalField(text, zone()),
});

function option(type, name, { text, description, value }, checked, change) {
  const id = uid("option");
  return h("div", { class: "option" },
    h("input", { type, name, id, value, checked, on: { change } }),
    h("label", { for: id }, textObject(text), description && h("span", { class: "option-detail" }, textObject(description))));
}

function group(role, about, children) {
  return h("div", { class: "options", role, id: about.id, tabindex: -1, "aria-labelledby": about.labelId, "aria-describedby": about.describedBy, "aria-invalid": about.invalid, "aria-label": about.labelId ? undefined : "Options" }, children);
}

const sent = ({ text, value, description }) => ({ text, value, ...(description && { description }) });

/** Boxes of which any number may be ticked. */
export function checkboxes(block, element, surface, about) {
  const ticked = new Set(heldBy(element, surface.entry(block, element)).map(({ value }) => value));
  const change = ({ currentTarget: { value, checked } }) => {
    if (checked) ticked.add(value);
    else ticked.delete(value);
    const held = element.options.filter((choice) => ticked.has(choice.value)).map(sent);
    surface.change(block, element, held, "chosen");
  };
  return group("group", about, element.options.map((choice) => option("checkbox", uid("box"), choice, ticked.has(choice.value), change)));
}

/** Buttons of which one is on. */
export function radios(block, element, surface, about) {
  const held = heldBy(element, surface.entry(block, element));
  const name = uid("radio");
  const change = ({ currentTarget: { value } }) =>
    surface.change(block, element, sent(element.options.find((choice) => choice.value === value)), "chosen");
  return group("radiogroup", about, element.options.map((choice) => option("radio", name, choice, held?.value === choice.value, change)));
}
