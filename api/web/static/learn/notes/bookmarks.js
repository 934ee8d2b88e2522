// To find again: this step, or a place in its video.
import { del, get, put, query } from "/static/lib/api.js";
import { announce, h, icon, toastError } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";

// A button that is pressed while the bookmark is there. `place` is {course_id, module_id?, at_s?}.
export function bookmarkButton(place, isSet, { set, unset }) {
  const text = h("span"), button = h("button", { type: "button", class: "btn btn-sm bookmark", onclick: toggle }, text);
  function draw() {
    button.setAttribute("aria-pressed", String(isSet));
    text.textContent = isSet ? unset : set;
    button.querySelector("svg")?.remove();
    button.prepend(icon(isSet ? "bookmark-filled" : "bookmark"));
  }
  async function toggle() {
    button.disabled = true;
    try {
      await (isSet ? del(query("/bookmarks", place)) : put("/bookmarks", place));
      isSet = !isSet;
      draw();
      announce(isSet ? _("Bookmarked.") : _("Bookmark taken away."));
    } catch (problem) { toastError(problem); }
    button.disabled = false;
    button.focus();
  }
  draw();
  return button;
}

export function bookmarks(player) {
  const holder = h("div", { class: "notes-bookmark" });
  const place = { course_id: player.course.course_id, module_id: player.module.id };
  get(query("/bookmarks", { course_id: place.course_id }), { stay: true, signal: player.stopped }).then(({ data }) => {
    const isSet = data.items.some((one) => one.module_id === place.module_id && one.at_s === null);
    holder.append(bookmarkButton(place, isSet, { set: _("Bookmark this step"), unset: _("Step is bookmarked") }));
  }).catch(() => {}); // without a connection there is no button that could do anything
  return holder;
}
