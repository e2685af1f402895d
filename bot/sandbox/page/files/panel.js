// The panel at the right side: one thread, or the traffic.

import { h, show } from "./dom.js";
import { iconButton } from "./icons.js";
import { Composer } from "./composer.js";
import { messagesIn, repliesTo, state, touch, watch } from "./store.js";
import { Timeline } from "./timeline.js";
import { TrafficList } from "./traffic.js";

/** The panel. `closed` is called when the person closes it. */
export class Panel {
  constructor(root) {
    this.root = root;
    this.title = h("h2", { id: "panel-title" });
    this.head = h("header", { class: "panel-head" }, this.title, iconButton("close", "Close panel", () => this.close()));
    this.traffic = new TrafficList();
    this.scroller = h("div", { class: "scroller thread", tabindex: 0, role: "region", "aria-label": "Thread" });
    this.thread = null;
    this.composer = new Composer(() => ({ channel: this.thread?.channel ?? "", thread: this.thread?.ts ?? "" }));
    this.composer.label("Reply in thread");
    this.timeline = new Timeline(this.scroller, { source: () => this.messages(), dividers: false });
    this.kind = "";
    root.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.close());
    watch("messages", (changes) => {
      if (this.kind === "thread" && changes.some(({ channel }) => channel === this.thread.channel)) this.draw();
    });
    watch("everything", () => this.kind === "thread" && this.close());
  }

  messages() {
    if (!this.thread) return [];
    const { channel, ts } = this.thread;
    const root = messagesIn(channel).get(ts);
    return [...(root ? [root] : []), ...repliesTo(channel, ts)];
  }

  openThread(message) {
    this.thread = { channel: message.channel, ts: message.thread_ts || message.ts };
    this.timeline.forget("");
    this.open("thread", "Thread", this.scroller, this.composer.root);
    this.draw();
    this.composer.field.focus();
  }

  draw() {
    this.timeline.render();
    const last = this.messages().at(-1)?.ts;
    if (last) state.threadRead.set(`${this.thread.channel} ${this.thread.ts}`, last);
    touch("threads");
  }

  openTraffic() {
    if (this.kind === "traffic") return this.close();
    this.open("traffic", "Traffic", this.traffic.root);
    this.traffic.render();
    return undefined;
  }

  open(kind, title, ...content) {
    this.kind = kind;
    this.opener = document.activeElement;
    this.title.textContent = title;
    show(this.root, this.head, content);
    this.root.hidden = false;
    document.body.dataset.panel = kind;
  }

  close() {
    this.kind = "";
    this.root.hidden = true;
    delete document.body.dataset.panel;
    if (this.opener?.isConnected) this.opener.focus();
    touch("panel");
  }
}
