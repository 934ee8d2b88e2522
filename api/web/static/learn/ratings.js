// What learners think of a course: mean, spread, newest comments, and one's own stars. <div id="ratings" data-course="…">
import { get, put, query } from "/static/lib/api.js";
import { announce, h, icon } from "/static/lib/dom.js";
import { day, gettext as _, ngettext, number } from "/static/lib/i18n.js";
import { bar } from "./outline.js";

const root = document.getElementById("ratings");
const ALL = [1, 2, 3, 4, 5];

const stars = (count) => h("span", { class: "starred", role: "img", "aria-label": ngettext("{n} star", "{n} stars", count) },
  ALL.map((one) => icon(one <= count ? "star-filled" : "star")));

function summary(told) {
  if (!told.count) return h("p", { class: "quiet" }, _("Nobody has rated this course yet."));
  const rows = ALL.toReversed().map((one) => {
    const count = told.by_stars[one - 1], share = Math.round((100 * count) / told.count);
    return [h("dt", {}, ngettext("{n} star", "{n} stars", one)), h("dd", {}, bar(share, ngettext("{n} rating", "{n} ratings", count))), h("dd", { class: "quiet small", "aria-hidden": "true" }, number(count))];
  });
  return h("div", {},
    h("p", { class: "ratings-mean" }, h("strong", {}, number(Math.round(told.average * 10) / 10)), stars(Math.round(told.average)), h("span", { class: "quiet" }, ngettext("{n} rating", "{n} ratings", told.count))),
    h("dl", { class: "ratings-bars" }, rows.flat()));
}

const written = (told) => told.comments.length ? h("ul", { class: "notes-list" }, told.comments.map((one) =>
  h("li", {}, h("div", { class: "said-head" }, stars(one.stars), h("span", { class: "quiet small" }, day(`${one.written_on}T12:00:00Z`))), h("p", { class: "notes-text" }, one.comment)))) : null;

function own(mine) {
  let chosen = mine?.stars ?? 0;
  const state = h("p", { class: "form-hint", role: "status" }, mine ? _("You have rated this course. You can change it at any time.") : _("Others see your comment without your name."));
  const labels = ALL.map((one) => h("label", { title: ngettext("{n} star", "{n} stars", one) },
    h("input", { type: "radio", name: "stars", value: one, required: true, checked: one === chosen, "aria-label": ngettext("{n} star", "{n} stars", one), onchange: () => { chosen = one; paint(); } }), icon("star")));
  const paint = () => labels.forEach((label, n) => label.lastElementChild.replaceWith(icon(n < chosen ? "star-filled" : "star")));
  const comment = h("textarea", { id: "rating-comment", class: "form-control notes-field", rows: 3, maxlength: 2000, value: mine?.comment ?? "" });
  const button = h("button", { type: "submit", class: "btn btn-primary" }, mine ? _("Change my rating") : _("Rate this course"));
  paint();
  return h("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      button.disabled = true;
      try {
        await put("/course-ratings", { course_id: root.dataset.course, stars: chosen, comment: comment.value });
        await draw();
        announce(_("Your rating is saved."));
        root.querySelector("form button")?.focus();
      } catch (problem) {
        state.textContent = problem.status === 409 ? _("Enrol in the course first; then you can rate it.") : problem.message;
        button.disabled = false;
      }
    },
  },
  h("fieldset", { class: "stars-field" }, h("legend", {}, _("Your rating")), h("div", { class: "stars-set" }, labels)),
  h("label", { class: "form-label", for: "rating-comment" }, _("Comment"), h("span", { class: "optional" }, ` ${_("optional")}`)), comment,
  state, h("p", { class: "actions" }, button));
}

// Who isn't enrolled rates nothing: the page says so by leaving the form out (data-enrolled="false").
async function draw() {
  try {
    const { data } = await get(query("/course-ratings", { course_id: root.dataset.course }), { stay: true });
    const form = root.dataset.enrolled === "false" ? null : own(data.mine);
    root.replaceChildren(h("div", { class: "ratings" }, summary(data), h("div", {}, form, written(data))));
  } catch (problem) {
    root.replaceChildren(h("p", { class: "quiet", role: "status" }, _("The ratings can't be shown now: {reason}", { reason: problem.message })));
  }
}
if (root) draw();
