// The list of what went over the wire between the bot and the workspace; what was refused is red, with its reason.

import { h, show } from "./dom.js";
import { nameOf, state, watch } from "./store.js";

const SHOWN = 150;

/** The panel's content: the newest exchange first. */
export class TrafficList {
  constructor() {
    this.onlyRefused = false;
    this.list = h("ol", { class: "traffic" });
    this.none = h("p", { class: "empty" });
    const choose = ({ currentTarget }) => {
      this.onlyRefused = currentTarget.checked;
      this.render();
    };
    this.root = h("div", { class: "panel-body traffic-panel" },
      h("p", { class: "panel-intro" }, "Every call the bot makes, and every event it gets. Calls are checked as strictly as in the real thing."),
      h("label", { class: "check" }, h("input", { type: "checkbox", on: { change: choose } }), "Only refused calls"),
      this.none, this.list);
    watch("traffic", () => this.root.isConnected && this.render());
  }

  render() {
    const entries = state.traffic.filter((entry) => !this.onlyRefused || refused(entry)).slice(-SHOWN).reverse();
    this.drawn ??= new WeakMap();
    const nodes = entries.map((entry) => {
      if (!this.drawn.has(entry)) this.drawn.set(entry, line(entry));
      return this.drawn.get(entry);
    });
    show(this.list, nodes);
    this.none.hidden = nodes.length > 0;
    this.none.textContent = nodes.length ? "" : this.onlyRefused ? "Nothing was refused." : "Nothing yet.";
  }
}

/** Whether an exchange went wrong. That the bot was told to wait a moment is the ordinary course of things. */
const refused = ({ ok, error }) => !ok && error !== "ratelimited";

/** How many exchanges went wrong. */
export const refusedCount = () => state.traffic.filter(refused).length;

function line(entry) {
  const { direction, name, ok, ms, error, reason, channel } = entry;
  const inward = direction === "in";
  const look = refused(entry) ? "exchange refused" : ok ? "exchange" : "exchange slowed";
  const verdict = ok ? error : error === "ratelimited" ? "Asked to wait a moment" : `${inward ? "Refused" : "Not accepted"}: ${error}`;
  return h("li", { class: look },
    h("span", { class: "way", title: inward ? "The bot called" : "The bot got" }, inward ? "←" : "→", h("span", { class: "unseen" }, inward ? "The bot called" : "The bot got")),
    h("code", {}, name),
    h("span", { class: "exchange-place" }, place(channel)),
    h("span", { class: "exchange-ms" }, `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`),
    (error || reason) && h("p", { class: "exchange-why" }, error && h("strong", {}, verdict), error && reason && " — ", reason));
}

function place(channel) {
  if (!channel) return "";
  const known = state.channels.get(channel);
  if (known) return known.is_im ? "to you" : `#${known.name}`;
  return state.people.has(channel) ? nameOf(channel) : channel;
}
