// What a course is: its texts, its place in the catalogue, its cover, its authors, and what finishes it.
import { get, put } from "/static/lib/api.js";
import { field, h, newId, options, setError, toastError } from "/static/lib/dom.js";
import { languages } from "/static/studio/languages.js";
import { markdownField } from "/static/studio/markdown.js";
import { mediaField } from "/static/studio/mediafield.js";
import { chipsField, coursesField } from "/static/studio/pickers.js";

export const LEVELS = [["beginner", "Beginner"], ["intermediate", "Intermediate"], ["advanced", "Advanced"]];
const RULES = [
  ["all", "Every module is finished", "A learner has finished once all modules are done and quizzes are passed."],
  ["weighted", "Enough of the weight", "Each module has a weight; a learner has finished once the share below is reached."],
  ["minimum_score", "A minimum score", "A learner has finished once the quizzes' score reaches the mark below."],
];

const card = (title, ...content) => {
  const id = newId("card");
  return h("section", { class: "card", "aria-labelledby": id }, h("div", { class: "card-header" }, h("h2", { id }, title)), h("div", { class: "card-body" }, content));
};

export function detailsPanel(store) {
  const { doc } = store;
  const set = (name, what) => (value) => store.change(what, (draft) => { draft[name] = value; }, name);
  const text = (name, label, props = {}) => {
    const { hint, optional, ...rest } = props;
    const control = h(rest.rows ? "textarea" : "input", { class: "form-control", value: doc[name] ?? "", ...rest });
    control.addEventListener("input", () => {
      setError(control, rest.required && !control.value.trim() ? `Give the course a ${label.toLowerCase()}.` : "");
      set(name, label.toLowerCase())(control.value);
    });
    return field(label, control, { hint, optional });
  };
  const choice = (name, label, pairs) => field(label, h("select", { class: "form-select", onchange: (event) => set(name, label.toLowerCase())(event.target.value) }, pairs));
  return h("div", { class: "stack" },
    card("About the course",
      text("title", "Title", { required: true, maxlength: 200, autocomplete: "off" }),
      text("summary", "Summary", { maxlength: 500, rows: 2, hint: "One or two sentences for the catalogue." }),
      markdownField("Description", doc.description, set("description", "description"), { optional: true }),
      h("div", { class: "cols" }, text("category", "Category", { maxlength: 200, autocomplete: "off", list: "categories" }),
        choice("difficulty", "Difficulty", options(LEVELS, doc.difficulty)), choice("language", "Language", languages(doc.language))),
      chipsField("Skills", doc.skills, set("skills", "skills"), { optional: true, hint: "What a learner can do afterwards. Enter adds one." })),
    card("Cover", cover(store)),
    card("Who writes it", authors(store)),
    card("Before and after", coursesField("Prerequisites", doc.prerequisites, set("prerequisites", "prerequisites"), { except: doc.course_id, hint: "Courses that a learner finishes before this one." }), completion(store)));
}

function cover(store) {
  const { doc } = store;
  const alt = h("input", { class: "form-control", value: doc.cover?.alt ?? "", maxlength: 500, autocomplete: "off", oninput: () => store.change("the cover's description", (draft) => { if (draft.cover) draft.cover.alt = alt.value; }, "cover-alt") });
  const words = field("What the picture shows", alt, { hint: "For people who can't see it. Publishing asks for it." });
  words.hidden = !doc.cover;
  const picture = h("div", { class: "cover-shown", hidden: true });
  return [mediaField("image", {
    key: "cover", value: doc.cover?.media_id ?? null, label: "Cover picture",
    onchange: (id) => { store.change("the cover", (draft) => { draft.cover = id ? { media_id: id, alt: alt.value } : null; }); words.hidden = !id; },
    shown: (asset) => { picture.hidden = !asset?.links?.url || asset.status !== "ready"; picture.replaceChildren(...(picture.hidden ? [] : [h("img", { src: asset.links.url, alt: "" })])); },
  }), picture, words];
}

function authors(store) {
  const place = h("div", { class: "always" }, h("p", { class: "quiet" }, "Loading…"));
  const path = `/course-authors?course_id=${store.courseId}`;
  get(path).then(({ data }) => place.replaceChildren(
    h("p", { class: "quiet" }, "Co-authors edit, publish and read how the course does, like its owner."),
    chipsField("Co-authors", data.items.map((one) => one.email), (emails) => put("/course-authors", { course_id: store.courseId, emails }),
      { type: "email", placeholder: "name@company.com", hint: "A colleague's e-mail. Only the owner names them.", optional: true, most: 20, maxlength: 320, check: (word) => (/^\S+@\S+\.\S+$/.test(word) ? "" : "Write a whole e-mail address.") })),
  ).catch((error) => { place.replaceChildren(h("p", { class: "form-error" }, error.message)); toastError(error); });
  return place;
}

function number(label, value, onchange, { min = 1, max = 100, hint, optional, unit = "%" } = {}) {
  const control = h("input", { class: "form-control", type: "number", min, max, value: value ?? "", inputmode: "numeric" });
  control.addEventListener("input", () => {
    const told = control.value === "" ? null : Number(control.value);
    const isWrong = (told === null && !optional) || (told !== null && (!Number.isInteger(told) || told < min || told > max));
    setError(control, isWrong ? `Give a whole number from ${min} to ${max}.` : "");
    if (!isWrong) onchange(told);
  });
  return field(unit ? `${label} (${unit})` : label, control, { hint, optional });
}
export { number as numberField };

function completion(store) {
  const { doc } = store, name = newId("rule");
  const minimum = number("Needed", doc.completion.minimum_percent ?? 80, (value) => store.change("the completion rule", (draft) => { draft.completion.minimum_percent = value; }, "minimum"));
  minimum.hidden = doc.completion.rule === "all";
  const pick = (rule) => {
    store.change("the completion rule", (draft) => {
      draft.completion.rule = rule;
      draft.completion.minimum_percent = rule === "all" ? null : draft.completion.minimum_percent ?? 80;
    });
    minimum.hidden = rule === "all";
  };
  return [h("fieldset", { class: "field" }, h("legend", { class: "form-label" }, "What finishes the course"),
    RULES.map(([rule, label, hint]) => h("label", { class: "choice" },
      h("input", { class: "form-check-input", type: "radio", name, value: rule, checked: doc.completion.rule === rule, onchange: () => pick(rule) }),
      h("span", {}, h("span", { class: "choice-name" }, label), h("span", { class: "quiet" }, hint))))),
    h("div", { class: "cols" }, minimum,
      number("Pass mark of quizzes", doc.pass_percent, (value) => store.change("the pass mark", (draft) => { draft.pass_percent = value; }, "pass")),
      number("Watched of each video, at least", doc.completion.minimum_watch_percent, (value) => store.change("the watch share", (draft) => { draft.completion.minimum_watch_percent = value; }, "watch"), { optional: true, hint: "Empty: pressing on to the end is enough." }))];
}
