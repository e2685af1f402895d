// What selects offer, in groups: `[{label, options: [{text, detail, value, held}]}]`; `held` is what is sent.

import { nameOf, state } from "./store.js";

/** The groups of a select that lists its options itself, or means people or channels. */
export function offered(element) {
  if (element.option_groups) {
    return element.option_groups.map(({ label, options }) => ({ label: label.text, options: options.map(choice) }));
  }
  if (element.options) return [{ label: "", options: element.options.map(choice) }];
  return [{ label: "", options: element.type.includes("users") ? people() : channels() }];
}

/** One option as it is listed. */
export function choice({ text, value, description }) {
  return { text: text.text, detail: description?.text, value, held: { text, value } };
}

function people() {
  const present = [...state.people.values()].filter((person) => !person.deleted && !person.is_bot);
  return present.map(({ id }) => ({ text: nameOf(id), value: id, held: id }));
}

function channels() {
  const open = [...state.channels.values()].filter((channel) => !channel.is_im);
  return open.map(({ id, name }) => ({ text: `#${name}`, value: id, held: id }));
}
