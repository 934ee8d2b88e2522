// One question, every kind by mouse or keyboard. `given` is the answer as the API takes it: what is in it already is
// shown, each change is in it at once and told by `changed(given)`.
import { field, h, newId, options } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { GAP, gapNumbers } from "./gaps.js";
import { dragging, handle, moveButtons, moved } from "./order.js";
import { redraw } from "./redraw.js";

const ASKED = { single: pick, multiple: pick, ordering: order, matching: match, numeric: typed, short_text: typed, cloze: gaps };
const NOTES = {
  multiple: () => _("choose all that are right"), ordering: () => _("put in order"), matching: () => _("match each with its partner"),
  numeric: () => _("a number alone, without a unit"),
};
const empty = () => _("(no text yet)"); // in a draft

export function ask(question, at, { given = {}, changed = () => {} } = {}) {
  given.question_id = question.id;
  const legend = newId("asked"), hint = newId("note");
  const holder = h("div", { class: "quiz-answers" });
  const context = { holder, legend, hint, tell: () => changed(given) };
  redraw(holder, ASKED[question.kind](question, given, context));
  const note = NOTES[question.kind]?.();
  const text = question.kind === "cloze" ? _("Fill the gaps") : question.prompt || empty();
  const result = h("div", { class: "quiz-result" });
  const node = h("fieldset", { class: "quiz-question", id: `question-${question.id}`, tabindex: -1 },
    h("legend", { id: legend }, `${at + 1}. ${text}`, note && h("span", { class: "quiet quiz-note", id: hint }, ` (${note})`)),
    question.image && h("img", { class: "quiz-picture", src: question.image.url, alt: question.image.alt }),
    holder, result);
  return { question, given, result, node };
}

// Whether there is an answer to it; an order is one once somebody moved something, or said that it is right as it is.
export function isAnswered(question, given) {
  if (question.kind === "matching") return (given.pairs ?? []).length === question.choices.length;
  if (question.kind === "cloze") return (given.gaps ?? []).length > 0 && given.gaps.every((text) => text.trim());
  return Boolean(given.choice_ids?.length || given.order?.length || given.number?.trim() || given.text?.trim());
}

function pick(question, given, { tell }) {
  const type = question.kind === "single" ? "radio" : "checkbox";
  const name = newId("pick");
  given.choice_ids ??= [];
  return question.choices.map((choice) => h("label", { class: "form-check" },
    h("input", { type, name, class: "form-check-input", checked: given.choice_ids.includes(choice.id), onchange: ({ target }) => {
      const others = type === "radio" ? [] : given.choice_ids.filter((one) => one !== choice.id);
      given.choice_ids = target.checked ? [...others, choice.id] : others;
      tell();
    } }),
    h("span", { class: "form-check-label" }, choice.label || empty())));
}

function order(question, given, { holder, tell }) {
  const labels = Object.fromEntries(question.choices.map((choice) => [choice.id, choice.label || empty()]));
  const shown = () => (given.order?.length ? given.order : question.choices.map((choice) => choice.id));
  const set = (ids) => {
    given.order = ids;
    redraw(holder, list());
    tell();
  };
  const move = (from, to) => set(moved(shown(), from, to));
  const list = () => [
    dragging(h("ol", { class: "quiz-order" }, shown().map((id, at, all) => h("li", {},
      handle(), h("span", { class: "flex-fill" }, labels[id]), moveButtons(labels[id], at, all.length, id, move)))), move),
    given.order?.length ? null : h("button", { type: "button", class: "btn btn-sm", dataset: { key: "as-it-is" }, onclick: () => { set(shown()); holder.querySelector("[data-key]:not(:disabled)")?.focus(); } }, _("This order is right"))];
  return list();
}

function match(question, given, { tell }) {
  given.pairs ??= [];
  const partners = [["", _("Choose …")], ...question.matches.map((text) => [text, text])];
  return h("div", { class: "quiz-pairs" }, question.choices.map((choice) => {
    const chosen = given.pairs.find((pair) => pair.choice_id === choice.id)?.match ?? "";
    return field(choice.label || empty(), h("select", { class: "form-select", onchange: ({ target }) => {
      const others = given.pairs.filter((pair) => pair.choice_id !== choice.id);
      given.pairs = target.value ? [...others, { choice_id: choice.id, match: target.value }] : others;
      tell();
    } }, options(partners, chosen)));
  }));
}

function typed(question, given, { legend, tell }) {
  const name = question.kind === "numeric" ? "number" : "text";
  return h("input", {
    type: "text", inputmode: name === "number" ? "decimal" : null, class: "form-control quiz-typed", autocomplete: "off", maxlength: name === "number" ? 50 : 500,
    "aria-labelledby": legend, value: given[name] ?? "", oninput: (event) => { given[name] = event.target.value; tell(); },
  });
}

function gaps(question, given, { tell }) {
  const count = Math.max(0, ...gapNumbers(question.prompt));
  given.gaps = Array.from({ length: count }, (_none, at) => given.gaps?.[at] ?? "");
  return h("p", { class: "quiz-cloze" }, question.prompt.split(GAP).map((part, at) => at % 2 === 0 ? part : h("input", {
    type: "text", class: "form-control", "aria-label": _("Gap {n}", { n: part }), autocomplete: "off", maxlength: 500, value: given.gaps[Number(part) - 1],
    oninput: (event) => { given.gaps[Number(part) - 1] = event.target.value; tell(); },
  })));
}
