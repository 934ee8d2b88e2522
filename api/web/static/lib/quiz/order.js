// Reordering by buttons (keyboard, screen reader) and by dragging a handle: both end in the same `move(from, to)`.
import Sortable from "/static/vendor/sortablejs/sortable.esm.js";
import { announce, h, icon, iconButton } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";

export function moved(list, from, to) {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

export function moveButtons(what, at, count, key, move) {
  const go = (to) => () => {
    move(at, to);
    announce(_("{what} is now number {n} of {all}.", { what, n: to + 1, all: count }));
  };
  const props = (name, disabled) => ({ class: "btn btn-icon btn-sm", disabled, dataset: { key: `${key}-${name}` } });
  return h("span", { class: "move" },
    iconButton("arrow-up", _("Move {what} up", { what }), go(at - 1), props("up", at === 0)),
    iconButton("arrow-down", _("Move {what} down", { what }), go(at + 1), props("down", at === count - 1)));
}

export const handle = () => h("span", { class: "drag-handle", "aria-hidden": "true" }, icon("grip-vertical"));

export function dragging(list, move) {
  Sortable.create(list, {
    handle: ".drag-handle",
    animation: 120,
    onEnd: ({ oldIndex, newIndex }) => oldIndex !== newIndex && move(oldIndex, newIndex),
  });
  return list;
}
