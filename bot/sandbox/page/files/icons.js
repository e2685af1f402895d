// Small drawings in one stroke width: icons, avatars and the mark.

import { h, svg } from "./dom.js";

const PATHS = {
  home: "M3 9.5 10 4l7 5.5V16a1 1 0 0 1-1 1h-3.5v-4.5h-5V17H4a1 1 0 0 1-1-1Z",
  chat: "M4 4.5h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-6l-3.5 3v-3H4a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Z",
  hash: "M7.8 3.5 6.2 16.5M13.8 3.5l-1.6 13M3.8 7.5h13M3.2 12.5h13",
  lock: "M5.5 9h9a1 1 0 0 1 1 1v5.5a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1ZM7 9V6.5a3 3 0 0 1 6 0V9",
  close: "m5 5 10 10M15 5 5 15",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  reply: "M8 5 3.5 9.5 8 14M4 9.5h7.5a5 5 0 0 1 5 5V16",
  trash: "M4 6h12M8 6V4.5a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1V6M5.5 6l.7 9.6a1 1 0 0 0 1 .9h5.6a1 1 0 0 0 1-.9l.7-9.6",
  send: "m3.5 16.5 14-6.5-14-6.5 2 6.5Zm2-6.5h6",
  sun: "M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7ZM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1 1M14.7 14.7l1 1M15.7 4.3l-1 1M5.3 14.7l-1 1",
  moon: "M16 12.2A6.5 6.5 0 0 1 7.8 4a6.5 6.5 0 1 0 8.2 8.2Z",
  pause: "M7 5v10M13 5v10",
  play: "M6.5 4.5v11l9-5.5Z",
  skip: "M4.5 5v10l7-5ZM15 5v10",
  pulse: "M2.5 10.5h3l2-6 4 11 2.5-7 1 2h2.5",
  plus: "M10 4v12M4 10h12",
  menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  down: "m5.5 8 4.5 4.5L14.5 8",
  back: "M12 5 7 10l5 5",
  calendar: "M4.5 5h11a1 1 0 0 1 1 1v9.5a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1ZM3.5 8.5h13M7 3.5V6M13 3.5V6",
  eye: "M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5ZM10 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  help: "M7.5 7.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .7-1 1.4v.6M10 14.5h.01M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15Z",
  copy: "M7.5 7.5h8a.5.5 0 0 1 .5.5v8a.5.5 0 0 1-.5.5h-8A.5.5 0 0 1 7 16V8a.5.5 0 0 1 .5-.5ZM4 12.5V4.5A.5.5 0 0 1 4.5 4h8",
  bolt: "M11 2.5 4.5 11.5H9l-.5 6L15.5 8.5H11Z",
  chart: "M4 16.5V11M8 16.5V6M12 16.5V9M16 16.5V3.5",
};

/** An icon. It is decoration: what it stands beside, or the button around it, says the same in words. */
export function icon(name) {
  return svg(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] }),
  );
}

/** A button that shows only an icon. */
export function iconButton(name, label, onClick, props = {}) {
  const click = onClick ? { click: onClick } : {};
  const look = `icon-button ${props.class ?? ""}`.trim();
  return h("button", { type: "button", "aria-label": label, title: label, ...props, class: look, on: click }, icon(name));
}

/** The mark: a baton passed from one lane to the next. */
export function mark(label = "") {
  const says = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return svg(
    "svg",
    { class: "mark", viewBox: "0 0 32 32", ...says },
    svg("rect", { class: "mark-ground", width: 32, height: 32, rx: 9 }),
    svg("path", { class: "mark-lane", d: "M7 21.5h18M7 10.5h18" }),
    svg("path", { class: "mark-baton", d: "M10.5 21.5 21.5 10.5" }),
  );
}

/** A picture of a person: their initials on a ground of their own; the bot's is the mark. */
export function avatar(person, isBot = false) {
  if (isBot) return h("span", { class: "avatar bot", "aria-hidden": "true" }, mark());
  const name = person?.real_name || person?.name || "?";
  const initials = name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  return h("span", { class: `avatar tint-${person?.tint ?? 6}`, "aria-hidden": "true" }, initials);
}
