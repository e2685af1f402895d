// Draws mrkdwn, the markup of messages: bold, italic, strike, code, quotes, links, mentions, dates, emoji.
// Whatever is not markup is text, and becomes text.

import { anchor, h, safeLink } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { withSigns } from "./signs.js";
import { nameOf, now, state, zone } from "./store.js";
import { dateTokens, longDay, exactTime } from "./time.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Text as the person reads it, with the entities undone. */
export const unescaped = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

/** The nodes of a text object of either kind. */
export function textObject(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, object);
  return plain(object.text, object.emoji !== false);
}

/** The nodes of text without markup: emoji and signs, nothing else. */
export function plain(text, emoji = true) {
  return withSigns(emoji ? withEmoji(text) : text);
}

/** The nodes of mrkdwn. `verbatim`: bare addresses do not become links. */
export function mrkdwn(text, { verbatim = false } = {}) {
  const nodes = [];
  text.split("```").forEach((part, index, parts) => {
    if (index % 2 && index < parts.length - 1) {
      nodes.push(h("pre", { class: "code-block" }, unescaped(part.replace(/^\n|\n$/g, ""))));
    } else {
      nodes.push(...lines(index % 2 ? `\`\`\`${part}` : part, verbatim));
    }
  });
  return nodes;
}

/** Lines, with those that begin with ">" gathered into quotes. */
function lines(text, verbatim) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, index) => {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote", {})));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1], verbatim));
      return;
    }
    if (index && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(line, verbatim));
  });
  return nodes;
}

const STYLES = { "*": "strong", _: "em", "~": "del" };
const TOKEN = /`([^`\n]+)`|<([^<>\n]+)>|(?<![\p{L}\p{N}])([*_~])(?=\S)(.+?)(?<=\S)\3(?![\p{L}\p{N}])/u;
const BARE = /\bhttps?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]'"]/;

/** The nodes of one line. */
function inline(text, verbatim) {
  const nodes = [];
  let rest = text;
  for (let found = TOKEN.exec(rest); found; found = TOKEN.exec(rest)) {
    nodes.push(...words(rest.slice(0, found.index), verbatim));
    const [whole, code, angle, style, styled] = found;
    if (code !== undefined) nodes.push(h("code", {}, unescaped(code)));
    else if (angle !== undefined) nodes.push(...bracket(angle));
    else nodes.push(h(STYLES[style], {}, inline(styled, verbatim)));
    rest = rest.slice(found.index + whole.length);
  }
  return [...nodes, ...words(rest, verbatim)];
}

/** Text without markup: bare addresses become links unless the sender says otherwise. */
function words(text, verbatim) {
  const found = verbatim ? null : BARE.exec(text);
  if (!found) return text ? plain(unescaped(text)) : [];
  const address = unescaped(found[0]);
  return [
    ...words(text.slice(0, found.index), true),
    anchor(address, address),
    ...words(text.slice(found.index + found[0].length), false),
  ];
}

/** What stands in angle brackets: a mention, a date or a link. */
function bracket(inner) {
  const [target, ...labels] = inner.split("|");
  const label = labels.join("|");
  if (target.startsWith("@")) return [mention(target.slice(1), label)];
  if (target.startsWith("#")) return [channelLink(target.slice(1), label)];
  if (target.startsWith("!")) return [special(target.slice(1), label)];
  if (!label && !safeLink(unescaped(target))) return [`<${unescaped(inner)}>`];
  return [anchor(unescaped(target), label ? plain(unescaped(label)) : unescaped(target.replace(/^mailto:/, "")))];
}

/** A person, by id. */
export function mention(id, label = "") {
  const mine = id === state.you;
  return h("span", { class: mine ? "mention me" : "mention" }, `@${state.people.has(id) ? nameOf(id) : label || id}`);
}

/** A channel, as a link to it where this person is a member. */
export function channelLink(id, label = "") {
  const channel = state.channels.get(id);
  const name = `#${channel?.name ?? (label || id)}`;
  return channel ? h("a", { class: "mention", href: `#${id}` }, name) : h("span", { class: "mention" }, name);
}

/** A group of people, by id. */
export function groupMention(id, label = "") {
  const group = state.groups.get(id);
  const mine = group?.users?.includes(state.you);
  return h("span", { class: mine ? "mention me" : "mention" }, group ? `@${group.handle}` : label || `@${id}`);
}

function special(command, label) {
  const [name, ...details] = command.split("^");
  if (["here", "channel", "everyone"].includes(name)) return h("span", { class: "mention me" }, `@${name}`);
  if (name === "subteam") return groupMention(details[0], unescaped(label));
  if (name === "date") return moment(Number(details[0]), details[1] ?? "", details[2], unescaped(label));
  return document.createTextNode(unescaped(label || `<${command}>`));
}

/** A moment in the reader's own time zone; the whole date on hovering. */
export function moment(seconds, template, link = "", fallback = "") {
  if (!Number.isFinite(seconds)) return document.createTextNode(fallback);
  const title = `${longDay(seconds, zone())}, ${exactTime(seconds, zone())}`;
  const text = dateTokens(template, seconds, zone(), now());
  const iso = new Date(seconds * 1000).toISOString();
  const time = h("time", { datetime: iso, title }, text);
  return link ? anchor(unescaped(link), time) : time;
}
