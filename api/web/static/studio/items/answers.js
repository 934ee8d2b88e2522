// What is right: one editor for each kind of item. Each changes `item` in place and calls `changed()`; one that adds,
// removes or moves a row calls `reshaped(key)`, which draws the rows anew and puts the keyboard where `key` says.
import { field, h, icon, iconButton } from "/static/lib/dom.js";
import { MOST_CHOICES, newChoice } from "./kinds.js";
import { dragging, handle, moveButtons, moved } from "/static/lib/quiz/order.js";

const EDITORS = { single: choices, multiple: choices, ordering: choices, matching: choices, numeric, short_text: shortText, cloze };
const NAMES = { ordering: "Step", matching: "Entry" };
const MARKED = ["single", "multiple"];

export const answersEditor = (item, how) => EDITORS[item.kind](item, how);

function choices(item, how) {
  const move = (from, to) => {
    item.choices = moved(item.choices, from, to);
    how.reshaped();
  };
  const rows = item.choices.map((choice, at) => choiceRow(item, choice, at, move, how));
  const more = { ordering: "Add a step", matching: "Add a pair" }[item.kind] ?? "Add an answer";
  return [dragging(h("ol", { class: `choices choices-${item.kind}` }, rows), move), adder(more, item.choices.length < MOST_CHOICES, () => insertAfter(item, item.choices.length, how))];
}

function adder(label, isPossible, add) {
  return h("button", { type: "button", class: "btn btn-sm", disabled: !isPossible, onclick: add }, icon("plus"), label);
}

function choiceRow(item, choice, at, move, how) {
  const name = `${NAMES[item.kind] ?? "Answer"} ${at + 1}`;
  const remove = () => {
    item.choices = item.choices.filter((one) => one !== choice);
    how.reshaped(`${item.choices[Math.min(at, item.choices.length - 1)].id}-label`);
  };
  return h("li", { class: "choice" },
    handle(),
    mark(item, choice, name, how),
    line(choice, "label", name, { ...how, key: `${choice.id}-label`, onEnter: () => insertAfter(item, at, how) }),
    item.kind === "matching" && line(choice, "match", `Partner of entry ${at + 1}`, { ...how, placeholder: "Its partner" }),
    h("span", { class: "choice-tools" },
      moveButtons(name, at, item.choices.length, choice.id, move),
      iconButton("x", `Remove ${name}`, remove, { class: "btn btn-icon btn-sm", disabled: item.choices.length <= 2 })),
    MARKED.includes(item.kind)
      && line(choice, "feedback", `Feedback for ${name}`, { ...how, placeholder: "Feedback to this answer (optional)", size: "choice-feedback" }));
}

function mark(item, choice, name, how) {
  if (!MARKED.includes(item.kind)) return null;
  const isSingle = item.kind === "single";
  const tick = (event) => {
    if (isSingle) for (const one of item.choices) one.is_correct = one === choice;
    else choice.is_correct = event.target.checked;
    how.changed();
  };
  return h("input", {
    type: isSingle ? "radio" : "checkbox", class: "form-check-input", name: `right-${item.id}`, checked: choice.is_correct,
    "aria-label": `${name} is right`, title: `${name} is right`, dataset: { key: `${choice.id}-right` }, onchange: tick,
  });
}

function line(holder, property, label, { changed, key, onEnter, placeholder = "", size = "" }) {
  return h("input", {
    type: "text", class: `form-control ${size}`, value: holder[property] ?? "", placeholder: placeholder || label, "aria-label": label,
    maxlength: 500, dataset: key ? { key } : {},
    oninput: (event) => { holder[property] = event.target.value; changed(); },
    onkeydown: (event) => { if (onEnter && event.key === "Enter") { event.preventDefault(); onEnter(); } },
  });
}

function insertAfter(item, at, how) {
  if (item.choices.length >= MOST_CHOICES) return;
  const choice = newChoice();
  item.choices = item.choices.toSpliced(at + 1, 0, choice);
  how.reshaped(`${choice.id}-label`);
}

function numeric(item, { changed }) {
  const number = (property, label, hint, min) => field(label, h("input", {
    type: "number", step: "any", min, class: "form-control", value: item.spec[property] ?? "",
    oninput: ({ target }) => {
      item.spec[property] = Number.isFinite(target.valueAsNumber) ? target.valueAsNumber : { tolerance: 0 }[property] ?? null;
      if (target.validity.valid) changed();
    },
  }), { hint });
  return h("div", { class: "cols" },
    number("value", "The right number", "What a learner has to find."),
    number("tolerance", "Tolerance", "An answer this far off is right too; 0: none.", 0));
}

function accepted(holder, label, how, key) {
  const rows = holder.accepted.map((text, at) => {
    const entry = { text };
    const add = () => { holder.accepted.splice(at + 1, 0, ""); how.reshaped(`${key}-${at + 1}`); };
    const remove = () => { holder.accepted.splice(at, 1); how.reshaped(`${key}-${Math.max(0, at - 1)}`); };
    return h("li", { class: "choice" },
      line(entry, "text", `${label} ${at + 1}`, { changed: () => { holder.accepted[at] = entry.text; how.changed(); }, key: `${key}-${at}`, onEnter: add }),
      iconButton("x", `Remove ${label} ${at + 1}`, remove, { class: "btn btn-icon btn-sm", disabled: holder.accepted.length <= 1 }));
  });
  const more = () => { holder.accepted.push(""); how.reshaped(`${key}-${holder.accepted.length - 1}`); };
  return [h("ul", { class: "choices choices-texts" }, rows), adder("Add an accepted answer", holder.accepted.length < 20, more)];
}

function shortText(item, how) {
  const box = h("input", {
    type: "checkbox", class: "form-check-input", checked: item.spec.case_sensitive,
    onchange: (event) => { item.spec.case_sensitive = event.target.checked; how.changed(); },
  });
  return [accepted(item.spec, "Accepted answer", how, `${item.id}-accepted`), h("label", { class: "form-check" }, box, h("span", { class: "form-check-label" }, "Capital letters matter"))];
}

function cloze(item, how) {
  if (!item.spec.gaps.length) return h("p", { class: "quiet" }, "No gap yet: put the cursor where one belongs in the question and choose “Insert a gap”.");
  return item.spec.gaps.map((gap, at) => h("fieldset", { class: "gap" },
    h("legend", {}, `Gap ${at + 1}`),
    accepted(gap, `Gap ${at + 1}, accepted answer`, how, `${item.id}-gap${at}`)));
}
