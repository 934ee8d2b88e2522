// The quiz editor: questions, draws from banks and settings of one module; saved by itself with the rest of the draft.
import { all, get, post, query } from "/static/lib/api.js";
import { settleConflict } from "./conflict.js";
import { problemsOfModule } from "./course/places.js";
import { saveState } from "./course/saved.js";
import { $, announce, h, icon, plural, toast, toastError } from "/static/lib/dom.js";
import { drawList } from "./items/draws.js";
import { forEditing, forSaving, KINDS, newItem } from "./items/kinds.js";
import { itemList } from "./items/list.js";
import { pickFromBank } from "./items/pick.js";
import { settingsForm } from "./items/settings.js";
import { tryOut } from "./items/tryout.js";
import { Store } from "./store.js";

const course = $("#main").dataset.courseId;
const wanted = $("#page").dataset.moduleId;
const place = $("#quiz");
const DEFAULTS = { attempts: null, time_limit_s: null, shuffle: false, partial_credit: false, show_feedback: "after_attempt", pass_percent: null, draws: [] };

const store = new Store(course);
const quiz = { items: [], problems: {} };
const whole = h("div", {});
let banks = [];
let list;

const moduleAt = () => store.doc.modules.findIndex((module) => module.id === wanted);
const module = () => store.doc.modules[moduleAt()];

async function load() {
  [banks] = await Promise.all([all("/question-banks"), store.load()]);
  $("#course-title").textContent = store.doc.title;
  if (moduleAt() < 0 || module().kind !== "quiz") return gone();
  $("#title").textContent = module().title;
  document.title = `${module().title} · Praxis studio`;
  if (!store.isEditable) return published();
  $("#actions").replaceChildren(...tools());
  draw();
  store.addEventListener("replaced", draw);
  store.addEventListener("conflict", (event) => settleConflict(store, event.detail));
  store.addEventListener("state", () => store.state.name === "saved" && check());
  check();
  showWanted();
}

function tools() {
  const step = (name, label, run, can) => {
    const button = h("button", { type: "button", class: "btn btn-icon", "aria-label": label, title: label, disabled: true, onclick: () => { const what = run(); if (what) announce(`${label}: ${what}.`); } }, icon(name));
    for (const event of ["change", "replaced"]) store.addEventListener(event, () => { button.disabled = !can(); });
    return button;
  };
  return [
    saveState(store),
    step("arrow-back-up", "Undo", () => store.undo(), () => store.canUndo),
    step("arrow-forward-up", "Redo", () => store.redo(), () => store.canRedo),
    h("button", { type: "button", class: "btn", onclick: () => tryOut(store, module(), banks).catch(toastError) }, icon("player-play"), "Try it out"),
    h("a", { class: "btn", href: `/studio/courses/${course}` }, "Edit the course"),
  ];
}

function draw() {
  if (moduleAt() < 0) return gone();
  quiz.items = module().questions.map(forEditing);
  const settings = { ...DEFAULTS, ...structuredClone(module().settings) };
  const keep = (what, mark) => store.change(what, () => { module().settings = structuredClone(settings); }, mark);
  const isOpen = [...document.querySelectorAll(".item.is-open")].map((node) => node.id.replace("question-", ""));
  list = itemList(quiz, {
    open: isOpen,
    changed: (what, mark) => store.change(what, () => { module().questions = quiz.items.map(forSaving); }, mark),
    undo: (text) => toast(text, { action: { label: "Undo", run: () => store.undo() } }),
  });
  place.removeAttribute("aria-busy");
  place.className = "quiz-page";
  place.replaceChildren(
    h("div", { class: "quiz-main" }, whole, list.node, adding(),
      panel("draws", "Drawn by chance", h("p", { class: "quiet" }, "Other questions for each attempt, from a bank."), drawList(settings, banks, () => keep("the draws", "draws")))),
    h("div", { class: "quiz-side" }, panel("settings", "How it is taken", settingsForm(settings, store.doc.pass_percent, () => keep("the settings", "settings")))));
}

function panel(id, title, ...content) {
  return h("section", { class: "card", "aria-labelledby": id }, h("div", { class: "card-header" }, h("h2", { id }, title)), h("div", { class: "card-body" }, content));
}

function adding() {
  const kinds = Object.entries(KINDS).map(([kind, { label }]) => h("button", { type: "button", class: "btn btn-sm", onclick: () => list.add(newItem(kind)) }, icon("plus"), label));
  const fromBank = async () => { for (const item of await pickFromBank(banks)) list.add(item); };
  return h("section", { class: "card", "aria-labelledby": "add" }, h("div", { class: "card-body add-row" }, h("h2", { id: "add" }, "Add a question"), kinds,
    h("button", { type: "button", class: "btn btn-sm", onclick: () => fromBank().catch(toastError) }, icon("database"), "From a bank")));
}

// What is missing before it can be published, asked again after each save.
async function check() {
  const { data } = await get(query("/publish-preview", { course_id: course }), { stay: true }).catch(() => ({ data: { problems: [] } }));
  const found = problemsOfModule(data.problems, moduleAt());
  list.tell(found.items);
  const count = found.whole.length + Object.values(found.items).flat().length;
  whole.replaceChildren(...(count ? [h("div", { class: "alert-box warn" }, icon("alert-triangle"),
    h("div", {}, h("strong", {}, `${plural(count, "thing")} to put right before publishing. `), found.whole.join(" ")))] : []));
}

function showWanted() {
  const id = location.hash.replace("#question-", "");
  if (id) list.show(id);
}

function message(title, text, ...ways) {
  place.removeAttribute("aria-busy");
  place.className = "";
  place.replaceChildren(h("div", { class: "card empty" }, icon("list-check"), h("h2", {}, title), h("p", {}, text), h("p", { class: "actions justify-content-center" }, ways)));
}

const gone = () => message("This quiz is not in the draft", "It was removed, or the draft began anew since.", h("a", { class: "btn btn-primary", href: `/studio/courses/${course}` }, "Edit the course"));

function published() {
  const stem = module().stem_id;
  const begin = async () => {
    const { data } = await post("/course-drafts", { course_id: course });
    location.assign(`/studio/courses/${course}/modules/${data.modules.find((one) => one.stem_id === stem).id}`);
  };
  message(`Version ${store.doc.number} is published`, "It can't be changed any more. Begin a new draft to go on writing: learners see it once it is published.",
    h("button", { type: "button", class: "btn btn-primary", onclick: () => begin().catch(toastError) }, icon("pencil"), "Begin a new draft"),
    h("a", { class: "btn", href: `/studio/courses/${course}/preview#module:${wanted}` }, icon("eye"), "Preview"));
}

load().catch((problem) => place.replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), problem.message)));
