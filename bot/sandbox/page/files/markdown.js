// Draws the `markdown` block: headings, lists, tasks, tables, quotes, code, rules and the usual inline marks.

import { anchor, h } from "./dom.js";
import { plain } from "./mrkdwn.js";

/** The nodes of a markdown text. */
export function markdown(text) {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const nodes = [];
  while (lines.length) {
    const [pattern, build] = KINDS.find(([test]) => test.test(lines[0]));
    const node = build(lines, pattern);
    if (node) nodes.push(node);
  }
  return nodes;
}

const FENCE = /^\s*```/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/;
const QUOTE = /^\s{0,3}>\s?/;
const ITEM = /^(\s*)(?:([-*+])|(\d+)[.)])\s+(.*)$/;
const TABLE = /^\s*\|.*\|\s*$/;
const BLANK = /^\s*$/;
const ANY = /^/;

const KINDS = [
  [FENCE, fence],
  [BLANK, (lines) => void lines.shift()],
  [HEADING, heading],
  [RULE, (lines) => (lines.shift(), h("hr"))],
  [QUOTE, quote],
  [TABLE, table],
  [ITEM, list],
  [ANY, paragraph],
];

function fence(lines) {
  lines.shift();
  const code = [];
  while (lines.length && !FENCE.test(lines[0])) code.push(lines.shift());
  lines.shift();
  return h("pre", { class: "code-block" }, code.join("\n"));
}

function heading(lines) {
  const [, hashes, text] = HEADING.exec(lines.shift());
  return h(`h${Math.min(6, hashes.length + 2)}`, { class: `md-h${hashes.length}` }, inline(text));
}

function quote(lines) {
  const inner = [];
  while (lines.length && QUOTE.test(lines[0])) inner.push(lines.shift().replace(QUOTE, ""));
  return h("blockquote", {}, markdown(inner.join("\n")));
}

function list(lines) {
  const [, indent, , number] = ITEM.exec(lines[0]);
  const items = [];
  while (lines.length) {
    const found = ITEM.exec(lines[0]);
    if (!found || found[1].length < indent.length) break;
    if (found[1].length > indent.length) items.at(-1)?.append(list(lines));
    else items.push(item((lines.shift(), found[4])));
  }
  return h(number ? "ol" : "ul", number ? { start: number } : {}, items);
}

function item(text) {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(text);
  if (!task) return h("li", {}, inline(text));
  const done = task[1] !== " ";
  const box = h("span", { class: done ? "task done" : "task", role: "img", "aria-label": done ? "done" : "to do" });
  return h("li", { class: "task-item" }, box, inline(task[2]));
}

function cells(line) {
  return line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function table(lines) {
  const rows = [];
  while (lines.length && TABLE.test(lines[0])) rows.push(cells(lines.shift()));
  const isRule = (row) => row.every((cell) => /^:?-+:?$/.test(cell));
  const alignment = rows.find(isRule)?.map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : "left")) ?? [];
  const [head, ...body] = rows.filter((row) => !isRule(row));
  const row = (tag) => (texts) =>
    h("tr", {}, texts.map((text, column) => h(tag, { class: `to-${alignment[column] ?? "left"}`, scope: tag === "th" && "col" }, inline(text))));
  if (!head) return null;
  return h("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, row("th")(head)), h("tbody", {}, body.map(row("td")))));
}

function paragraph(lines) {
  const text = [lines.shift()];
  while (lines.length && KINDS.find(([test]) => test.test(lines[0]))[1] === paragraph) text.push(lines.shift());
  return h("p", {}, text.map((line, index) => [index > 0 && h("br"), inline(line)]));
}

const TOKEN =
  /\\([\\`*_{}[\]()#+\-.!~|<>])|(`+)(.+?)\2|!?\[([^\]]*)\]\(([^)\s]+)(?:\s+"[^"]*")?\)|(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\6|(?<![\p{L}\p{N}])([*_])(?=\S)(.+?)(?<=\S)\8(?![\p{L}\p{N}])|(https?:\/\/[^\s<>)]+[^\s<>).,;:!?])/u;

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let found = TOKEN.exec(rest); found; found = TOKEN.exec(rest)) {
    const [whole, escaped, , code, label, address, strong, bold, , slanted, bare] = found;
    nodes.push(...plain(rest.slice(0, found.index)));
    if (escaped) nodes.push(escaped);
    else if (code !== undefined) nodes.push(h("code", {}, code));
    else if (address) nodes.push(anchor(address, inline(label || address)));
    else if (strong) nodes.push(h(strong === "~~" ? "del" : "strong", {}, inline(bold)));
    else if (slanted) nodes.push(h("em", {}, inline(slanted)));
    else nodes.push(anchor(bare, bare));
    rest = rest.slice(found.index + whole.length);
  }
  return [...nodes, ...plain(rest)].filter((node) => node !== "");
}
