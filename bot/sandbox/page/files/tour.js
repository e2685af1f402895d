// A tour of five steps for newcomers. It can be followed or closed, and is not shown again unless asked for.

import { announce, h, show } from "./dom.js";
import { iconButton } from "./icons.js";

const KEY = "baton-tour";
const STEPS = [
  ["#you-are", "Be anyone", "This is a small team’s workspace with the bot at work. Switch between reps, marketing, a manager and an admin here: each sees their own side."],
  [".message .button.primary", "Accept a lead", "Each qualified lead is one card in the sales channel. As a rep, accept it, or reject it and say why. Then switch to a colleague and try to accept the same one."],
  ["#clock", "Speed up time", "The whole bot runs by this clock. Run it faster, or jump to the next due moment, and watch a lead that nobody accepts climb the ladder."],
  [".composer", "Ask where a lead stands", "Type / to pick a command. /lead status with a company or an e-mail address answers only you."],
  ["#tools", "Feed it, and look inside", "Send your own lead with the form or from a terminal. Traffic lists every call the bot makes, and what was refused."],
];

/** The tour; it begins by itself for somebody who has not seen it. */
export class Tour {
  constructor() {
    this.step = 0;
    this.box = h("div", { class: "tour", role: "dialog", "aria-labelledby": "tour-title", "aria-describedby": "tour-text", hidden: true, on: { keydown: (event) => event.key === "Escape" && this.end() } });
    document.body.append(this.box);
    window.addEventListener("resize", () => !this.box.hidden && this.place());
  }

  get seen() {
    return localStorage.getItem(KEY) === "seen";
  }

  begin(step = 0) {
    this.step = step;
    this.draw();
  }

  end() {
    localStorage.setItem(KEY, "seen");
    this.box.hidden = true;
    this.point(null);
  }

  draw() {
    const [, title, text] = STEPS[this.step];
    const last = this.step === STEPS.length - 1;
    const next = h("button", { type: "button", class: "button primary filled", on: { click: () => (last ? this.end() : this.begin(this.step + 1)) } }, last ? "Start" : "Next");
    show(this.box,
      h("header", {}, h("span", { class: "tour-count" }, `${this.step + 1} of ${STEPS.length}`), iconButton("close", "Close the tour", () => this.end())),
      h("h2", { id: "tour-title" }, title),
      h("p", { id: "tour-text" }, text),
      h("footer", {}, this.step > 0 && h("button", { type: "button", class: "button", on: { click: () => this.begin(this.step - 1) } }, "Back"), next));
    this.box.hidden = false;
    this.place();
    announce(`${title}. ${text}`);
    next.focus({ preventScroll: true });
  }

  target() {
    const shown = [...document.querySelectorAll(STEPS[this.step][0])].filter((element) => element.checkVisibility() && inView(element));
    return shown.at(-1) ?? null;
  }

  point(target) {
    document.querySelector(".pointed")?.classList.remove("pointed");
    target?.classList.add("pointed");
  }

  /** Beside what the step is about, where there is room; else in the middle of the foot. */
  place() {
    const target = this.target();
    this.point(target);
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const space = { width: window.innerWidth, height: window.innerHeight };
    const at = target?.getBoundingClientRect();
    if (!at) {
      Object.assign(this.box.style, { left: `${(space.width - width) / 2}px`, top: `${space.height - height - 24}px` });
      return;
    }
    const below = at.bottom + 12 + height < space.height;
    const top = below ? at.bottom + 12 : Math.max(12, at.top - height - 12);
    const left = Math.max(12, Math.min(at.left, space.width - width - 12));
    Object.assign(this.box.style, { left: `${left}px`, top: `${top}px` });
  }
}

function inView(element) {
  const { top, bottom, left, right } = element.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight && right > 0 && left < window.innerWidth;
}
