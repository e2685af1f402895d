// The clock that the whole workspace lives by: what time it is here, how fast it passes, and the jump ahead.

import { control } from "./api.js";
import { h, show } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { now, state, watch, zone } from "./store.js";
import { clockTime, exactTime, shortDay, zoneName } from "./time.js";

const SPEEDS = [1, 60, 600];
const REDRAW_MS = 100;

/** Draw the clock and keep it going. */
export function mountClock(root) {
  const day = h("span", { class: "clock-day" });
  const time = h("span", { class: "clock-time" });
  const face = h("div", { class: "clock-face", role: "timer", "aria-label": "Time in the workspace" }, day, time);
  const pause = iconButton("pause", "Pause", () => void control({ speed: state.clock.speed ? 0 : before }), { class: "clock-pause" });
  const speeds = SPEEDS.map((speed) =>
    h("button", { type: "button", class: "speed", data: { speed }, "aria-label": speed === 1 ? "Real time" : `${speed} times as fast`, on: { click: () => void control({ speed }) } }, `${speed}×`));
  const jump = h("button", { type: "button", id: "jump", class: "jump", title: "Jump to the next due moment", on: { click: (event) => void jumpAhead(event.currentTarget) } }, icon("skip"), h("span", {}, "Next due"));
  show(root, face, h("div", { class: "speeds", role: "group", "aria-label": "Speed of the clock" }, pause, speeds), jump);
  let before = 1;

  const tick = () => {
    const at = now();
    const texts = [`${shortDay(at, zone())}`, state.clock.speed > 60 ? clockTime(at, zone()) : exactTime(at, zone())];
    [day, time].forEach((place, index) => place.textContent !== texts[index] && (place.textContent = texts[index]));
    face.title = zoneName(at, zone());
  };
  const changed = () => {
    const { speed } = state.clock;
    if (speed) before = speed;
    root.dataset.speed = speed === 0 ? "paused" : speed > 1 ? "fast" : "real";
    for (const button of speeds) button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === speed));
    pause.setAttribute("aria-pressed", String(speed === 0));
    pause.setAttribute("aria-label", speed === 0 ? "Resume" : "Pause");
    pause.title = speed === 0 ? "Resume" : "Pause";
    pause.replaceChildren(icon(speed === 0 ? "play" : "pause"));
    jump.hidden = !state.canJump;
    tick();
  };
  watch("clock", changed);
  setInterval(tick, REDRAW_MS);
}

async function jumpAhead(button) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  await control({ jump: true });
  button.removeAttribute("aria-busy");
}
