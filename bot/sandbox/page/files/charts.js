// Draws `data_visualization`: bars, lines, areas and pies as SVG. The numbers stand below it as a table too.

import { h, show, svg, uid } from "./dom.js";

const HEIGHT = 230;
const MARGIN = { top: 14, right: 12, bottom: 30, left: 46 };
const TICKS = 4;

const NARROWEST = 240;
const WIDEST = 580;
const TOO_FAR_OFF = 24; // from here on its letters would be too small, or too large

/** A chart with its title, its legend and its numbers. It is drawn anew where it has another width than it thought. */
export function chart({ title, chart: data }) {
  const id = uid("chart");
  const place = h("div");
  const draw = (width) => {
    const drawn = data.type === "pie" ? pie(data, width) : plotted(data, width);
    show(place, svg("svg", { viewBox: `0 0 ${width} ${drawn.height}`, role: "img", "aria-label": `${title}. ${drawn.words}` }, drawn.marks));
    return { ...drawn, width };
  };
  let drawn = draw(within(window.innerWidth - 110));
  new ResizeObserver(([{ contentRect }]) => {
    const width = within(contentRect.width);
    if (contentRect.width > 0 && Math.abs(width - drawn.width) > TOO_FAR_OFF) drawn = draw(width);
  }).observe(place);
  return h("figure", { class: "block chart", "aria-labelledby": id },
    h("figcaption", { id }, title),
    place,
    drawn.legend && h("ul", { class: "legend", "aria-hidden": "true" }, drawn.legend),
    h("details", { class: "chart-numbers" }, h("summary", {}, "Numbers"), drawn.numbers));
}

const within = (width) => Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)));

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 2 });

/** 1,200,000 as "1.2M": short enough for an axis. */
function brief(value) {
  const size = Math.abs(value);
  const [unit, letter] = [[1e9, "B"], [1e6, "M"], [1e3, "k"]].find(([least]) => size >= least) ?? [1, ""];
  return `${(value / unit).toLocaleString("en", { maximumFractionDigits: unit === 1 ? 2 : 1 })}${letter}`;
}

/** Round values from below the least to above the greatest. */
function scaleFor(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const rough = (high - low || 1) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
  const first = Math.floor(low / step) * step;
  const count = Math.ceil((high - first) / step) || 1;
  return { low: first, high: first + count * step, ticks: Array.from({ length: count + 1 }, (_, i) => first + i * step) };
}

function plotted({ type, series, axis_config: axis }, width) {
  const { categories, x_label: xLabel, y_label: yLabel } = axis;
  const height = HEIGHT + (xLabel ? 18 : 0);
  const left = MARGIN.left + (yLabel ? 16 : 0);
  const inner = { width: width - left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const scale = scaleFor(series.flatMap(({ data }) => data.map(({ value }) => value)));
  const y = (value) => MARGIN.top + inner.height * (1 - (value - scale.low) / (scale.high - scale.low));
  const slot = inner.width / categories.length;
  const x = (index) => left + slot * (index + 0.5);
  const room = { x, y, slot, base: y(0), left, right: width - MARGIN.right };
  const draw = { bar: bars, line: lines, area: areas }[type];
  const marks = [
    scale.ticks.map((tick) => [
      svg("line", { class: tick === 0 ? "axis" : "grid", x1: left, x2: room.right, y1: y(tick), y2: y(tick) }),
      svg("text", { class: "tick-label", x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, brief(tick)),
    ]),
    labels(categories, slot, x, HEIGHT - 10),
    draw(series, room),
    xLabel && svg("text", { class: "axis-label", x: left + inner.width / 2, y: height - 4, "text-anchor": "middle" }, xLabel),
    yLabel && svg("text", { class: "axis-label", x: 0, y: 0, "text-anchor": "middle", transform: `translate(12 ${MARGIN.top + inner.height / 2}) rotate(-90)` }, yLabel),
  ];
  const words = series.map(({ name, data }) => `${name}: ${data.map(({ label, value }) => `${label} ${number(value)}`).join(", ")}`).join(". ");
  return { height, marks, words, legend: series.length > 1 && series.map(({ name }, index) => key(index, name)), numbers: table(categories, series) };
}

function labels(categories, slot, x, y) {
  const longest = Math.max(...categories.map((label) => label.length));
  const every = Math.max(1, Math.ceil((Math.min(longest, 12) * 6.4) / slot / 1.15));
  const room = Math.max(3, Math.floor((slot * every) / 6.2));
  const fit = (label) => (label.length > room ? `${label.slice(0, room - 1)}…` : label);
  return categories.map((label, index) =>
    index % every === 0 && svg("text", { class: "tick-label", x: x(index), y, "text-anchor": "middle" }, svg("title", {}, label), fit(label)));
}

const tip = (name, { label, value }) => svg("title", {}, `${name}, ${label}: ${number(value)}`);

function bars(series, { x, y, slot, base }) {
  const gap = 2;
  const breadth = Math.max(2, Math.min(42, (slot * 0.72) / series.length - gap));
  const offset = ((breadth + gap) * series.length - gap) / 2;
  return series.map(({ name, data }, index) =>
    data.map((point, at) => {
      const top = Math.min(y(point.value), base);
      const tall = Math.abs(y(point.value) - base);
      const left = x(at) - offset + index * (breadth + gap);
      return svg("rect", { class: `mark-${index}`, x: left, y: top, width: breadth, height: tall, rx: Math.min(3, tall / 2) }, tip(name, point));
    }));
}

const path = (data, { x, y }) => data.map(({ value }, at) => `${at ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");

function lines(series, room) {
  return series.map(({ name, data }, index) => [
    svg("path", { class: `stroke-${index}`, d: path(data, room) }),
    data.map((point, at) => svg("circle", { class: `mark-${index} point`, cx: room.x(at), cy: room.y(point.value), r: 3.5 }, tip(name, point))),
  ]);
}

function areas(series, room) {
  const closed = (data) => `${path(data, room)}L${room.x(data.length - 1)} ${room.base}L${room.x(0)} ${room.base}Z`;
  return [series.map(({ data }, index) => svg("path", { class: `mark-${index} fill`, d: closed(data) })), lines(series, room)];
}

function pie({ segments }, width) {
  const height = 200;
  const [cx, cy, outer, hole] = [width / 2, height / 2, 88, 50];
  const total = segments.reduce((sum, { value }) => sum + value, 0);
  let turned = 0;
  const at = (share, radius) => {
    const angle = share * 2 * Math.PI - Math.PI / 2;
    return `${(cx + radius * Math.cos(angle)).toFixed(2)} ${(cy + radius * Math.sin(angle)).toFixed(2)}`;
  };
  const share = ({ value }) => `${Math.round((value / total) * 100)}%`;
  const marks = segments.map((segment, index) => {
    const from = turned;
    turned += Math.min(segment.value / total, 0.9999);
    const wide = turned - from > 0.5 ? 1 : 0;
    const d = `M${at(from, outer)}A${outer} ${outer} 0 ${wide} 1 ${at(turned, outer)}L${at(turned, hole)}A${hole} ${hole} 0 ${wide} 0 ${at(from, hole)}Z`;
    return svg("path", { class: `mark-${index} slice`, d }, svg("title", {}, `${segment.label}: ${number(segment.value)} (${share(segment)})`));
  });
  return {
    height,
    marks,
    words: segments.map((segment) => `${segment.label} ${number(segment.value)}, ${share(segment)}`).join("; "),
    legend: segments.map((segment, index) => key(index, segment.label, share(segment))),
    numbers: table(["Value"], segments.map(({ label, value }) => ({ name: label, data: [{ value }] }))),
  };
}

function key(index, name, detail = "") {
  return h("li", {}, h("span", { class: `swatch swatch-${index}` }), name, detail && h("span", { class: "legend-detail" }, detail));
}

function table(columns, rows) {
  return h("div", { class: "table-scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "unseen" }, "Series")), columns.map((column) => h("th", { scope: "col", class: "to-right" }, column)))),
    h("tbody", {}, rows.map(({ name, data }) =>
      h("tr", {}, h("th", { scope: "row" }, name), data.map(({ value }) => h("td", { class: "to-right" }, number(value))))))));
}
