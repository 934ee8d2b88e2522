// The bookmark of a course on its page: <span id="bookmark" data-course="…">.
import { get, query } from "/static/lib/api.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { bookmarkButton } from "./notes/bookmarks.js";

const place = document.getElementById("bookmark");
if (place) {
  const course_id = place.dataset.course;
  const { data } = await get(query("/bookmarks", { course_id }));
  const isSet = data.items.some((one) => one.module_id === null);
  place.replaceChildren(bookmarkButton({ course_id }, isSet, { set: _("Bookmark this course"), unset: _("Course is bookmarked") }));
}
