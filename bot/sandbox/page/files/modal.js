// The modal on top of a person's stack: drawn in place when the bot changes it, closed when the bot says so.

import { act } from "./api.js";
import { drawBlock } from "./blocks.js";
import { h, show } from "./dom.js";
import { keepOpener } from "./focus.js";
import { iconButton } from "./icons.js";
import { textObject } from "./mrkdwn.js";
import { state, watch } from "./store.js";
import { viewSurface } from "./surfaces.js";

const FOCUSABLE = "input, select, textarea, [role=radiogroup], [role=group]";

/** Keep the dialog in step with the modals that the workspace shows this person. */
export function mountModals() {
  const modals = new Modals();
  watch("modals", () => modals.render());
  watch("everything", () => modals.render());
}

class Modals {
  constructor() {
    this.title = h("h2", { id: "modal-title" });
    this.body = h("div", { class: "modal-body" });
    this.trouble = h("p", { class: "fault modal-trouble", role: "alert", hidden: true });
    this.cancel = h("button", { type: "button", class: "button", on: { click: () => void this.close(false) } });
    this.submit = h("button", { type: "submit", class: "button primary filled" });
    this.form = h("form", { novalidate: true, on: { submit: (event) => void this.send(event) } },
      h("header", { class: "modal-head" }, this.title, iconButton("close", "Close", () => void this.close(true))),
      this.body,
      h("footer", { class: "dialog-buttons" }, this.trouble, this.cancel, this.submit));
    this.dialog = h("dialog", { id: "modal", class: "modal", "aria-labelledby": "modal-title" }, this.form);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (event.target === this.dialog) void this.close(false);
    });
    document.body.append(this.dialog);
    this.view = null;
    this.drafts = new Map();
    this.nodes = new Map();
  }

  render() {
    const view = state.modals.at(-1);
    if (!view) return this.hide();
    const another = view.id !== this.view?.id;
    const faulty = Object.keys(view.errors ?? {}).length > 0 && view.errors !== this.view?.errors;
    const answered = !this.submit.hidden && !view.submit; // the button that had the keyboard goes
    if (another) {
      this.drafts = this.draftsOf(view);
      this.nodes = new Map();
    }
    this.view = view;
    show(this.title, textObject(view.title));
    show(this.cancel, view.close ? textObject(view.close) : state.modals.length > 1 ? "Back" : view.submit ? "Cancel" : "Close");
    show(this.submit, view.submit ? textObject(view.submit) : "");
    this.submit.hidden = !view.submit;
    this.submit.disabled = Boolean(view.submit_disabled);
    this.trouble.hidden = !view.errors?.[""];
    this.trouble.textContent = view.errors?.[""] ?? "";
    this.draw(view);
    if (!this.dialog.open) {
      this.giveBack = keepOpener();
      this.dialog.showModal();
    }
    if (another) this.focusFirst();
    else if (faulty) this.body.querySelector("[aria-invalid=true]")?.focus();
    else if (answered) this.focusFirst();
    return undefined;
  }

  /** What was typed into a modal is kept while others lie on top of it. */
  draftsOf(view) {
    this.kept ??= new Map();
    const open = new Set(state.modals.map(({ id }) => id));
    for (const id of this.kept.keys()) if (!open.has(id)) this.kept.delete(id);
    if (!this.kept.has(view.id)) this.kept.set(view.id, new Map());
    return this.kept.get(view.id);
  }

  /** Draw the blocks; those that did not change stay as they are, with their caret and their focus. */
  draw(view) {
    this.surface = viewSurface(view, this.drafts);
    const active = document.activeElement?.closest?.("[data-action]")?.dataset.action;
    const nodes = new Map();
    for (const block of view.blocks) {
      const mark = JSON.stringify([block, view.errors?.[block.block_id]]);
      const known = this.nodes.get(block.block_id);
      nodes.set(block.block_id, known?.mark === mark ? known : { mark, node: drawBlock(block, liveSurface(this)) });
    }
    this.nodes = nodes;
    const wanted = [...nodes.values()].map(({ node }) => node);
    for (const child of [...this.body.children]) if (!wanted.includes(child)) child.remove();
    wanted.forEach((node, index) => this.body.children[index] !== node && this.body.insertBefore(node, this.body.children[index] ?? null));
    if (active && !this.dialog.contains(document.activeElement)) {
      const again = this.body.querySelector(`[data-action="${CSS.escape(active)}"]`);
      const taking = again?.matches(FOCUSABLE) ? again : again?.querySelector(FOCUSABLE);
      if (taking) taking.focus();
      else this.focusFirst();
    }
  }

  focusFirst() {
    const wanted = this.view.blocks.flatMap((block) => [block.element, block.accessory, ...(block.elements ?? [])]).find((element) => element?.focus_on_load);
    const root = wanted ? this.body.querySelector(`[data-action="${CSS.escape(wanted.action_id)}"]`) : this.body;
    const first = root?.matches(FOCUSABLE) ? root : root?.querySelector(FOCUSABLE);
    (first ?? (this.submit.hidden ? this.cancel : this.submit)).focus();
  }

  async send(event) {
    event.preventDefault();
    if (this.submit.getAttribute("aria-busy") === "true" || !this.view.submit) return;
    this.submit.setAttribute("aria-busy", "true");
    await act("submit", { view: this.view.id, entries: this.surface.entries() });
    this.submit.removeAttribute("aria-busy");
  }

  async close(all) {
    if (this.view) await act("close", { view: this.view.id, clear: all && state.modals.length > 1 });
  }

  hide() {
    this.view = null;
    this.nodes = new Map();
    this.body.replaceChildren();
    if (!this.dialog.open) return;
    this.dialog.close();
    this.giveBack();
  }
}

/** A surface that is always that of the view as it is now, for blocks that outlive a redraw. */
function liveSurface(modals) {
  return {
    kind: "modal",
    get errors() {
      return modals.surface.errors;
    },
    entry: (...args) => modals.surface.entry(...args),
    press: (...args) => modals.surface.press(...args),
    change: (...args) => modals.surface.change(...args),
    suggest: (...args) => modals.surface.suggest(...args),
  };
}
