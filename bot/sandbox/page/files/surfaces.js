// What becomes of clicks and entries, for each place where blocks stand: a message, a modal, Home.

import { act } from "./api.js";
import { fieldOf, state } from "./store.js";

const key = (block, element) => `${block.block_id} ${element.action_id}`;

/** The surface of a message: everything that is chosen is sent at once. */
export function messageSurface({ channel, ts }) {
  const place = { channel, ts };
  const chosen = (block, element) => state.chosen.get(`${channel} ${ts} ${key(block, element)}`);
  return {
    kind: "message",
    entry: chosen,
    press: (block, element, value) => act("click", { ...place, block: block.block_id, action: element.action_id, value }),
    change(block, element, held, how) {
      if (how === "typed") return;
      state.chosen.set(`${channel} ${ts} ${key(block, element)}`, entryOf(element, held));
      void act("click", { ...place, block: block.block_id, action: element.action_id, value: held });
    },
    suggest: async (block, _element, query) => (await act("suggest", { ...place, block: block.block_id, query })).options ?? [],
  };
}

/** The surface of a view, a modal or Home. `drafts` holds what was entered and not yet sent, across redraws. */
export function viewSurface(view, drafts = new Map()) {
  const inputs = new Set(view.blocks.filter(({ type }) => type === "input").map(({ block_id: id }) => id));
  const entries = () => [...drafts.values()].map(({ block, action, held }) => [block, action, held]);
  const send = (deed, block, element, value) =>
    act(deed, { view: view.id, block: block.block_id, action: element.action_id, value, entries: entries() });
  return {
    kind: view.type,
    errors: view.errors ?? {},
    entries,
    entry(block, element) {
      const draft = drafts.get(key(block, element));
      return draft ? entryOf(element, draft.held) : view.state?.values?.[block.block_id]?.[element.action_id];
    },
    press: (block, element, value) => send("press", block, element, value),
    change(block, element, held, how) {
      drafts.set(key(block, element), { block: block.block_id, action: element.action_id, held });
      if (how === "typed") return;
      if (!inputs.has(block.block_id)) void send("press", block, element, held);
      else if (block.dispatch_action) void send("fill", block, element, held);
    },
    suggest: async (block, _element, query) => (await act("suggest", { view: view.id, block: block.block_id, query })).options ?? [],
  };
}

function entryOf(element, held) {
  return { type: element.type, [fieldOf(element)]: held };
}
