// The list of one's courses: found, created, archived and brought back.
import { all, post } from "/static/lib/api.js";
import { LEVELS } from "/static/studio/details.js";
import { languages } from "/static/studio/languages.js";
import { $, announce, confirmDialog, day, debounce, dialog, field, h, icon, options, plural, toast, toastError, uuid } from "/static/lib/dom.js";

const STATES = { draft: ["Draft", ""], scheduled: ["Scheduled", "tone-now"], published: ["Published", "tone-ok"], unpublished: ["Unpublished", "tone-warn"], archived: ["Archived", "tone-warn"] };
const place = $("#courses"), search = $("#search"), state = $("#state");
let courses = [];

function card(course) {
  const [words, tone] = STATES[course.state] || [course.state, ""], href = `/studio/courses/${course.id}`;
  return h("li", { class: "card course-card" },
    h("div", { class: "course-cover", "data-tone": String([...course.title].reduce((sum, one) => sum + one.codePointAt(0), 0) % 5) },
      course.cover?.url ? h("img", { src: course.cover.url, alt: course.cover.alt || "", loading: "lazy" }) : h("span", { "aria-hidden": "true" }, course.title.trim().charAt(0).toUpperCase())),
    h("div", { class: "course-words" },
      h("div", { class: "facts" }, h("span", { class: `badge ${tone}` }, words), course.has_draft && course.state === "published" ? h("span", { class: "badge tone-now" }, "New version in work") : null, course.is_owner === false ? h("span", { class: "badge" }, "Co-author") : null),
      h("h2", {}, h("a", { href, class: "stretched" }, course.title)),
      h("p", { class: "quiet" }, [course.category, plural(course.learner_count, "learner"), `saved ${day(course.updated_at)}`].filter(Boolean).join(" · "))),
    h("div", { class: "course-foot" },
      course.state === "archived"
        ? h("button", { type: "button", class: "btn btn-sm", onclick: () => restore(course), "aria-label": `Bring ${course.title} back` }, icon("restore"), "Bring back")
        : h("button", { type: "button", class: "btn btn-sm", onclick: () => archive(course), "aria-label": `Archive ${course.title}` }, icon("archive"), "Archive"),
      h("a", { class: "btn btn-sm", href: `${href}/versions`, "aria-label": `Versions of ${course.title}` }, icon("history"), "Versions")));
}

function draw() {
  const told = search.value.trim().toLowerCase(), wanted = state.value;
  const found = courses.filter((one) => (wanted ? one.state === wanted : one.state !== "archived") && `${one.title} ${one.category || ""}`.toLowerCase().includes(told));
  $("#filters").hidden = !courses.length;
  place.setAttribute("aria-busy", "false");
  if (!courses.length) {
    place.replaceChildren(h("div", { class: "card empty" }, icon("books"), h("h2", {}, "No course yet"),
      h("p", {}, "A course has texts, videos, documents and quizzes, in sections. Nobody but its authors sees it until it is published."),
      h("button", { type: "button", class: "btn btn-primary", onclick: create }, icon("plus"), "Create your first course")));
    return;
  }
  place.replaceChildren(found.length ? h("ul", { class: "course-grid" }, found.map(card))
    : h("div", { class: "card empty" }, icon("search"), h("h2", {}, "Nothing matches"), h("p", {}, "No course of yours has these words in this state."), h("button", { type: "button", class: "btn", onclick: () => { search.value = ""; state.value = ""; draw(); search.focus(); } }, "Show all")));
  $("#count").textContent = `${plural(found.length, "course")} shown`;
}

async function load() {
  courses = await all("/authored-courses");
  draw();
}

async function archive(course) {
  if (course.learner_count && !(await confirmDialog(`Archive ${course.title}?`, `${plural(course.learner_count, "person has", "people have")} enrolled. An archived course is out of the catalogue; their records stay.`, "Archive", "btn-primary"))) return;
  try {
    await post("/archive-course", { course_id: course.id });
    await load();
    toast(`${course.title} is archived.`, { action: { label: "Undo", run: () => restore(course) } });
    search.focus();
  } catch (error) { toastError(error); }
}

async function restore(course) {
  try { await post("/restore-course", { course_id: course.id }); await load(); toast(`${course.title} is back.`); } catch (error) { toastError(error); }
}

// The dialog stays open, with what was typed, until the course is there.
async function create() {
  const id = uuid(), wrong = h("div", { class: "alert-box bad", role: "alert", hidden: true });
  const title = h("input", { class: "form-control", required: true, maxlength: 200, autocomplete: "off" });
  const category = h("input", { class: "form-control", required: true, maxlength: 200, autocomplete: "off", list: "categories" });
  const level = h("select", { class: "form-select" }, options(LEVELS, "beginner")), language = h("select", { class: "form-select" }, languages("en"));
  const content = h("div", {}, wrong, field("Title", title), field("Category", category, { hint: "Where people find it in the catalogue, such as Safety." }), h("div", { class: "cols" }, field("Difficulty", level), field("Language", language)));
  const known = [...new Set(courses.map((one) => one.category).filter(Boolean))];
  content.append(h("datalist", { id: "categories" }, known.map((one) => h("option", { value: one }))));
  const send = async () => {
    try {
      await post("/create-course", { id, title: title.value, category: category.value, difficulty: level.value, language: language.value });
      return true;
    } catch (error) {
      wrong.hidden = false;
      wrong.replaceChildren(icon("alert-triangle"), error.message);
      return false;
    }
  };
  const answer = await dialog("New course", content, [{ value: "", label: "Cancel" }, { value: "yes", label: "Create", kind: "btn-primary" }], { before: send });
  if (answer === "yes") { announce("Created."); location.assign(`/studio/courses/${id}`); }
}

$("#create").addEventListener("click", create);
search.addEventListener("input", debounce(draw, 150));
state.addEventListener("change", draw);
load().catch((error) => place.replaceChildren(h("div", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), error.message), h("button", { type: "button", class: "btn", onclick: () => location.reload() }, "Try again")));
