// Drawing a part anew without losing the keyboard: `data-key` names a control across redraws.

export function redraw(holder, ...nodes) {
  const key = holder.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  holder.replaceChildren(...nodes.flat(Infinity).filter((node) => node !== null && node !== undefined && node !== false));
  if (key) focusKey(holder, key);
}

// The control of this name; one that can't be used any more hands over to its neighbour.
export function focusKey(holder, key) {
  const found = holder.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const usable = found?.disabled ? found.parentElement.querySelector("[data-key]:not(:disabled)") : found;
  usable?.focus();
  return Boolean(usable);
}
