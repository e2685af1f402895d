// Draws one message: who, when, its blocks, and what hangs on it.

import { act } from "./api.js";
import { drawBlocks, drawText } from "./blocks.js";
import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { emojiNamed } from "./emoji.js";
import { avatar, icon, iconButton } from "./icons.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { dismiss, nameOf, now, state, you, zone } from "./store.js";
import { messageSurface } from "./surfaces.js";
import { ago, clockTime, exactTime, longDay } from "./time.js";

const QUESTION = {
  title: { type: "plain_text", text: "Delete this message?" },
  text: { type: "plain_text", text: "It disappears for everyone, and the bot hears of it." },
  confirm: { type: "plain_text", text: "Delete" },
  deny: { type: "plain_text", text: "Keep" },
  style: "danger",
};

/** A message as a list item. `compact`: it follows another of the same person. `replies`: its thread. */
export function drawMessage(message, { compact = false, replies = [], openThread = null } = {}) {
  const { ts, user, ephemeral_to: onlyMe, subtype } = message;
  const at = Number(ts);
  const classes = ["message", compact && "compact", onlyMe && "ephemeral"].filter(Boolean).join(" ");
  const gone = subtype === "tombstone";
  return h("li", { class: classes, data: { ts }, tabindex: -1 },
    onlyMe && h("p", { class: "only-you" }, icon("eye"), "Only you can see this",
      h("button", { type: "button", class: "link", on: { click: () => dismiss(message.channel, ts) } }, "Dismiss")),
    h("article", { "aria-label": `${nameOf(user)}, ${clockTime(at, zone())}` },
      compact ? h("span", { class: "gutter", "aria-hidden": "true" }, when(at)) : avatar(state.people.get(user), user === state.bot),
      h("div", { class: "message-body" },
        !compact && head(message, at),
        gone ? h("p", { class: "gone" }, "This message was deleted.") : body(message),
        compact && message.edited && edited(message),
        reactions(message),
        openThread && replies.length > 0 && threadLine(message, replies, openThread))),
    !gone && !onlyMe && tools(message, openThread));
}

function head({ user, edited: change, subtype }, at) {
  const person = state.people.get(user);
  return h("header", { class: "message-head" },
    h("span", { class: "author" }, nameOf(user)),
    user === state.bot ? h("span", { class: "badge" }, "app") : person?.title && h("span", { class: "author-title" }, person.title),
    when(at),
    change && edited({ edited: change }),
    subtype === "thread_broadcast" && h("span", { class: "author-title" }, "replied in a thread"));
}

const when = (at) => h("time", { datetime: new Date(at * 1000).toISOString(), title: `${longDay(at, zone())}, ${exactTime(at, zone())}` }, clockTime(at, zone()));
const edited = ({ edited: { ts } }) => h("span", { class: "edited", title: `Changed ${clockTime(Number(ts), zone())}` }, "edited");

function body(message) {
  const surface = messageSurface(message);
  const drawn = message.blocks?.length ? drawBlocks(message.blocks, surface) : message.text && drawText(message.text);
  const isCard = message.user === state.bot && message.blocks?.length > 1;
  return [isCard ? h("div", { class: "card" }, drawn) : drawn, (message.attachments ?? []).map((attachment) => drawAttachment(attachment, surface))];
}

function drawAttachment({ blocks, color, pretext, title, text }, surface) {
  const box = h("div", { class: "attachment" },
    pretext && h("p", {}, mrkdwn(pretext)), title && h("p", {}, h("strong", {}, title)), text && h("p", {}, mrkdwn(text)), blocks && drawBlocks(blocks, surface));
  if (/^#?[0-9a-f]{6}$/i.test(color ?? "")) box.style.borderColor = `#${color.replace("#", "")}`;
  return box;
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map(({ name, count, users }) =>
    h("span", { class: "reaction", title: users.map(nameOf).join(", ") }, emojiNamed(name) || `:${name}:`, " ", count)));
}

function threadLine(message, replies, openThread) {
  const last = replies.at(-1);
  const key = `${message.channel} ${message.ts}`;
  const seen = state.threadRead.get(key);
  const fresh = seen !== undefined && last.ts > seen && last.user !== state.you;
  if (seen === undefined) state.threadRead.set(key, last.ts);
  const faces = [...new Set(replies.map(({ user }) => user))].slice(0, 4);
  const words = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
  return h("button", { type: "button", class: fresh ? "thread-line fresh" : "thread-line", on: { click: () => openThread(message) } },
    faces.map((user) => avatar(state.people.get(user), user === state.bot)),
    h("span", { class: "thread-count" }, words),
    h("span", { class: "thread-when" }, `last reply ${ago(Math.max(0, now() - Number(last.ts)))}`));
}

function tools(message, openThread) {
  const mayDelete = you()?.is_admin || message.user === state.you;
  const remove = async () => {
    if (await confirmed(QUESTION)) await act("delete", place);
  };
  const place = { channel: message.channel, ts: message.ts };
  const shortcuts = state.shortcuts
    .filter((shortcut) => shortcut.on_message)
    .map((shortcut) => ({ label: shortcut.name, run: () => void act("shortcut", { ...place, callback: shortcut.callback_id }) }));
  const more = ({ currentTarget }) => openMenu(currentTarget, shortcuts, { label: "Shortcuts" });
  if (!openThread && !mayDelete && !shortcuts.length) return null;
  return h("div", { class: "message-tools", role: "group", "aria-label": "Message actions" },
    openThread && iconButton("reply", "Reply in thread", () => openThread(message)),
    shortcuts.length > 0 && iconButton("bolt", "Shortcuts for this message", more, { "aria-haspopup": "menu", "aria-expanded": "false" }),
    mayDelete && iconButton("trash", "Delete message", () => void remove()));
}

/** What a listener is told of a new message. */
export function spoken({ user, text, ephemeral_to: onlyMe }) {
  return `${onlyMe ? "Only to you, " : ""}${nameOf(user)}: ${text}`;
}
