// Keeps the keyboard where it was when a part of the page is drawn anew.

const MARKS = ["ts", "place", "action"];
const CAN_HOLD = "a[href], button, input, select, textarea, [tabindex]";
let opener = null; // what a modal was opened from: it gets the keyboard back, whatever was redrawn meanwhile

/** Before a modal opens: what has the keyboard now. Gives a function that hands it back once the modal is closed. */
export function keepOpener() {
  opener = document.activeElement;
  return () => {
    if (!opener?.isConnected || document.activeElement === opener) return void (opener = null);
    opener.focus({ preventScroll: true });
    opener = null;
  };
}


/**
 * Before a redraw of `root`: a function that, after it, gives the keyboard to what took the old place.
 *
 * Where what had it is gone (a row of Home was dealt with), the next thing in the old order that is still there
 * gets it, else the one before, else `root` itself.
 */
export function holdFocus(root) {
  const active = opener && root.contains(opener) ? opener : document.activeElement;
  if (!active || active === root || !root.contains(active)) return () => {};
  const selector = selectorOf(active);
  const at = selector ? [...root.querySelectorAll(selector)].findIndex((found) => found === active || found.contains(active)) : -1;
  const row = active.closest("[data-ts]")?.dataset.ts;
  const place = active.closest("[data-place]");
  const names = namesIn(root);
  const held = names.find(({ element }) => element === active);
  return () => {
    if (active.isConnected) return;
    const again = (row || place) && root.querySelectorAll(selector)[Math.max(0, at)];
    const found = row || place
      ? focusable(again ?? (row && root.querySelector(`[data-ts="${row}"]`)))
      : stillThere(namesIn(root), names, held) ?? root;
    if (active === opener) opener = found;
    else found?.focus({ preventScroll: true });
  };
}

/** The element of `now` that is the held one again, or the nearest of what stood around it: first those after it. */
function stillThere(now, before, held) {
  const at = before.indexOf(held);
  const around = [...before.slice(at), ...before.slice(0, Math.max(0, at)).reverse()];
  for (const wanted of around) {
    const found = now.find(({ name, count }) => name === wanted.name && count === wanted.count);
    if (found) return found.element;
  }
  return undefined;
}

/** What can hold the keyboard, each by what a reader calls it, and which of that name it is. */
function namesIn(root) {
  const counts = new Map();
  return [...root.querySelectorAll(CAN_HOLD)].map((element) => {
    const action = element.closest("[data-action]")?.dataset.action ?? element.closest("[data-place]")?.dataset.place ?? "";
    const name = `${action} ${element.getAttribute("aria-label") ?? element.textContent}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return { element, name, count: counts.get(name) };
  });
}

/** The marks of the nearest marked elements around, outermost first. */
function selectorOf(element) {
  const found = MARKS.map((mark) => element.closest(`[data-${mark}]`)?.dataset[mark]);
  return found.map((value, index) => value && `[data-${MARKS[index]}="${CSS.escape(value)}"]`).filter(Boolean).join(" ");
}

function focusable(element) {
  return element && (element.matches(CAN_HOLD) ? element : element.querySelector(CAN_HOLD));
}
