// Draws `rich_text`: sections, lists, quotes and preformatted text, and the pieces that lines are made of.

import { anchor, h } from "./dom.js";
import { emojiNamed } from "./emoji.js";
import { withSigns } from "./signs.js";
import { channelLink, groupMention, mention, moment } from "./mrkdwn.js";

/** The nodes of a rich_text block's elements. */
export function richText(elements) {
  return elements.map((element) => (GROUPS[element.type] ?? unknown)(element));
}

const GROUPS = {
  rich_text_section: ({ elements }) => h("p", {}, pieces(elements)),
  rich_text_quote: ({ elements }) => h("blockquote", {}, pieces(elements)),
  rich_text_preformatted: ({ elements }) => h("pre", { class: "code-block" }, pieces(elements)),
  rich_text_list: ({ style, indent = 0, offset = 0, elements }) =>
    h(style === "ordered" ? "ol" : "ul", { class: `indent-${indent}`, start: style === "ordered" && offset ? offset + 1 : undefined },
      elements.map((item) => h("li", {}, pieces(item.elements)))),
};

const PIECES = {
  text: ({ text }) => broken(text),
  link: ({ url, text }) => anchor(url, text || url),
  emoji: ({ name, unicode }) => withSigns(unicodeText(unicode) || emojiNamed(name) || `:${name}:`),
  user: ({ user_id }) => mention(user_id),
  usergroup: ({ usergroup_id }) => groupMention(usergroup_id),
  channel: ({ channel_id }) => channelLink(channel_id),
  broadcast: ({ range }) => h("span", { class: "mention me" }, `@${range}`),
  color: ({ value }) => value,
  date: ({ timestamp, format, url, fallback }) => moment(timestamp, format, url, fallback),
};
const TAGS = { bold: "strong", italic: "em", strike: "del", code: "code", underline: "u" };

function pieces(elements) {
  return elements.map((piece) => styled((PIECES[piece.type] ?? unknown)(piece), piece.style));
}

function styled(content, style = {}) {
  return Object.entries(TAGS).reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), content);
}

function broken(text) {
  return text.split("\n").map((line, index) => [index > 0 && h("br"), withSigns(line)]);
}

function unicodeText(unicode = "") {
  const points = unicode.split("-").map((point) => Number.parseInt(point, 16)).filter(Number.isFinite);
  return points.length ? String.fromCodePoint(...points) : "";
}

function unknown({ type }) {
  return h("span", { class: "unknown" }, `[${type}]`);
}
