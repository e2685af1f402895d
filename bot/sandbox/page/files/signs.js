// The signs that stand for emoji, drawn, so that they look the same on every machine.

import { svg } from "./dom.js";

const ROUND = "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15Z";
const SIGNS = {
  "🔵": ["dot blue", "blue", ROUND],
  "🟢": ["dot green", "green", ROUND],
  "🟡": ["dot yellow", "yellow", ROUND],
  "🟠": ["dot orange", "orange", ROUND],
  "🔴": ["dot red", "red", ROUND],
  "⚪": ["dot pale", "white", ROUND],
  "⚫": ["dot dark", "black", ROUND],
  "✅": ["tile green", "done", "m5.5 10.5 3 3 6-7"],
  "❌": ["tile red", "no", "m6 6 8 8M14 6l-8 8"],
  "☑": ["tile blue", "checked", "m5.5 10.5 3 3 6-7"],
  "⏸": ["tile blue", "paused", "M8 6v8M12 6v8"],
  "↩": ["tile blue", "returned", "M8.5 5.5 5 9l3.5 3.5M5.5 9H12a3 3 0 0 1 3 3v2.5"],
  "➡": ["tile blue", "onward", "M5 10h10M11 6l4 4-4 4"],
  "⚠": ["tile orange", "careful", "M10 5v6M10 14.5h.01"],
  "🔗": ["tile violet", "linked", "M8.5 11.5 11.5 8.5M7.5 9 6 10.5a2.5 2.5 0 0 0 3.5 3.5L11 12.5M12.5 11 14 9.5A2.5 2.5 0 0 0 10.5 6L9 7.5"],
  "🏆": ["tile gold", "won", "M7 5h6v4a3 3 0 0 1-6 0ZM10 12v2.5M7.5 15h5M7 6H5v.5A2.5 2.5 0 0 0 7 9M13 6h2v.5A2.5 2.5 0 0 1 13 9"],
  "🗑": ["tile dark", "removed", "M5 6.5h10M8 6.5V5h4v1.5M6.5 6.5l.7 9h5.6l.7-9M9 9v4.5M11 9v4.5"],
  "🗓": ["tile blue", "planned", "M5 6h10v9H5ZM5 9h10M7.5 4.5v3M12.5 4.5v3"],
  "📜": ["tile gold", "agreement", "M7 5h8v8a2 2 0 0 1-4 0H5v.5A2 2 0 0 0 7 15h6M7 5v8M9.5 8h3M9.5 10.5h3"],
  "🙌": ["tile orange", "open to all", "M6 15V9M8.5 15V6M11.5 15V6M14 15V9"],
  "🏁": ["tile dark", "finished", "M6 16V4.5h8v6H6M10 4.5v6M6 7.5h8"],
  "🔔": ["tile orange", "bell", "M6 12.5c1-1 1-2 1-3.5a3 3 0 0 1 6 0c0 1.5 0 2.5 1 3.5ZM9 14.8h2"],
  "🔥": ["tile red", "hot", "M10 15.5a4 4 0 0 1-4-4c0-2.5 2-3.5 2.5-6.5 3 1.5 5.5 3.5 5.5 6.5a4 4 0 0 1-4 4Z"],
  "🎉": ["tile violet", "hooray", "m5 15 3-8 5 5ZM12 5.5l.5-1M14.5 8l1-.5M12.5 8l2.5-3"],
  "📎": ["tile dark", "attached", "m13.5 8.5-4 4a1.5 1.5 0 0 1-2-2l4.5-4.5a2.5 2.5 0 0 1 3.5 3.5l-5 5"],
  "📈": ["tile green", "rising", "m4.5 13.5 4-4 2.5 2.5 4.5-5.5M12.5 6.5h3v3"],
  "📉": ["tile red", "falling", "m4.5 6.5 4 4L11 8l4.5 5.5M12.5 13.5h3v-3"],
  "📊": ["tile blue", "chart", "M6 14.5V11M10 14.5v-8M14 14.5V9"],
  "🔎": ["tile blue", "looked up", "M9 5.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7ZM11.5 11.5l3.5 3.5"],
  "📣": ["tile orange", "announcement", "M5 8.5v3l7 3v-9ZM12 8.5h2.5M7 12.5v3"],
  "💤": ["tile violet", "asleep", "M6 6h7l-7 8h7"],
  "⏰": ["tile orange", "clock", "M10 5.5a5 5 0 1 1 0 10 5 5 0 0 1 0-10ZM10 8v2.5l1.5 1"],
  "⏳": ["tile orange", "time passes", "M6.5 5h7M6.5 15h7M7 5c0 3 2 4 3 5 1-1 3-2 3-5M7 15c0-3 2-4 3-5 1 1 3 2 3 5"],
  "👋": ["tile gold", "hello", "M7 15c-2-2-2-4-1.5-7M8 10V5.5M10.5 9.5V4.5M13 10V6M13 10l1.5-1.5c1 2 0 5-2.5 6.5"],
  "⭐": ["tile gold", "star", "m10 4.5 1.7 3.6 3.8.5-2.8 2.7.7 3.9-3.4-1.9-3.4 1.9.7-3.9L4.5 8.6l3.8-.5Z"],
  "✉": ["line", "e-mail", "M3.5 5.5h13v9h-13ZM4 6l6 5 6-5"],
  "📞": ["line", "phone", "M6 3.5 8 7.5 6.5 9c.8 1.9 2.6 3.7 4.5 4.5l1.5-1.5 4 2v2.5c-6 1-13-6-13-12Z"],
  "✨": ["tile gold", "created", "M10 4.5c.5 3.5 2 5 5.5 5.5-3.5.5-5 2-5.5 5.5-.5-3.5-2-5-5.5-5.5 3.5-.5 5-2 5.5-5.5Z"],
  "📝": ["tile blue", "note", "M6 4.5h8v11H6ZM8 8h4M8 11h4"],
  "👣": ["tile green", "activity", "M7.5 5v4M7.5 12v.5M12.5 7.5v4M12.5 14.5v.5"],
  "🧭": ["tile violet", "no team", "M10 4.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM12.5 7.5 11 11l-3.5 1.5L9 9Z"],
  "🎯": ["tile red", "assigned", "M10 4.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM10 8.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Z"],
  "📥": ["tile blue", "handed off", "M10 4.5v6M7.5 8 10 10.5 12.5 8M5 11.5v3.5h10v-3.5"],
  "🔁": ["tile violet", "reassigned", "M5.5 10V8.5a2 2 0 0 1 2-2H14M12 4.5l2 2-2 2M14.5 10v1.5a2 2 0 0 1-2 2H6M8 15.5l-2-2 2-2"],
  "↪": ["tile blue", "undone", "M11.5 5.5 15 9l-3.5 3.5M14.5 9H8a3 3 0 0 0-3 3v2.5"],
  "🤝": ["tile green", "agreed", "m4.5 8 3-1.5 2.5 1.5 2.5-1.5 3 1.5M6 11.5l2.5 2.5L10 12.5l1.5 1.5 2.5-2.5M10 8 7.5 10.5"],
  "👀": ["tile dark", "look", "M7 6.5c1.5 0 1.5 7 0 7s-1.5-7 0-7ZM13 6.5c1.5 0 1.5 7 0 7s-1.5-7 0-7ZM7.5 11h.01M13.5 11h.01"],
  "💬": ["tile blue", "said", "M5 5.5h10v7H9.5L7 15v-2.5H5Z"],
  "🚀": ["tile violet", "launched", "M10 3.5c2.5 2 3 5 2 8.5H8c-1-3.5-.5-6.5 2-8.5ZM8 12l-2 2.5M12 12l2 2.5M10 14v2"],
  "⚖": ["tile violet", "contested", "M10 4.5v10.5M7 15.2h6M5.5 6.5h9M5.5 6.5 3.8 11h3.4ZM14.5 6.5 12.8 11h3.4Z"],
  "🔻": ["tile red", "below the goal", "M5.5 7h9L10 14Z"],
  "👍": ["tile green", "helped", "M6 9h2l2-4.5c1.5 0 1.8 1 1.5 2L11 9h3.5l-1 5.5H8L6 14Z"],
  "👎": ["tile red", "missing", "M6 11h2l2 4.5c1.5 0 1.8-1 1.5-2L11 11h3.5l-1-5.5H8L6 5.5Z"],
  "🗳": ["tile blue", "decided", "M5 10.5h10v5H5ZM7.5 10.5v-5h5v5M8.5 8h3"],
  "🚪": ["tile dark", "left", "M6.5 15.5v-11h7v11ZM5 15.5h10M11.5 10.2h.01"],
  "🌴": ["tile gold", "away", "M10 8.5c-.5 2.5-.5 4.5-1 7M10 8.5C8.5 6 6 6 4.8 8.5M10 8.5C11.5 6 14 6 15.2 8.5M10 8.5c-1.5-.5-3 .5-3.5 3M10 8.5c1.5-.5 3 .5 3.5 3"],
  "🚫": ["tile red", "refused", "M10 4.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM6.2 6.2l7.6 7.6"],
  "📌": ["tile red", "pinned", "M8 4.5h4l-.5 5 2 2h-7l2-2ZM10 11.5v4"],
};
const SIGN = new RegExp(`(${Object.keys(SIGNS).join("|")})\\uFE0F?`, "u");

/** A text in which the signs that the bot uses are drawn, so that they look the same on every machine. */
export function withSigns(text) {
  const parts = text.split(SIGN);
  if (parts.length === 1) return [text];
  return parts.map((part, index) => (index % 2 ? sign(part) : part));
}

function sign(character) {
  const [look, label, path] = SIGNS[character];
  return svg(
    "svg",
    { class: `sign ${look}`, viewBox: "0 0 20 20", role: "img", "aria-label": label },
    look.startsWith("tile") && svg("rect", { class: "sign-ground", x: 1, y: 1, width: 18, height: 18, rx: 5 }),
    svg("path", { d: path }),
  );
}
