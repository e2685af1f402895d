// Talks to the sandbox: the snapshot, the stream of changes, deeds, the clock and the lead form.

import { announce, toast } from "./dom.js";
import { addOlder, apply, reset, setClock, state, touch } from "./store.js";

let stream = null;

async function ask(path, body) {
  const options = body
    ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }
    : {};
  try {
    const answer = await fetch(path, options);
    return await answer.json();
  } catch {
    return { ok: false, error: "The sandbox does not answer. Is it still running?" };
  }
}

/** See the workspace as this person, from now on. */
export async function become(user) {
  stream?.close();
  const snapshot = await ask(`/page/state?as=${encodeURIComponent(user)}`);
  if (!snapshot.you) {
    toast(snapshot.error ?? "The sandbox does not answer.", "bad");
    return false;
  }
  reset(snapshot);
  listen();
  return true;
}

function listen() {
  stream = new EventSource(`/page/events?as=${encodeURIComponent(state.you)}&since=${state.seq}`);
  const current = stream;
  stream.addEventListener("changes", ({ data }) => current === stream && apply(JSON.parse(data)));
  stream.addEventListener("beat", ({ data }) => {
    if (current !== stream) return;
    setClock(JSON.parse(data));
    connected(true);
  });
  stream.addEventListener("reset", () => current === stream && become(state.you));
  stream.addEventListener("error", () => current === stream && connected(false));
}

function connected(yes) {
  const body = document.body;
  if (body.dataset.connected === String(yes)) return;
  body.dataset.connected = String(yes);
  if (!yes) announce("The connection to the sandbox is lost. Trying again.");
  touch("connection");
}

/** Do something as this person. A refusal is shown; the answer has `ok`. */
export async function act(deed, details = {}) {
  const answer = await ask("/page/act", { do: deed, as: state.you, ...details });
  if (!answer.ok && answer.error) {
    toast(answer.error, "bad");
    announce(answer.error);
  }
  return answer;
}

/** Fetch older messages of a channel; whether there were any. */
export async function fetchOlder(channel) {
  const [first] = state.messages.get(channel)?.keys() ?? [];
  if (!first || state.complete.has(channel)) return false;
  const user = state.you;
  const query = new URLSearchParams({ as: user, channel, before: first });
  const { messages } = await ask(`/page/messages?${query}`);
  if (!messages || user !== state.you) return false;
  addOlder(channel, messages);
  return messages.length > 0;
}

/** Set the speed, or jump: `{speed}` or `{jump: true}`. */
export async function control(details) {
  const answer = await ask("/page/clock", details);
  if (answer.clock) setClock(answer.clock);
  if (answer.words || answer.error) toast(answer.words || answer.error, answer.ok ? "plain" : "bad");
  if (answer.words) announce(answer.words);
}

/** Hand in a lead; the answer is the bot's own: `{status, body}`. */
export const handInLead = (lead) => ask("/page/lead", lead);
