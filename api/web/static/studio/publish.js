// Publishing a course: what is missing, what it means for learners, now or later; and taking it back.
import { get, post, query } from "/static/lib/api.js";
import { changeList, choiceTexts, figures } from "./course/impact.js";
import { courseHref, placeOf } from "./course/places.js";
import { lifeCard } from "./course/life.js";
import { $, confirmDialog, field, h, icon, moment, plural, toastError } from "/static/lib/dom.js";

const course = $("#main").dataset.courseId;
const place = $("#publish");

async function load() {
  const [draft, preview, versions] = await Promise.all(["/course-draft", "/publish-preview", "/course-versions"].map(
    (path) => get(query(path, { course_id: course })).then(({ data }) => data)));
  const isLive = versions.items.some((one) => one.state === "published");
  $("#course-title").textContent = draft.title;
  document.title = `Publish ${draft.title} · Praxis studio`;
  place.replaceChildren(...(draft.state === "draft" ? form(draft, preview) : [stateCard(draft)]), lifeCard(draft, isLive, load));
  place.removeAttribute("aria-busy");
}

function stateCard(draft) {
  const said = {
    scheduled: [`Version ${draft.number} is scheduled`, `It is published on ${moment(draft.publish_at)} (${zone()}).`],
    published: [`Version ${draft.number} is published`, "It can't be changed any more. Begin a new draft to go on writing: learners see it once it is published."],
    unpublished: ["The course is out of the catalogue", "Nobody can begin it; who is enrolled goes on."],
    archived: ["The course is archived", "Nobody finds it in the catalogue. Restore it to go on."],
  }[draft.state];
  return h("section", { class: "card", "aria-labelledby": "state" }, h("div", { class: "card-body" }, h("h2", { id: "state" }, said[0]), h("p", { class: "mb-0" }, said[1]), draft.publish_at && draft.notes && h("p", { class: "quiet mb-0" }, draft.notes)));
}

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

function form(draft, preview) {
  const wish = { learners: "stay", is_material: preview.impact.is_material, notes: draft.notes, when: "now", at: "" };
  const isReady = preview.problems.length === 0;
  const parts = [draft.publish_failure && h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), `The publishing that was scheduled did not happen: ${draft.publish_failure}`), card("check", "Check", checks(draft, preview))];
  if (!preview.impact.is_first) parts.push(card("impact", "What it means for learners", impactPart(preview.impact, wish)));
  if (isReady) parts.push(card("go", `Publish version ${draft.number}`, goPart(draft, preview.impact, wish)));
  return parts.filter(Boolean);
}

function card(id, title, ...content) {
  return h("section", { class: "card", "aria-labelledby": id }, h("div", { class: "card-header" }, h("h2", { id }, title)), h("div", { class: "card-body" }, content));
}

function checks(draft, { problems, warnings }) {
  const list = (found, tone) => h("ul", { class: "checks" }, found.map(({ pointer, text }) => h("li", {},
    h("span", { class: `badge ${tone}` }, icon("alert-triangle"), tone === "tone-bad" ? "Missing" : "Consider"),
    h("a", { href: placeOf(pointer, draft) }, text))));
  const head = problems.length
    ? h("p", { class: "alert-box bad" }, icon("alert-triangle"), `${plural(problems.length, "thing")} to put right before this can be published:`)
    : h("p", { class: "alert-box" }, icon("circle-check"), "Everything that publishing needs is there.");
  return [head, problems.length > 0 && list(problems, "tone-bad"),
    warnings.length > 0 && [h("h3", { class: "mt-3" }, "Worth a look"), list(warnings, "tone-warn")]];
}

function impactPart(impact, wish) {
  const learners = h("fieldset", { class: "choice-cards", "aria-live": "polite" });
  const tell = () => {
    const texts = choiceTexts(impact, judged(impact, wish));
    learners.replaceChildren(h("legend", {}, "Who is learning, or has completed it"), ...Object.entries(texts).map(([value, [title, text]]) =>
      radio("learners", value, title, text, wish.learners === value, () => { wish.learners = value; })));
  };
  tell();
  const touches = impact.in_flight + impact.completed > 0;
  return [figures(impact), h("h3", {}, "What changed"), changeList(impact.changes), materialPart(impact, wish, tell), touches && learners];
}

// The author's word, where it is another than what the changes suggest.
const judged = (impact, wish) => (wish.is_material === impact.is_material ? null : wish.is_material);

function materialPart(impact, wish, tell) {
  const option = (value, title, text) => radio("material", String(value), title, impact.is_material === value ? `${text} This is what the changes suggest.` : text,
    wish.is_material === value, () => { wish.is_material = value; tell(); });
  return h("fieldset", { class: "choice-cards" }, h("legend", {}, "How much it matters"),
    option(false, "A small change", "Wording, order, a better picture: who knows the old version knows enough."),
    option(true, "A material change", "Rules or facts are different: who knows the old version doesn't know enough."));
}

function radio(name, value, title, text, isChosen, choose) {
  return h("label", { class: "choice-card" },
    h("input", { type: "radio", class: "form-check-input", name, value, checked: isChosen, onchange: choose }),
    h("span", {}, h("strong", {}, title), h("span", { class: "quiet" }, text)));
}

function goPart(draft, impact, wish) {
  const notes = h("textarea", { class: "form-control", rows: 3, maxlength: 2000, value: wish.notes, oninput: (event) => { wish.notes = event.target.value; } });
  const at = h("input", { type: "datetime-local", class: "form-control", min: local(new Date()), oninput: (event) => { wish.at = event.target.value; } });
  const atField = field(`Date and time (${zone()})`, at);
  atField.hidden = true;
  const button = h("button", { type: "button", class: "btn btn-primary" }, icon("send"), "Publish now");
  const choose = (when) => {
    wish.when = when;
    atField.hidden = when === "now";
    button.lastChild.textContent = when === "now" ? "Publish now" : "Schedule";
  };
  button.addEventListener("click", () => publish(draft, impact, wish, at));
  return [
    field("What is new", notes, { hint: "Learners and co-authors read it.", optional: true }),
    h("fieldset", { class: "choice-cards" }, h("legend", {}, "When"),
      radio("when", "now", "Now", "At once, for everybody who starts the course.", true, () => choose("now")),
      radio("when", "later", "Later", "On a day and at a time that you name. Until then you can call it off.", false, () => choose("later"))),
    atField, h("div", { class: "actions" }, button),
  ];
}

const local = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);

async function publish(draft, impact, wish, at) {
  const isLater = wish.when === "later";
  if (isLater && !(new Date(wish.at) > new Date())) {
    at.setCustomValidity("Choose a moment in the future.");
    at.reportValidity();
    at.addEventListener("input", () => at.setCustomValidity(""), { once: true });
    return;
  }
  const when = isLater ? `on ${moment(wish.at)}` : "now";
  const who = impact.is_first ? "It will be in the catalogue." : `${choiceTexts(impact, judged(impact, wish))[wish.learners].join(". ")}`;
  if (!(await confirmDialog(`Publish version ${draft.number} ${when}?`, `${who} A published version can't be changed, only followed by another.`, isLater ? "Schedule it" : "Publish it", "btn-primary"))) return;
  try {
    const { data } = await post("/publish-course", {
      course_id: draft.course_id, learners: wish.learners, is_material: judged(impact, wish), notes: wish.notes,
      ...(isLater ? { publish_at: new Date(wish.at).toISOString() } : {}),
    });
    if (isLater) await load();
    else done(draft, data);
    $("#main").focus();
  } catch (problem) {
    toastError(problem);
  }
}

function done(draft, version) {
  place.replaceChildren(h("section", { class: "card empty", "aria-labelledby": "done" },
    icon("circle-check"), h("h2", { id: "done" }, `Version ${version.number} is published`),
    h("p", {}, `${draft.title} is in the catalogue: who starts it from now on gets this version.`),
    h("p", { class: "actions justify-content-center" },
      h("a", { class: "btn btn-primary", href: courseHref(draft.course_id, "preview") }, icon("eye"), "See it as a learner"),
      h("a", { class: "btn", href: courseHref(draft.course_id, "versions") }, icon("history"), "Versions"),
      h("a", { class: "btn", href: "/studio" }, "Your courses"))));
}

load().catch((problem) => place.replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), problem.message)));
