// The middle: a channel, a direct conversation or the app's Home, with its heading and the message box.

import { act, fetchOlder } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { announce, h, show } from "./dom.js";
import { holdFocus } from "./focus.js";
import { icon, mark } from "./icons.js";
import { spoken } from "./message.js";
import { directChannel, isReply, markRead, messagesIn, nameOf, state, threadsIn, timelineOf, touch, unreadIn, watch } from "./store.js";
import { viewSurface } from "./surfaces.js";
import { Timeline } from "./timeline.js";

/** The middle of the page. `openThread(message)` opens a thread beside it. */
export class Place {
  constructor(root, openThread) {
    this.heading = h("header", { class: "place-head" });
    this.scroller = h("div", { class: "scroller", id: "messages", tabindex: 0, role: "region" });
    this.home = h("div", { class: "scroller home", tabindex: 0, role: "region", "aria-label": "Home of the app", hidden: true });
    this.empty = h("p", { class: "empty" }, "No messages yet.");
    this.composer = new Composer(() => ({ channel: state.place }));
    show(root, this.heading, this.scroller, this.home, this.composer.root);
    this.timeline = new Timeline(this.scroller, {
      source: () => (this.isHome ? [] : timelineOf(state.place)),
      threads: () => threadsIn(state.place),
      older: () => fetchOlder(state.place),
      openThread,
      onEnd: () => this.reading(),
    });
    this.scroller.prepend(this.empty);
    this.drafts = new Map();
    watch("messages", (changes) => this.heard(changes));
    watch("threads", () => !this.isHome && this.timeline.render());
    watch("home", () => this.isHome && this.drawHome());
    document.addEventListener("visibilitychange", () => this.reading());
  }

  get isHome() {
    return state.place === "home";
  }

  /** Show the place that the state names; `ts`: a message to point at. */
  open(ts = "") {
    const channel = state.channels.get(state.place);
    this.drawHeading(channel);
    this.scroller.hidden = this.composer.root.hidden = this.isHome;
    this.home.hidden = !this.isHome;
    if (this.isHome) {
      this.drafts = new Map();
      this.drawHome();
      void act("home", { tab: "home" });
      return;
    }
    this.scroller.setAttribute("aria-label", `Messages in ${this.name(channel)}`);
    this.composer.label(`Write to ${this.name(channel)}, or type / for a command`);
    this.timeline.forget(unreadIn(state.place).count ? state.read.get(state.place) ?? "" : "");
    this.draw();
    if (channel?.is_im) void act("home", { tab: "messages" });
    if (ts) void this.reveal(ts);
  }

  /** Show one message, however far back it is. */
  async reveal(ts) {
    const channel = state.place;
    while (!messagesIn(channel).has(ts) && (await fetchOlder(channel)));
    if (channel !== state.place) return;
    const message = messagesIn(channel).get(ts);
    if (message && isReply(message)) this.timeline.openThread(message);
    else this.timeline.reveal(ts);
  }

  name(channel) {
    if (!channel) return "";
    return channel.is_im ? nameOf(state.bot) : `#${channel.name}`;
  }

  drawHeading(channel) {
    const app = this.isHome || channel?.is_im;
    const count = channel?.num_members ?? 0;
    show(this.heading,
      app ? h("span", { class: "avatar bot" }, mark()) : icon(channel?.is_private ? "lock" : "hash"),
      h("h1", { tabindex: -1 }, app ? nameOf(state.bot) : channel?.name ?? ""),
      app && h("nav", { class: "tabs", "aria-label": "Tabs of the app" }, tab("home", "Home"), tab(directChannel(), "Messages")),
      !app && h("span", { class: "members" }, `${count} members`));
  }

  draw() {
    this.timeline.render();
    this.empty.hidden = timelineOf(state.place).length > 0;
  }

  drawHome() {
    const view = state.home;
    const blocks = view ? drawBlocks(view.blocks, viewSurface(view, this.drafts)) : h("p", { class: "empty" }, "Nothing here yet.");
    const restore = holdFocus(this.home);
    const { scrollTop } = this.home;
    show(this.home, h("div", { class: "home-body" }, blocks));
    this.home.scrollTop = scrollTop;
    restore();
  }

  heard(changes) {
    const here = changes.filter(({ channel }) => channel === state.place);
    if (!here.length || this.isHome) return;
    this.draw();
    this.reading();
    for (const { ts } of here.filter(({ isNew }) => isNew).slice(-3)) {
      const message = messagesIn(state.place).get(ts);
      if (message && message.user !== state.you) announce(spoken(message));
    }
  }

  /** What is on the screen counts as read. */
  reading() {
    if (this.isHome || document.hidden || !this.timeline.stuck || !state.place) return;
    const ts = markRead(state.place);
    if (ts) this.note(state.place, ts);
  }

  /** Tell the sandbox up to where was read, not more than once in a while. */
  note(channel, ts) {
    this.noted ??= new Map();
    const waiting = this.noted.has(channel);
    this.noted.set(channel, ts);
    if (waiting) return;
    const user = state.you;
    setTimeout(() => {
      const upTo = this.noted.get(channel);
      this.noted.delete(channel);
      if (user === state.you) void act("read", { channel, ts: upTo });
    }, 500);
  }
}

function tab(place, words) {
  return h("a", { href: `#${place}`, "aria-current": state.place === place ? "page" : undefined }, words);
}

/** Go to a place of the page. */
export function goTo(place) {
  state.place = place;
  touch("place");
}
