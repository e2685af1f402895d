// Draws blocks, one function for each type. What people act on in them is in `elements`.

import { chart } from "./charts.js";
import { h, uid } from "./dom.js";
import { drawElement } from "./elements.js";
import { markdown } from "./markdown.js";
import { mrkdwn, plain, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const DRAW = {
  header: ({ text }) => h("h3", { class: "block header" }, textObject(text)),
  divider: () => h("hr", { class: "block divider" }),
  section,
  context,
  actions,
  image,
  input,
  table,
  rich_text: ({ elements }) => h("div", { class: "block rich-text" }, richText(elements)),
  markdown: ({ text }) => h("div", { class: "block markdown" }, markdown(text)),
  data_visualization: chart,
};

/** A block as it looks on a surface. */
export function drawBlock(block, surface) {
  const draw = DRAW[block.type];
  const drawn = draw ? draw(block, surface) : h("p", { class: "block unknown" }, `[${block.type}]`);
  drawn.dataset.block = block.block_id ?? "";
  return drawn;
}

/** All blocks of a message or a view. */
export function drawBlocks(blocks, surface) {
  return blocks.map((block) => drawBlock(block, surface));
}

function section(block, surface) {
  const { text, fields, accessory } = block;
  const wide = accessory && !["button", "overflow", "image"].includes(accessory.type);
  return h("div", { class: wide ? "block section wide" : "block section" },
    h("div", { class: "section-text" },
      text && h("div", { class: "prose" }, textObject(text)),
      fields && h("div", { class: "fields" }, fields.map((field) => h("div", { class: "field prose" }, textObject(field))))),
    accessory && h("div", { class: "accessory" }, drawElement(block, accessory, surface)));
}

function context({ elements }) {
  return h("div", { class: "block context" }, elements.map((element) =>
    element.type === "image"
      ? h("img", { class: "context-image", src: element.image_url, alt: element.alt_text, loading: "lazy" })
      : h("span", { class: "prose" }, textObject(element))));
}

function actions(block, surface) {
  return h("div", { class: "block actions" }, block.elements.map((element) => drawElement(block, element, surface)));
}

function image({ title, image_url: src, alt_text: alt }) {
  const failed = ({ currentTarget }) => currentTarget.replaceWith(h("p", { class: "image-gone" }, `Picture: ${alt}`));
  return h("figure", { class: "block image" },
    title && h("figcaption", {}, textObject(title)),
    h("img", { src, alt, loading: "lazy", on: { error: failed } }));
}

const GROUPED = new Set(["checkboxes", "radio_buttons"]);

function input(block, surface) {
  const { element, label, hint, optional } = block;
  const [id, labelId, hintId, errorId] = ["input", "label", "hint", "error"].map(uid);
  const fault = surface.errors?.[block.block_id];
  const grouped = GROUPED.has(element.type);
  const about = {
    id,
    labelId,
    optional,
    required: optional ? undefined : "true",
    invalid: fault ? "true" : undefined,
    describedBy: [fault && errorId, hint && hintId].filter(Boolean).join(" ") || undefined,
  };
  const words = [textObject(label), optional && h("span", { class: "optional" }, " (optional)")];
  return h("div", { class: fault ? "block input faulty" : "block input" },
    grouped ? h("span", { id: labelId, class: "label" }, words) : h("label", { id: labelId, class: "label", for: id }, words),
    drawElement(block, element, surface, about),
    fault && h("p", { id: errorId, class: "fault", role: "alert" }, fault),
    hint && h("p", { id: hintId, class: "hint" }, textObject(hint)));
}

const CELLS = {
  raw_text: ({ text }) => plain(text),
  raw_number: ({ text, value }) => text || value.toLocaleString("en"),
  rich_text: ({ elements }) => richText(elements),
};

function table({ rows, column_settings: settings }) {
  const [head, ...body] = rows;
  const row = (tag) => (cells) =>
    h("tr", {}, cells.map((cell, column) => {
      const { align = cell.type === "raw_number" ? "right" : "left", is_wrapped: wrapped } = settings?.[column] ?? {};
      return h(tag, { class: `to-${align}${wrapped ? " wrapped" : ""}`, scope: tag === "th" && "col" }, (CELLS[cell.type] ?? (() => ""))(cell));
    }));
  return h("div", { class: "block table-scroll", tabindex: 0, role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, row("th")(head)), h("tbody", {}, body.map(row("td")))));
}

/** What a message without blocks shows: its text. */
export function drawText(text) {
  return h("div", { class: "block section" }, h("div", { class: "prose" }, mrkdwn(text)));
}
