// The question before a deed that its sender wants confirmed.

import { h, uid } from "./dom.js";
import { textObject } from "./mrkdwn.js";

/** Ask, and wait for yes or no. `dialog` is a confirmation object; without one the answer is yes. */
export function confirmed(dialog) {
  if (!dialog) return Promise.resolve(true);
  const [title, text] = [uid("confirm"), uid("confirm")];
  return new Promise((resolve) => {
    const box = h("dialog", { class: "confirm", "aria-labelledby": title, "aria-describedby": text, role: "alertdialog" },
      h("h2", { id: title }, textObject(dialog.title)),
      h("div", { id: text, class: "confirm-text" }, textObject(dialog.text)),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", on: { click: () => box.close() } }, textObject(dialog.deny)),
        h("button", { type: "button", class: `button ${dialog.style === "danger" ? "danger" : "primary"} filled`, on: { click: () => box.close("yes") } }, textObject(dialog.confirm))));
    box.addEventListener("close", () => {
      box.remove();
      resolve(box.returnValue === "yes");
    });
    document.body.append(box);
    box.showModal();
  });
}
