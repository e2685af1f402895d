// What one person sees, kept in step with the stream of changes. Holds data; draws nothing.

const LONGEST_PRESS = 1000; // milliseconds
const FIELDS = {
  plain_text_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  users_select: ["selected_user", "initial_user"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  channels_select: ["selected_channel", "initial_channel"],
  multi_static_select: ["selected_options", "initial_options"],
  multi_external_select: ["selected_options", "initial_options"],
  checkboxes: ["selected_options", "initial_options"],
  multi_users_select: ["selected_users", "initial_users"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
  file_input: ["files", "initial_files"],
};
const TRAFFIC_KEPT = 500;
const TINTS = 8;
const NOTICES = /^U[A-Z]+BOT$/; // who signs the workspace's own notices

/** The state. `place` is a channel's id or "home". */
export const state = {
  you: "",
  bot: "",
  seq: 0,
  place: "",
  thread: "",
  people: new Map(),
  groups: new Map(),
  channels: new Map(),
  messages: new Map(),
  complete: new Set(),
  read: new Map(),
  home: null,
  modals: [],
  commands: [],
  shortcuts: [],
  traffic: [],
  clock: { now: 0, speed: 1, at: 0 },
  leads: null,
  canJump: false,
  chosen: new Map(),
  threadRead: new Map(),
};

const listeners = new Map();
let dirty = new Map();

/** Call `listener(details)` after changes of a topic; details are what was passed to `touch`. */
export function watch(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(listener);
}

/** Note that a topic changed; whoever watches it is told once, when all changes at hand are in. */
export function touch(topic, detail) {
  if (!dirty.size) queueMicrotask(tell);
  if (!dirty.has(topic)) dirty.set(topic, []);
  if (detail !== undefined) dirty.get(topic).push(detail);
}

/** While a button is pressed nothing is redrawn: the click would be lost with what it began on. */
let pressed = 0; // a timer: whoever holds on for long sees what changed

function press() {
  clearTimeout(pressed);
  pressed = setTimeout(release, LONGEST_PRESS);
}

function release() {
  clearTimeout(pressed);
  pressed = 0;
  if (dirty.size) tell();
}

addEventListener("pointerdown", press, true);
addEventListener("pointercancel", release, true);
addEventListener("pointerup", () => setTimeout(release), true); // once the click has been heard

function tell() {
  if (pressed) return;
  const topics = dirty;
  dirty = new Map();
  for (const [topic, details] of topics) {
    for (const listener of listeners.get(topic) ?? []) listener(details);
  }
}

/** Take over a snapshot of everything. */
export function reset(snapshot) {
  snapshot.people.forEach((person, index) => Object.assign(person, { tint: index % TINTS }));
  const byId = (list) => new Map(list.map((item) => [item.id, item]));
  Object.assign(state, {
    you: snapshot.you,
    bot: snapshot.bot,
    seq: snapshot.seq,
    people: byId(snapshot.people),
    groups: byId(snapshot.groups),
    channels: byId(snapshot.channels),
    messages: new Map(
      Object.entries(snapshot.messages).map(([channel, list]) => [channel, new Map(list.map((m) => [m.ts, m]))]),
    ),
    complete: new Set(),
    read: new Map(Object.entries(snapshot.read)),
    home: snapshot.home,
    modals: snapshot.modals,
    commands: snapshot.commands,
    shortcuts: snapshot.shortcuts,
    traffic: snapshot.traffic,
    leads: snapshot.leads,
    canJump: snapshot.can_jump,
    chosen: new Map(),
    threadRead: new Map(),
  });
  setClock(snapshot.clock);
  touch("everything");
}

/** Take the time from the workspace. */
export function setClock({ now, speed }) {
  state.clock = { now, speed, at: performance.now() };
  touch("clock");
}

/** The workspace's time now, in seconds. */
export function now() {
  const { now: from, speed, at } = state.clock;
  return from + ((performance.now() - at) / 1000) * speed;
}

const APPLY = {
  message: ({ channel, message }) => put(channel, message, true),
  message_changed: ({ channel, message }) => put(channel, message, false),
  reaction: ({ channel, message }) => put(channel, message, false),
  message_deleted: ({ channel, ts }) => forget(channel, ts),
  modal: ({ modals }) => {
    state.modals = modals;
    touch("modals");
  },
  home: ({ view }) => {
    state.home = view;
    touch("home");
  },
  channel: ({ channel }) => {
    if (!channel) return;
    state.channels.set(channel.id, channel);
    touch("channels");
  },
  clock: ({ clock }) => setClock(clock),
  traffic: ({ exchange }) => {
    state.traffic.push(exchange);
    if (state.traffic.length > TRAFFIC_KEPT) state.traffic.splice(0, state.traffic.length - TRAFFIC_KEPT);
    touch("traffic", exchange);
  },
};

/** Take in changes, in their order; those that are known already are passed over. */
export function apply(changes) {
  for (const change of changes) {
    if (change.seq <= state.seq) continue;
    state.seq = change.seq;
    APPLY[change.kind]?.(change);
  }
}

function put(channel, message, isNew) {
  const list = messagesIn(channel);
  const known = list.get(message.ts);
  if (!known && !isNew && list.size && message.ts < list.keys().next().value) return; // not loaded yet
  list.set(message.ts, message);
  touch("messages", { channel, ts: message.ts, isNew });
}

function forget(channel, ts) {
  const list = messagesIn(channel);
  const message = list.get(ts);
  if (!message) return;
  if (repliesTo(channel, ts).length) list.set(ts, { ...message, subtype: "tombstone" });
  else list.delete(ts);
  touch("messages", { channel, ts, isNew: false });
}

/** Messages that were fetched from further back. */
export function addOlder(channel, older) {
  if (!older.length) state.complete.add(channel);
  const newer = messagesIn(channel);
  state.messages.set(channel, new Map([...older.map((m) => [m.ts, m]), ...newer]));
}

/** Take a message away from this page alone: an ephemeral one that was read. */
export function dismiss(channel, ts) {
  messagesIn(channel).delete(ts);
  touch("messages", { channel, ts, isNew: false });
}

/** The messages of a channel by ts, oldest first. */
export function messagesIn(channel) {
  if (!state.messages.has(channel)) state.messages.set(channel, new Map());
  return state.messages.get(channel);
}

/** Whether a message stands in a thread, not in the channel itself. */
export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

/** What a channel shows: no replies, unless they were sent to the channel too. */
export function timelineOf(channel) {
  return [...messagesIn(channel).values()].filter((m) => !isReply(m) || m.subtype === "thread_broadcast");
}

/** The replies of a channel by the ts of the message that their thread hangs on. */
export function threadsIn(channel) {
  const threads = new Map();
  for (const message of messagesIn(channel).values()) {
    if (!isReply(message)) continue;
    if (!threads.has(message.thread_ts)) threads.set(message.thread_ts, []);
    threads.get(message.thread_ts).push(message);
  }
  return threads;
}

/** The replies to a message, oldest first. */
export function repliesTo(channel, ts) {
  return [...messagesIn(channel).values()].filter((m) => isReply(m) && m.thread_ts === ts);
}

/** What of others a person has not read in a channel: how many messages, and whether one names them. */
export function unreadIn(channel) {
  const mark = state.read.get(channel) ?? "";
  const unread = { count: 0, named: false };
  for (const message of [...messagesIn(channel).values()].reverse()) {
    if (message.ts <= mark) break;
    if (message.user === state.you || message.subtype === "tombstone" || isReply(message)) continue;
    unread.count += 1;
    unread.named ||= JSON.stringify([message.text, message.blocks]).includes(`<@${state.you}>`);
  }
  return unread;
}

/** Note that a channel is read to its end; whether that is news. */
export function markRead(channel) {
  const last = [...messagesIn(channel).keys()].at(-1) ?? "";
  if (last <= (state.read.get(channel) ?? "")) return "";
  state.read.set(channel, last);
  touch("channels");
  return last;
}

export const you = () => state.people.get(state.you);
export const zone = () => you()?.tz ?? "UTC";
/** The conversation between this person and the bot. */
export const directChannel = () => [...state.channels.values()].find((channel) => channel.is_im)?.id ?? "";

/** What a person is called here. */
export function nameOf(id) {
  const person = state.people.get(id);
  return person ? person.real_name || person.name : NOTICES.test(id) ? "Workspace" : id;
}

/** The name of the state's field that holds what was entered into an element. */
export const fieldOf = (element) => FIELDS[element.type]?.[0];

/** What an element holds: what was entered (an entry of `state.values`), else what it starts with. */
export function heldBy(element, entry) {
  const [field, initial] = FIELDS[element.type];
  const held = entry && entry.type === element.type ? entry[field] : element[initial];
  return held ?? (field.endsWith("s") && field !== "value" ? [] : null);
}
