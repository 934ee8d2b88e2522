// All versions of a course, the newest first: what each is, what it changed; two of them compared, one taken up again.
import { get, post, query } from "/static/lib/api.js";
import { changeBadge } from "./course/impact.js";
import { courseHref } from "./course/places.js";
import { $, confirmDialog, field, h, icon, moment, options, plural, toastError } from "/static/lib/dom.js";

const course = $("#main").dataset.courseId;
const place = $("#versions");
const STATES = { draft: ["Draft", "tone-now"], scheduled: ["Scheduled", "tone-now"], published: ["Published", "tone-ok"], superseded: ["Followed by another", ""], unpublished: ["Unpublished", "tone-warn"], archived: ["Archived", "tone-warn"] };

async function load() {
  const { data: { items } } = await get(query("/course-versions", { course_id: course }));
  $("#course-title").textContent = items[0].title;
  document.title = `Versions of ${items[0].title} · Praxis studio`;
  place.removeAttribute("aria-busy");
  place.replaceChildren(...(items.length > 1 ? [compareCard(items)] : []),
    h("section", { class: "card", "aria-labelledby": "all" }, h("div", { class: "card-header" }, h("h2", { id: "all" }, plural(items.length, "version"))), h("ol", { class: "version-list" }, items.map((one, at) => row(one, items[at + 1], items[0])))));
}

function compareCard(items) {
  const choose = (name, at) => h("select", { class: "form-select", name }, options(items.map((one) => [one.version_id, `Version ${one.number} (${STATES[one.state][0].toLowerCase()})`]), items[at].version_id));
  return h("form", { class: "card", action: courseHref(course, "diff") }, h("div", { class: "card-body compare" },
    field("Compare", choose("from", 1)), field("with", choose("to", 0)), h("button", { type: "submit", class: "btn" }, icon("history"), "Show what changed")));
}

function row(version, before, newest) {
  const [word, tone] = STATES[version.state];
  const facts = [whenOf(version), version.published_by && `by ${version.published_by}`, version.learner_count != null && `${plural(version.learner_count, "learner")} on it`,
    version.moved && `${plural(version.moved, "learner")} moved to it`, version.must_retake && `${plural(version.must_retake, "person", "people")} to take it again`].filter(Boolean);
  return h("li", { class: "version" },
    h("div", {},
      h("h3", {}, `Version ${version.number}`, h("span", { class: `badge ${tone}` }, word), version.is_material && h("span", { class: "badge tone-warn" }, "material change")),
      facts.length > 0 && h("p", { class: "quiet" }, facts.join(" · ")),
      version.notes && h("p", {}, version.notes),
      version.changes.length > 0 && changesOf(version)),
    h("div", { class: "actions" },
      before && h("a", { class: "btn btn-sm", href: query(courseHref(course, "diff"), { from: before.version_id, to: version.version_id }) }, "Changes", h("span", { class: "visually-hidden" }, ` of version ${version.number}`)),
      h("a", { class: "btn btn-sm", href: query(courseHref(course, "preview"), { version_id: version.version_id }) }, "Preview", h("span", { class: "visually-hidden" }, ` of version ${version.number}`)),
      version.published_at && version !== newest && h("button", { type: "button", class: "btn btn-sm", onclick: () => restore(version, newest) }, icon("restore"), "Restore as draft", h("span", { class: "visually-hidden" }, `: version ${version.number}`))));
}

function whenOf({ state, published_at: published, publish_at: planned }) {
  if (state === "scheduled") return `to be published on ${moment(planned)}`;
  return published ? `published on ${moment(published)}` : "being written";
}

function changesOf({ changes, number }) {
  return h("details", {}, h("summary", {}, plural(changes.length, "change"), h("span", { class: "visually-hidden" }, ` of version ${number}`)),
    h("ul", { class: "changes" }, changes.map(({ kind, what, title }) => h("li", {}, changeBadge(kind), h("span", { class: "change-what" }, what), h("strong", { class: "change-title" }, title)))));
}

async function restore(version, newest) {
  const text = newest.published_at ? `A new draft begins with the content of version ${version.number}. Learners see nothing of it until you publish it.`
    : `The draft, version ${newest.number}, is replaced by the content of version ${version.number}. What is in the draft now is lost.`;
  if (!(await confirmDialog(`Restore version ${version.number} as draft?`, text, "Restore it", newest.published_at ? "btn-primary" : "btn-danger"))) return;
  try {
    await post("/restore-course", { course_id: course, version_id: version.version_id });
    location.assign(courseHref(course));
  } catch (problem) { toastError(problem); }
}

load().catch((problem) => place.replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), problem.message)));
