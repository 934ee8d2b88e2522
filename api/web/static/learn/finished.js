// The course is finished: a moment of joy, with what came of it.
import { h, icon } from "/static/lib/dom.js";
import { gettext as _, percent } from "/static/lib/i18n.js";

export function finished(course) {
  const score = course.enrollment.score_percent;
  import("./ratings.js").catch(() => {}); // fills #ratings, where it is there
  return h("section", { class: "card finished", "aria-labelledby": "finished-title" },
    h("div", { class: "card-body" },
      h("span", { class: "finished-mark" }, icon("award")),
      h("h2", { id: "finished-title", tabindex: -1 }, _("You have finished the course")),
      h("p", {}, score === null ? _("Well done! Your certificate is ready.") : _("Well done! You scored {percent}, and your certificate is ready.", { percent: percent(score) })),
      h("p", { class: "actions" },
        h("a", { class: "btn btn-primary", href: `/certificate?course_id=${course.course_id}`, download: "" }, icon("download"), _("Download the certificate")),
        h("a", { class: "btn", href: "/my/certificates" }, _("My certificates")),
        h("a", { class: "btn", href: "/home" }, _("What comes next"))),
      h("div", { id: "ratings", "data-course": course.course_id })));
}
