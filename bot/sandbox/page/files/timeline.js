// A list of messages that stays in step: keyed by ts, drawn from its end, older ones as one scrolls up.

import { h } from "./dom.js";
import { holdFocus } from "./focus.js";
import { icon } from "./icons.js";
import { drawMessage } from "./message.js";
import { isReply, now, state, zone } from "./store.js";
import { dayKey, dayName } from "./time.js";

const PAGE = 50;
const NEAR_END = 90;
const TOGETHER_SECONDS = 300;

/** Messages in a scrolling box. `source()`: those to show; `older()`: fetch more, true if there were any. */
export class Timeline {
  constructor(scroller, { source, threads = () => new Map(), older = null, openThread = null, dividers = true, onEnd = () => {} }) {
    Object.assign(this, { scroller, source, threads, older, openThread, dividers, onEnd });
    this.list = h("ol", { class: "messages" });
    this.latest = h("button", { type: "button", class: "to-latest", hidden: true, on: { click: () => this.toEnd(true) } }, icon("down"), "Newer messages");
    scroller.append(this.list, this.latest);
    this.drawn = new Map();
    this.forget("");
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.list);
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(scroller);
  }

  /** Start anew, at the end. `newFrom`: the ts after which messages are new to the reader. */
  forget(newFrom) {
    this.from = "";
    this.newFrom = newFrom;
    this.stuck = true;
    this.loading = false;
    this.drawn.clear();
    this.list.replaceChildren();
  }

  /** Draw what changed. */
  render() {
    const messages = this.source();
    if (this.stuck || !this.from) this.from = messages.at(-PAGE)?.ts ?? messages[0]?.ts ?? "";
    const items = this.items(messages.filter(({ ts }) => ts >= this.from));
    const restore = holdFocus(this.list);
    const nodes = items.map((item) => this.node(item));
    const kept = new Set(items.map(({ key }) => key));
    for (const key of this.drawn.keys()) if (!kept.has(key)) this.drawn.delete(key);
    arrange(this.list, nodes);
    restore();
    if (this.stuck) this.toEnd();
    else this.latest.hidden = false;
  }

  items(messages) {
    const items = [];
    const threads = this.threads();
    let [day, before, marked] = ["", null, !this.newFrom];
    for (const message of messages) {
      const at = Number(message.ts);
      const today = dayKey(at, zone());
      const isNew = !marked && message.ts > this.newFrom && message.user !== state.you;
      if (this.dividers && today !== day) items.push({ key: `day ${today}`, day: at });
      if (isNew) items.push({ key: "new", line: true });
      const follows = before && !isNew && today === day && isFollowing(before, message);
      items.push({ key: message.ts, message, compact: Boolean(follows), replies: threads.get(message.ts) ?? [] });
      marked ||= isNew;
      [day, before] = [today, message];
    }
    return items;
  }

  node({ key, message, compact, replies, day, line }) {
    if (line) return this.cached(key, "new", () => h("li", { class: "new-line", role: "separator" }, h("span", {}, "New")));
    if (!message) {
      const name = dayName(day, now(), zone());
      return this.cached(key, name, () => h("li", { class: "day", role: "separator" }, h("span", {}, name)));
    }
    const known = this.drawn.get(key);
    const same = known && known.message === message && known.compact === compact && known.replies === replies.length && known.last === replies.at(-1);
    if (same) return known.node;
    const node = drawMessage(message, { compact, replies, openThread: this.openThread });
    if (known && known.message !== message) node.classList.add("changed");
    this.drawn.set(key, { node, message, compact, replies: replies.length, last: replies.at(-1) });
    return node;
  }

  cached(key, mark, build) {
    if (this.drawn.get(key)?.mark !== mark) this.drawn.set(key, { mark, node: build() });
    return this.drawn.get(key).node;
  }

  toEnd(smooth = false) {
    this.stuck = true;
    this.latest.hidden = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.onEnd();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const away = scrollHeight - scrollTop - clientHeight;
    const was = this.stuck;
    this.stuck = away < NEAR_END;
    if (this.stuck && !was) {
      this.latest.hidden = true;
      this.onEnd();
    }
    if (scrollTop < clientHeight && !this.stuck) void this.more();
  }

  /** Show older messages, and fetch them where none are left here; what is being read stays in place. */
  async more() {
    if (this.loading) return;
    this.loading = true;
    let before = this.source().filter(({ ts }) => ts < this.from);
    if (!before.length && this.older && (await this.older())) before = this.source().filter(({ ts }) => ts < this.from);
    if (before.length) {
      const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
      this.from = (before.at(-PAGE) ?? before[0]).ts;
      const hidden = this.latest.hidden;
      this.render();
      this.latest.hidden = hidden;
      this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
    }
    this.loading = false;
  }

  /** Bring one message into view and point at it. */
  reveal(ts) {
    if (!this.source().some((message) => message.ts === ts)) return false;
    this.stuck = false;
    if (ts < this.from) this.from = ts;
    this.render();
    const { node } = this.drawn.get(ts);
    node.scrollIntoView({ block: "center" });
    node.classList.add("changed");
    node.focus({ preventScroll: true });
    return true;
  }
}

function isFollowing(before, message) {
  return before.user === message.user && isReply(before) === isReply(message) && !before.ephemeral_to && !message.ephemeral_to && before.subtype !== "tombstone" &&
    Number(message.ts) - Number(before.ts) < TOGETHER_SECONDS && !message.blocks?.length;
}

/** Put nodes in this order with as few moves as possible, and drop all others. */
function arrange(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
  let cursor = list.firstElementChild;
  for (const node of nodes) {
    if (node === cursor) cursor = cursor.nextElementSibling;
    else list.insertBefore(node, cursor);
  }
}
