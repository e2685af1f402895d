// Keeps the keyboard where it was when a part of the page is drawn anew.

const MARKS = ["ts", "place", "action"];

/** Before a redraw of `root`: a function that, after it, gives the keyboard to what took the old place. */
export function holdFocus(root) {
  const { activeElement: active } = document;
  if (!active || active === root || !root.contains(active)) return () => {};
  const selector = selectorOf(active);
  const at = selector ? [...root.querySelectorAll(selector)].findIndex((found) => found === active || found.contains(active)) : -1;
  const row = active.closest("[data-ts]")?.dataset.ts;
  return () => {
    if (active.isConnected) return;
    const again = selector && root.querySelectorAll(selector)[Math.max(0, at)];
    focusable(again ?? (row && root.querySelector(`[data-ts="${row}"]`)))?.focus({ preventScroll: true });
  };
}

/** The marks of the nearest marked elements around, outermost first. */
function selectorOf(element) {
  const found = MARKS.map((mark) => element.closest(`[data-${mark}]`)?.dataset[mark]);
  return found.map((value, index) => value && `[data-${MARKS[index]}="${CSS.escape(value)}"]`).filter(Boolean).join(" ");
}

const CAN_HOLD = "a[href], button, input, select, textarea, [tabindex]";

function focusable(element) {
  return element && (element.matches(CAN_HOLD) ? element : element.querySelector(CAN_HOLD));
}
