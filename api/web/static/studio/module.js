// One module: its title, what it shows, and what only its kind has.
import { field, h, icon, newId, options, plural, setError } from "/static/lib/dom.js";
import { captionsField } from "/static/studio/captions.js";
import { numberField } from "/static/studio/details.js";
import { attendance, liveFields } from "/static/studio/live.js";
import { markdownField } from "/static/studio/markdown.js";
import { mediaField } from "/static/studio/mediafield.js";
import { KINDS } from "/static/studio/outline.js";

// A change of this module wherever it stands by now.
const changer = (store, id) => (what, run, mark) => store.change(what, (doc) => { const module = doc.modules.find((one) => one.id === id); if (module) run(module); }, mark && `${id}/${mark}`);

export function modulePanel(store, module, { onremove }) {
  const change = changer(store, module.id), kind = KINDS[module.kind], id = newId("card");
  const body = KIND_FIELDS[module.kind]({ store, module, change });
  return h("div", { class: "stack" },
    h("section", { class: "card", "aria-labelledby": id },
      h("div", { class: "card-header" }, icon(kind.icon), h("h2", { id }, kind.name),
        store.isEditable ? h("button", { type: "button", class: "btn btn-sm", onclick: onremove }, icon("trash"), "Delete module") : null),
      h("div", { class: "card-body" }, titleField(module, change), body, common({ store, module, change }))),
    module.kind === "live" ? attendance(store, module) : null);
}

function titleField(module, change) {
  const control = h("input", { class: "form-control", value: module.title, maxlength: 200, required: true, autocomplete: "off", "data-first": "" });
  control.addEventListener("input", () => {
    setError(control, control.value.trim() ? "" : "Give the module a title.");
    change("the title", (one) => { one.title = control.value; }, "title");
  });
  return field("Title", control);
}

function common({ store, module, change }) {
  const section = h("select", { class: "form-select", onchange: () => change("the section", (one) => { one.section_id = section.value || null; }) },
    options([["", "No section"], ...store.doc.sections.map((one) => [one.id, one.title || "Untitled section"])], module.section_id ?? ""));
  const minutes = numberField("Takes a learner", Math.max(1, Math.round(module.duration_s / 60)), (value) => change("the duration", (one) => { one.duration_s = value * 60; }, "duration"), { min: 1, max: 1440, unit: "minutes" });
  const weight = store.doc.completion.rule === "weighted"
    ? numberField("Weight", module.weight, (value) => change("the weight", (one) => { one.weight = value; }, "weight"), { min: 0, max: 100, unit: "", hint: "For the completion rule; 0 counts for nothing." }) : null;
  return h("div", { class: "cols" }, minutes, store.doc.sections.length ? field("Section", section) : null, weight);
}

const intro = ({ module, change }) => markdownField("Introduction", module.body, (text) => change("the introduction", (one) => { one.body = text; }, "body"), { rows: 4, optional: true, hint: "Markdown, shown above. The preview is what learners see." });

function fileOf(kind, { module, change }, { shown } = {}) {
  return mediaField(kind, {
    key: module.id, value: module.media_id, label: `${KINDS[module.kind].name}: file`,
    shown: (asset) => {
      // a minute is what a new module has: as long as nobody said otherwise, the film says how long it takes
      if (asset?.status === "ready" && module.media_id === asset.id && module.duration_s === 60 && asset.duration_s > 60) change("the duration", (one) => { one.duration_s = Math.ceil(asset.duration_s); });
      shown?.(asset);
    },
    onchange: (id) => change("the file", (one) => { one.media_id = id; module.media_id = id; }),
  });
}

function video(args) {
  const captions = h("div", {});
  return [fileOf("video", args, { shown: (asset) => captions.replaceChildren(...(asset && asset.status !== "failed" ? [captionsField(asset)] : [])) }), captions, intro(args)];
}

function link({ module, change }) {
  const control = h("input", { class: "form-control", type: "url", value: module.url, maxlength: 2000, placeholder: "https://", autocomplete: "off", inputmode: "url" });
  control.addEventListener("input", () => {
    const told = control.value.trim(), isRight = !told || /^https?:\/\/[^\s/]+\S*$/.test(told);
    setError(control, isRight ? "" : "Give an address that begins with https:// or http://.");
    if (isRight) change("the address", (one) => { one.url = told; }, "url");
  });
  return field("Address", control, { hint: "Opens in a new tab. Learners confirm that they have read it." });
}

function quiz({ store, module }) {
  const draws = (module.settings?.draws || []).reduce((sum, one) => sum + one.count, 0), count = module.questions.length + draws;
  const { attempts, time_limit_s: limit, pass_percent: pass } = module.settings || {};
  const facts = [attempts ? plural(attempts, "attempt") : "any number of attempts", limit ? `${Math.round(limit / 60)} min` : "no time limit", `pass mark ${pass ?? store.doc.pass_percent} %`];
  return h("div", { class: "quiz-box" }, h("div", {}, h("strong", {}, count ? plural(count, "question") : "No question yet"), draws ? h("span", { class: "quiet" }, ` (${draws} drawn from banks)`) : null, h("div", { class: "quiet" }, facts.join(" · "))),
    h("a", { class: "btn btn-primary", href: `/studio/courses/${store.courseId}/modules/${module.id}`, "data-saves": "" }, icon("pencil"), count ? "Edit questions" : "Write questions"));
}

const KIND_FIELDS = {
  video,
  document: (args) => [fileOf("document", args), intro(args)],
  package: (args) => [fileOf("package", args), intro(args)],
  text: ({ module, change }) => markdownField("Text", module.body, (text) => change("the text", (one) => { one.body = text; }, "body"), { rows: 14 }),
  link: (args) => [link(args), intro(args)],
  quiz: (args) => [quiz(args), intro(args)],
  live: (args) => [liveFields(args), intro(args)],
};

export function sectionPanel(store, section, { onremove, onadd }) {
  const id = newId("card"), count = store.doc.modules.filter((module) => module.section_id === section.id).length;
  const control = h("input", { class: "form-control", value: section.title, maxlength: 200, required: true, autocomplete: "off", "data-first": "" });
  control.addEventListener("input", () => {
    setError(control, control.value.trim() ? "" : "Give the section a title.");
    store.change("the section's title", (doc) => { const one = doc.sections.find((other) => other.id === section.id); if (one) one.title = control.value; }, `${section.id}/title`);
  });
  return h("section", { class: "card", "aria-labelledby": id },
    h("div", { class: "card-header" }, icon("folder"), h("h2", { id }, "Section"), store.isEditable ? h("button", { type: "button", class: "btn btn-sm", onclick: onremove }, icon("trash"), "Delete section") : null),
    h("div", { class: "card-body" }, field("Title", control), h("p", { class: "quiet" }, count ? `${plural(count, "module")} below this heading.` : "No module yet."),
      h("button", { type: "button", class: "btn", onclick: onadd }, icon("plus"), "Add a module here")));
}

