// A learning path: its texts, its courses in order, and its life.
import { get, post, put } from "/static/lib/api.js";
import { $, announce, confirmDialog, field, h, icon, iconButton, newId, setError, toast, toastError } from "/static/lib/dom.js";
import { courseSearch } from "/static/studio/coursesearch.js";
import { languages } from "/static/studio/languages.js";
import { STATES } from "/static/studio/paths.js";

const place = $("#path"), pathId = place.dataset.pathId;
let path, isDirty = false;
const saved = h("span", { class: "quiet", role: "status" });

const dirty = () => { isDirty = true; saved.textContent = "Not saved yet"; };
addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });

const body = () => ({
  path_id: pathId, title: path.title, summary: path.summary, description: path.description, language: path.language, is_ordered: path.is_ordered,
  items: path.items.map(({ course_id, is_required }) => ({ course_id, is_required })),
});

async function save() {
  if (!path.title.trim()) { setError($("#title"), "Give the path a title."); $("#title").focus(); return false; }
  try {
    path = (await put("/update-path", body(), { stay: true })).data;
    isDirty = false;
    saved.textContent = "Saved";
    head();
    return true;
  } catch (error) { toastError(error); return false; }
}

async function act(address, done) {
  if (isDirty && !(await save())) return;
  try { path = (await post(address, { path_id: pathId })).data; head(); toast(done); } catch (error) { toastError(error); }
  $("#actions .btn")?.focus();
}

const archive = async () => {
  if (await confirmDialog("Archive this path?", "Nobody new can set out on it. Who is on it goes on to its end, and certificates stay.", "Archive", "btn-primary")) act("/archive-path", "The path is archived.");
};

function head() {
  const [words, tone] = STATES[path.state];
  $("#path-title").textContent = path.title;
  $("#path-state").replaceChildren(h("span", { class: `badge ${tone}` }, words), h("span", { class: "badge" }, path.is_ordered ? "Ordered" : "Free"));
  $("#actions").replaceChildren(...(path.state === "published"
    ? [h("a", { class: "btn", href: `/paths/${pathId}` }, icon("eye"), "See it as a learner"), h("button", { type: "button", class: "btn", onclick: archive }, icon("archive"), "Archive")]
    : [h("button", { type: "button", class: "btn btn-primary", onclick: () => act("/publish-path", "The path is published.") }, icon("send"), path.state === "archived" ? "Bring back" : "Publish")]));
}

function move(at, by, list) {
  const [item] = path.items.splice(at, 1);
  path.items.splice(at + by, 0, item);
  dirty(); items(list);
  announce(`${item.title}: place ${at + by + 1} of ${path.items.length}`);
  const [up, down] = list.children[at + by].querySelectorAll(".moves button"), wanted = by < 0 ? up : down;
  (wanted.disabled ? (wanted === up ? down : up) : wanted).focus();
}

function remove(at, list) {
  const [item] = path.items.splice(at, 1);
  dirty(); items(list);
  announce(`${item.title} is taken out`);
  (list.children[Math.min(at, path.items.length - 1)]?.querySelector(".moves button:not(:disabled), .remove") || $("#course-search")).focus();
}

function items(list) {
  list.replaceChildren(...path.items.map((item, at) => h("li", {},
    h("span", { class: "place", "aria-hidden": "true" }, at + 1),
    h("span", { class: "grow" }, item.title, item.is_offered ? null : h("span", { class: "badge tone-warn" }, "No longer offered")),
    h("label", {}, h("input", { type: "checkbox", class: "form-check-input", checked: item.is_required, "aria-label": `${item.title} is required`, onchange: (event) => { item.is_required = event.target.checked; dirty(); } }), h("span", { "aria-hidden": "true" }, "Required")),
    h("span", { class: "moves" },
      iconButton("arrow-up", `Move ${item.title} up`, () => move(at, -1, list), { disabled: at === 0 }),
      iconButton("arrow-down", `Move ${item.title} down`, () => move(at, 1, list), { disabled: at === path.items.length - 1 })),
    iconButton("x", `Take ${item.title} out`, () => remove(at, list), { class: "btn btn-icon remove" }))));
}

function text(name, label, props = {}) {
  const { hint, optional, ...rest } = props;
  const control = h(rest.rows ? "textarea" : "input", { class: "form-control", id: name, value: path[name], autocomplete: "off", ...rest });
  control.addEventListener("input", () => { path[name] = control.value; setError(control, ""); dirty(); });
  return field(label, control, { hint, optional });
}

const card = (title, ...content) => {
  const id = newId("card");
  return h("section", { class: "card", "aria-labelledby": id }, h("div", { class: "card-header" }, h("h2", { id }, title)), h("div", { class: "card-body" }, content));
};

function order() {
  const name = newId("order");
  const choice = (value, label, hint) => h("label", { class: "choice" }, h("input", { class: "form-check-input", type: "radio", name, checked: path.is_ordered === value, onchange: () => { path.is_ordered = value; dirty(); } }), h("span", {}, h("span", { class: "choice-name" }, label), h("span", { class: "quiet" }, hint)));
  return h("fieldset", { class: "field" }, h("legend", { class: "form-label" }, "Order"),
    choice(true, "One after another", "A course opens when those before it are finished; learners are enrolled in each as it opens."),
    choice(false, "In any order", "All are open at once, and learners choose where to begin."));
}

function draw() {
  const list = h("ol", { class: "path-items", "aria-label": "Courses in their order" });
  const add = (course) => { path.items.push({ course_id: course.id, title: course.title, is_required: true, is_offered: true }); dirty(); items(list); };
  items(list);
  const { input, node } = courseSearch(() => path.items.map((item) => item.course_id), add, { id: "course-search" });
  const language = h("select", { class: "form-select", onchange: (event) => { path.language = event.target.value; dirty(); } }, languages(path.language));
  place.replaceChildren(h("div", {},
    card("About the path", text("title", "Title", { required: true, maxlength: 200 }), text("summary", "Summary", { maxlength: 500, rows: 2, hint: "One or two sentences for the list of paths." }), text("description", "Description", { maxlength: 5000, rows: 4, optional: true }), field("Language", language)),
    card("Courses", list, h("div", { class: "field" }, h("label", { class: "form-label", for: input.id }, "Add a course"), node), order()),
    h("div", { class: "path-foot" }, h("button", { type: "button", class: "btn btn-primary", id: "save", onclick: save }, "Save"), saved),
    h("p", { class: "quiet" }, "What you change in a published path holds for everybody who has not finished it.")));
  place.setAttribute("aria-busy", "false");
  head();
}

get(`/authored-paths/${pathId}`).then(({ data }) => { path = data; draw(); })
  .catch((error) => place.replaceChildren(h("div", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), error.message), h("a", { class: "btn", href: "/studio/paths" }, "Back to your paths")));
