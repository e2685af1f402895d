// Moments in the reader's own time zone. A moment is a number of seconds since 1970.

const formats = new Map();

function format(zone, options) {
  const key = `${zone} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return formats.get(key);
}

function shown(seconds, zone, options) {
  return format(zone, options).format(new Date(seconds * 1000));
}

function parts(seconds, zone) {
  const options = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  const found = format(zone, options).formatToParts(new Date(seconds * 1000));
  return Object.fromEntries(found.map(({ type, value }) => [type, value]));
}

/** "14:05" */
export const clockTime = (seconds, zone) => shown(seconds, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
/** "14:05:09" */
export const exactTime = (seconds, zone) =>
  shown(seconds, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
/** "Mon 23 Nov" */
export const shortDay = (seconds, zone) => shown(seconds, zone, { weekday: "short", day: "numeric", month: "short" }).replace(",", "");
/** "Monday 23 November 2026" */
export const longDay = (seconds, zone) =>
  shown(seconds, zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).replace(",", "");

const days = new Map();
const QUARTER = 900; // no zone changes its day within a quarter of an hour

/** "2026-11-23": two moments on the same day have the same. */
export function dayKey(seconds, zone) {
  const key = `${zone} ${Math.floor(seconds / QUARTER)}`;
  if (!days.has(key)) {
    const { year, month, day } = parts(seconds, zone);
    days.set(key, `${year}-${month}-${day}`);
  }
  return days.get(key);
}

/** "Today", "Yesterday", "Tomorrow", or nothing. */
function nearDay(seconds, now, zone) {
  const key = dayKey(seconds, zone);
  const near = { Today: 0, Yesterday: -86400, Tomorrow: 86400 };
  return Object.keys(near).find((name) => dayKey(now + near[name], zone) === key) ?? "";
}

/** A heading between the days of a channel. */
export function dayName(seconds, now, zone) {
  return nearDay(seconds, now, zone) || longDay(seconds, zone);
}

/** The zone's short name at that moment, such as "GMT+1" or "EST". */
export function zoneName(seconds, zone) {
  const found = format(zone, { timeZoneName: "short" }).formatToParts(new Date(seconds * 1000));
  return found.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

const DATE = { day: "numeric", month: "long", year: "numeric" };
const SHORT = { day: "numeric", month: "short", year: "numeric" };
const LONG = { weekday: "long", ...DATE };
const TOKENS = {
  date_num: (at, zone) => dayKey(at, zone),
  date_slash: (at, zone) => shown(at, zone, { day: "2-digit", month: "2-digit", year: "numeric" }),
  date: (at, zone) => shown(at, zone, DATE),
  date_short: (at, zone) => shown(at, zone, SHORT),
  date_long: (at, zone) => shown(at, zone, LONG),
  day_divider_pretty: (at, zone, now) => dayName(at, now, zone),
  time: clockTime,
  time_secs: exactTime,
};

/** Fill in a date format such as `{date_short_pretty} {time}`; words that are no token stay. */
export function dateTokens(template, seconds, zone, now) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => {
    const plain = name.replace(/_pretty$/, "");
    if (plain === "ago") return ago(now - seconds);
    if (name.endsWith("_pretty") && name !== "day_divider_pretty") {
      const near = nearDay(seconds, now, zone);
      if (near) return near.toLowerCase();
    }
    const token = TOKENS[name] ?? TOKENS[plain];
    return token ? token(seconds, zone, now) : whole;
  });
}

const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 hours ago", "in 2 days" */
export function ago(seconds) {
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  const count = Math.floor(Math.abs(seconds) / size);
  if (unit === "second") return "just now";
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
}

/** A moment as a `datetime-local` field shows it: "2026-11-23T14:05". */
export function toLocalField(seconds, zone) {
  const { year, month, day, hour, minute } = parts(seconds, zone);
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

/** The moment that a `datetime-local` field shows in a zone; null when it is empty. */
export function fromLocalField(text, zone) {
  if (!text) return null;
  const naive = Date.parse(`${text}Z`) / 1000;
  const offset = (at) => Date.parse(`${toLocalField(at, zone)}Z`) / 1000 - at;
  const guess = naive - offset(naive);
  return Math.round(naive - offset(guess));
}
