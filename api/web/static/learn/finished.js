// The course is finished: a moment of joy, with what came of it and what comes next.
import { get } from "/static/lib/api.js";
import { h, icon } from "/static/lib/dom.js";
import { gettext as _, percent } from "/static/lib/i18n.js";

export function finished(course) {
  const score = course.enrollment.score_percent;
  const next = h("p", { class: "quiet finished-next" });
  const ratings = h("div", { id: "ratings", "data-course": course.course_id });
  get("/me/home", { stay: true }).then(({ data }) => {
    const [first] = [...data.to_do.filter((one) => one.course_id !== course.course_id && one.state !== "waiting" && one.state !== "pending_approval"), ...data.recommended];
    if (first) next.append(_("Next for you:"), " ", h("a", { href: `/learn/${first.course_id}` }, first.title));
  }).catch(() => {}); // the way home is there anyway
  // Once it stands in the page, because it fills #ratings there.
  setTimeout(() => import("./ratings.js").catch(() => {}));
  return h("section", { class: "card finished", "aria-labelledby": "finished-title" },
    h("div", { class: "card-body" },
      h("span", { class: "finished-mark" }, icon("award")),
      h("h2", { id: "finished-title", tabindex: -1 }, _("You have finished the course")),
      h("p", {}, score === null ? _("Well done! Your certificate is ready.") : _("Well done! You scored {percent}, and your certificate is ready.", { percent: percent(score) })),
      h("p", { class: "actions" },
        h("a", { class: "btn btn-primary", href: `/certificate?course_id=${course.course_id}`, download: "" }, icon("download"), _("Download the certificate")),
        h("a", { class: "btn", href: "/my/certificates" }, _("My certificates")),
        h("a", { class: "btn", href: "/home" }, _("My learning"))),
      next, ratings));
}
