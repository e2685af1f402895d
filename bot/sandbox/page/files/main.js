// Puts the page together: who is looking, at which place, in which colours.

import { become } from "./api.js";
import { h, show, toast } from "./dom.js";
import { icon, iconButton, mark } from "./icons.js";
import { mountClock } from "./clock.js";
import { LeadForm } from "./leadform.js";
import { mountModals } from "./modal.js";
import { Panel } from "./panel.js";
import { goTo, Place } from "./place.js";
import { mountSidebar } from "./sidebar.js";
import { state, watch, you } from "./store.js";
import { Tour } from "./tour.js";
import { refusedCount } from "./traffic.js";

const THEME = "baton-theme";
const find = (id) => document.getElementById(id);

function theme() {
  return localStorage.getItem(THEME) ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function paint() {
  document.documentElement.dataset.theme = theme();
}

function mountTools(root, { panel, form, tour }) {
  const count = h("span", { class: "count named", hidden: true });
  const traffic = h("button", { type: "button", class: "tool", "aria-pressed": "false", title: "Traffic between the bot and the workspace", on: { click: () => panel.openTraffic() } }, icon("pulse"), h("span", { class: "tool-word" }, "Traffic"), count);
  const lead = h("button", { type: "button", class: "tool strong", title: "Send a lead", on: { click: () => form.open() } }, icon("plus"), h("span", { class: "tool-word" }, "Send a lead"));
  const toggle = iconButton("moon", "Dark colours", () => {
    localStorage.setItem(THEME, theme() === "dark" ? "light" : "dark");
    draw();
  });
  const draw = () => {
    paint();
    const dark = theme() === "dark";
    toggle.replaceChildren(icon(dark ? "sun" : "moon"));
    toggle.setAttribute("aria-label", dark ? "Light colours" : "Dark colours");
    toggle.title = toggle.getAttribute("aria-label");
    lead.hidden = !state.leads;
    const refused = refusedCount();
    count.hidden = refused === 0;
    count.textContent = refused;
    traffic.setAttribute("aria-label", refused ? `Traffic, ${refused} refused` : "Traffic");
    traffic.setAttribute("aria-pressed", String(panel.kind === "traffic"));
  };
  for (const topic of ["everything", "traffic", "panel"]) watch(topic, draw);
  traffic.addEventListener("click", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  show(root, lead, traffic, toggle, iconButton("help", "Show the tour", () => tour.begin()));
  draw();
}

/** The place and the message that the address names: `#C0SALES/1700000000.000100` or `#home`. */
function named() {
  const [place, ts = ""] = decodeURIComponent(location.hash.slice(1)).split("/");
  return { place, ts };
}

function mountMenu(button, side) {
  const close = () => {
    document.body.removeAttribute("data-menu");
    button.setAttribute("aria-expanded", "false");
  };
  button.addEventListener("click", () => {
    const open = document.body.toggleAttribute("data-menu");
    button.setAttribute("aria-expanded", String(open));
    if (open) side.querySelector("a, button")?.focus();
  });
  side.addEventListener("keydown", (event) => event.key === "Escape" && close());
  find("scrim").addEventListener("click", close);
  watch("place", close);
}

async function start() {
  paint();
  find("brand").prepend(mark());
  find("open-menu").append(icon("menu"));
  const tour = new Tour();
  const panel = new Panel(find("panel"));
  const place = new Place(find("place"), (message) => panel.openThread(message));
  const form = new LeadForm();
  mountClock(find("clock"));
  mountTools(find("tools"), { panel, form, tour });
  mountModals();
  mountMenu(find("open-menu"), find("side"));

  const follow = () => {
    const { place: wanted, ts } = named();
    const first = [...state.channels.values()].find((channel) => !channel.is_im)?.id ?? "home";
    const known = wanted === "home" || state.channels.has(wanted);
    if (wanted && !known) toast("You are not in that channel.", "bad");
    const before = state.place;
    goTo(known ? wanted : first);
    if (panel.kind === "thread" && before !== state.place) panel.close();
    place.open(ts);
    document.title = `${state.place === "home" ? "Home" : place.name(state.channels.get(state.place))} · Baton sandbox`;
  };
  const choose = async (user) => {
    if (!(await become(user))) return;
    history.replaceState(null, "", `?as=${user}${location.hash}`);
    toast(`You are ${you().real_name}.`);
  };
  mountSidebar(find("side"), choose);
  watch("everything", follow);
  window.addEventListener("hashchange", follow);

  const asked = new URLSearchParams(location.search).get("as") ?? "";
  const there = (await become(asked)) || (asked && (await become("")));
  document.body.dataset.ready = String(Boolean(there));
  if (there && !tour.seen) setTimeout(() => tour.begin(), 600);
}

void start();
